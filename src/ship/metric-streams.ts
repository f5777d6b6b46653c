import { ATTR } from '../conventions.ts';
import type { KeyValue, Metric, Scope } from '../rollup/request.ts';
import { canonicalKey } from '../rollup/wire-attributes.ts';
import type { SavedStream } from './saved-stream.ts';
import { Stream } from './stream.ts';
import type { Kind } from './value.ts';

/** What all streams of one metric share. */
export interface Described {
  readonly scope: { readonly name: string; readonly version: string };
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly kind: Kind;
}

export interface Limits {
  /** Most streams of one metric, the overflow stream included. */
  readonly maxSeries: number;
  readonly delta: boolean;
}

const OVERFLOW: readonly KeyValue[] = [{ key: ATTR.METRIC_OVERFLOW, value: { boolValue: true } }];
const OVERFLOW_KEY = canonicalKey(OVERFLOW);
/** Streams that stood still for so long make room when their metric is full; coming back they begin at zero. */
const IDLE = 24 * 3_600_000;
/** How often at most to look for such streams. */
const SWEEP = 10_000;

/** The streams of one metric of one service, found by their attributes; too many share the overflow stream. */
export class MetricStreams {
  readonly described: Described;
  readonly #limits: Limits;
  readonly #streams = new Map<string, Stream>();
  #swept = 0;

  constructor(described: Described, limits: Limits) {
    this.described = described;
    this.#limits = limits;
  }

  get all(): Iterable<Stream> {
    return this.#streams.values();
  }

  find(attributes: readonly KeyValue[], bounds: readonly number[], now: number): Stream {
    const key = canonicalKey(attributes);
    return this.#streams.get(key) ?? this.#add(key, attributes, bounds, now);
  }

  #add(key: string, attributes: readonly KeyValue[], bounds: readonly number[], now: number): Stream {
    const { maxSeries, delta } = this.#limits;
    if (key !== OVERFLOW_KEY && this.#isFull(maxSeries, now)) return this.find(OVERFLOW, bounds, now);
    const stream = new Stream(this.described.kind, attributes, bounds, delta);
    this.#streams.set(key, stream);
    return stream;
  }

  #isFull(maxSeries: number, now: number): boolean {
    const isFull = (): boolean => this.#streams.size - (this.#streams.has(OVERFLOW_KEY) ? 1 : 0) >= Math.max(1, maxSeries - 1);
    if (!isFull() || Math.abs(now - this.#swept) < SWEEP) return isFull();
    this.#swept = now;
    for (const [key, stream] of this.#streams) if (key !== OVERFLOW_KEY && stream.isIdle(now, IDLE)) this.#streams.delete(key);
    return isFull();
  }

  save(): SavedMetric {
    return { ...this.described, streams: Array.from(this.#streams.values(), (stream) => stream.save()) };
  }

  static restore({ streams, ...described }: SavedMetric, limits: Limits): MetricStreams {
    const metric = new MetricStreams(described, limits);
    for (const saved of streams) metric.#streams.set(canonicalKey(saved.attributes), Stream.restore(described.kind, saved, limits.delta));
    return metric;
  }
}

export interface SavedMetric extends Described {
  readonly streams: readonly SavedStream[];
}

/** A metric as found in a line, as it is shipped; undefined where it cannot be. */
export function describe(scope: Scope, { name, description, unit, type, isMonotonic, isDelta }: Metric, explicit: boolean): Described | undefined {
  if (type === undefined || (type !== 'gauge' && !isDelta)) return undefined;
  const kind = type === 'gauge' ? 'gauge' : type === 'sum' ? (isMonotonic ? 'counter' : 'updowncounter') : type === 'histogram' || explicit ? 'explicit' : 'exponential';
  return { scope: { name: scope.name, version: scope.version }, name, description, unit, kind };
}

/** The version of a library is not told apart: backends would see the same series twice. */
export function describedKey({ scope, name, unit, kind }: Described): string {
  return JSON.stringify([scope.name, name, unit, kind]);
}
