/** Points put together as OTLP/JSON metrics requests of a bounded size. */
import { requestLine, scopeMetricsJson } from '../rollup/otlp.ts';
import type { Described } from './metric-streams.ts';

const CUMULATIVE = 2;
const DELTA = 1;

/** What stands before and after the points in a request, in bytes, for each level. */
const LEVEL = 160;

export interface Request<Item> {
  readonly json: string;
  /** Whose points are in it. */
  readonly items: readonly Item[];
}

/** Takes points one by one, those of one resource and one metric after each other, and cuts where `maxBytes` would be passed. */
export class Requests<Item> {
  readonly #maxBytes: number;
  readonly #delta: boolean;
  readonly #done: Request<Item>[] = [];
  #resources: string[] = [];
  #scopes: string[] = [];
  #points: string[] = [];
  #items: Item[] = [];
  #bytes = 0;
  #resource = '';
  #metric: Described | undefined;

  constructor(maxBytes: number, delta: boolean) {
    this.#maxBytes = maxBytes;
    this.#delta = delta;
  }

  /** `resource` is a JSON array; `points` the inner part of one. */
  add(resource: string, metric: Described, points: string, item: Item): void {
    const { name, description, unit, scope } = metric;
    let bytes = Buffer.byteLength(points) + 1;
    if (resource !== this.#resource) bytes += Buffer.byteLength(resource) + LEVEL;
    if (resource !== this.#resource || metric !== this.#metric) bytes += Buffer.byteLength(name + description + unit + scope.name + scope.version) + 2 * LEVEL;
    if (this.#items.length > 0 && this.#bytes + bytes > this.#maxBytes) {
      this.#cut();
      this.add(resource, metric, points, item);
      return;
    }
    if (resource !== this.#resource) this.#endResource();
    else if (metric !== this.#metric) this.#endMetric();
    this.#resource = resource;
    this.#metric = metric;
    this.#points.push(points);
    this.#items.push(item);
    this.#bytes += bytes;
  }

  end(): Request<Item>[] {
    this.#cut();
    return this.#done;
  }

  #cut(): void {
    this.#endResource();
    if (this.#items.length > 0) this.#done.push({ json: `{"resourceMetrics":[${this.#resources.join(',')}]}`, items: this.#items });
    this.#resources = [];
    this.#items = [];
    this.#bytes = 0;
    this.#resource = '';
  }

  #endResource(): void {
    this.#endMetric();
    if (this.#scopes.length === 0) return;
    const request = requestLine(this.#resource, this.#scopes.join(','));
    this.#resources.push(request.slice('{"resourceMetrics":['.length, -2));
    this.#scopes = [];
  }

  #endMetric(): void {
    const metric = this.#metric;
    if (metric === undefined || this.#points.length === 0) return;
    this.#scopes.push(scopeMetricsJson(metric.scope.name, metric.scope.version, '', metricJson(metric, this.#delta, this.#points.join(','))));
    this.#points = [];
    this.#metric = undefined;
  }
}

function metricJson({ name, description, unit, kind }: Described, delta: boolean, points: string): string {
  const head = `{"name":${JSON.stringify(name)},"description":${JSON.stringify(description)},"unit":${JSON.stringify(unit)}`;
  if (kind === 'gauge') return `${head},"gauge":{"dataPoints":[${points}]}}`;
  const temporality = `"aggregationTemporality":${delta && kind !== 'updowncounter' ? DELTA : CUMULATIVE}`;
  if (kind === 'counter' || kind === 'updowncounter') return `${head},"sum":{${temporality},"isMonotonic":${kind === 'counter'},"dataPoints":[${points}]}}`;
  return `${head},"${kind === 'explicit' ? 'histogram' : 'exponentialHistogram'}":{${temporality},"dataPoints":[${points}]}}`;
}
