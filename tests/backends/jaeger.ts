/** Jaeger's HTTP API. */

export interface JaegerSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly service: string;
  readonly tags: Readonly<Record<string, unknown>>;
}

interface WireSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly processID: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
}

interface WireTrace {
  readonly spans: readonly WireSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

export class Jaeger {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Undefined: there is no such trace (yet). */
  async trace(traceId: string): Promise<JaegerSpan[] | undefined> {
    const traces = await this.#get(`traces/${traceId}`);
    return traces?.[0] && spans(traces[0]);
  }

  /** Traces with a span that has these tags. */
  async find(service: string, tags: Readonly<Record<string, string>>, limit = 1500): Promise<JaegerSpan[][]> {
    const found = await this.#get(`traces?${new URLSearchParams({ service, tags: JSON.stringify(tags), lookback: '1h', limit: String(limit) })}`);
    return (found ?? []).map(spans);
  }

  async #get(path: string): Promise<readonly WireTrace[] | undefined> {
    const response = await fetch(`${this.url}/api/${path}`);
    if (response.status === 404) return undefined;
    const { data } = (await response.json()) as { data: readonly WireTrace[] | null };
    return data ?? undefined;
  }
}

function spans({ spans: found, processes }: WireTrace): JaegerSpan[] {
  return found.map(({ traceID, spanID, operationName, processID, references, tags }) => ({
    traceId: traceID,
    spanId: spanID,
    parentSpanId: references.find(({ refType }) => refType === 'CHILD_OF')?.spanID,
    name: operationName,
    service: processes[processID]!.serviceName,
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  }));
}
