import type { Instrument } from '../conventions.ts';
import { ExponentialHistogram } from './exponential-histogram.ts';

/** One measurement that leads from a number back to its trace. */
export interface Exemplar {
  /** Epoch milliseconds. */
  time: number;
  value: number;
  traceId: string;
  spanId: string;
}

/**
 * What one series has gathered since somebody looked: a sum or a histogram, and two exemplars, the latest and
 * the greatest. Merging two in any order gives the same.
 */
export class Accumulation {
  value = 0;
  readonly histogram: ExponentialHistogram | undefined;
  latest: Exemplar | undefined;
  greatest: Exemplar | undefined;

  constructor(type: Instrument['type']) {
    this.histogram = type === 'histogram' ? new ExponentialHistogram() : undefined;
  }

  record(value: number): void {
    if (this.histogram !== undefined) this.histogram.record(value);
    else this.value += value;
  }

  /** The objects are reused, so that a measurement allocates nothing. */
  sample(time: number, value: number, traceId: string, spanId: string): void {
    const { latest, greatest } = this;
    if (latest === undefined || greatest === undefined) {
      this.latest = { time, value, traceId, spanId };
      this.greatest = { time, value, traceId, spanId };
      return;
    }
    set(latest, time, value, traceId, spanId);
    if (value >= greatest.value) set(greatest, time, value, traceId, spanId);
  }

  /** `other` is not changed. */
  merge(other: Accumulation): void {
    this.value += other.value;
    if (this.histogram !== undefined && other.histogram !== undefined) this.histogram.merge(other.histogram);
    if (other.latest !== undefined && (this.latest === undefined || isAfter(other.latest, this.latest))) this.latest = { ...other.latest };
    if (other.greatest !== undefined && (this.greatest === undefined || isAbove(other.greatest, this.greatest))) this.greatest = { ...other.greatest };
  }

  clone(): Accumulation {
    const copy = new Accumulation(this.histogram === undefined ? 'counter' : 'histogram');
    copy.merge(this);
    return copy;
  }
}

function set(exemplar: Exemplar, time: number, value: number, traceId: string, spanId: string): void {
  exemplar.time = time;
  exemplar.value = value;
  exemplar.traceId = traceId;
  exemplar.spanId = spanId;
}

function isAfter(a: Exemplar, b: Exemplar): boolean {
  return a.time !== b.time ? a.time > b.time : a.spanId > b.spanId;
}

function isAbove(a: Exemplar, b: Exemplar): boolean {
  return a.value !== b.value ? a.value > b.value : isAfter(a, b);
}
