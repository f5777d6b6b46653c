/** Prometheus's HTTP API. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** Of a number; NaN for a histogram. */
  readonly value: number;
  /** `ratio`: between the bounds of a bucket, the widest. */
  readonly histogram: { readonly count: number; readonly sum: number; readonly ratio: number } | undefined;
}

export class Prometheus {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** @param at - epoch seconds */
  async query(query: string, at?: number): Promise<Sample[]> {
    const { result } = await this.#get<{ result: readonly Result[] }>('query', { query, ...(at !== undefined && { time: String(at) }) });
    return result.map(({ metric, value, histogram }) => ({
      labels: metric,
      value: value === undefined ? NaN : Number(value[1]),
      histogram: histogram && { count: Number(histogram[1].count), sum: Number(histogram[1].sum), ratio: Math.max(1, ...(histogram[1].buckets ?? []).map(([, low, high]) => Number(high) / Number(low)).filter(Number.isFinite)) },
    }));
  }

  /** Every series that matches, whether it has a value now or not. */
  series(match: string): Promise<readonly Readonly<Record<string, string>>[]> {
    return this.#get('series', { 'match[]': match });
  }

  exemplars(query: string): Promise<readonly { readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[] }[]> {
    return this.#get('query_exemplars', { query, start: String(Date.now() / 1000 - 3600), end: String(Date.now() / 1000 + 60) });
  }

  async #get<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (error !== undefined) throw new Error(`${parameters.query ?? path}: ${error}`);
    return data;
  }
}

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly histogram?: readonly [number, { readonly count: string; readonly sum: string; readonly buckets?: readonly (readonly [number, string, string, string])[] }];
}
