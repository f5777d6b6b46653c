/** Base-2 exponential histograms, by the OpenTelemetry metrics data model. */
import { Buckets, bucketIndex, bucketMiddle } from './buckets.ts';

/** OpenTelemetry's defaults: at most 160 buckets of each sign, the finest scale 20. */
const MAX_SIZE = 160;
const MAX_SCALE = 20;

/** A histogram as OTLP and the SDK's metric data have it. */
export interface HistogramPoint {
  readonly count: number;
  readonly sum: number;
  /** +Infinity when empty. */
  readonly min: number;
  /** -Infinity when empty. */
  readonly max: number;
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: { readonly offset: number; readonly bucketCounts: readonly number[] };
  readonly negative: { readonly offset: number; readonly bucketCounts: readonly number[] };
}

/** How far two ranges of indexes must be scaled down so that together they fit. */
function excess(low: number, high: number): number {
  let change = 0;
  while (high - low >= MAX_SIZE) {
    low >>= 1;
    high >>= 1;
    change++;
  }
  return change;
}

/**
 * Base-2 exponential histogram that agrees bucket for bucket with `@opentelemetry/sdk-metrics`. Merging is
 * associative and commutative: the scale of the result is the finest one at which all the values fit, so it
 * does not depend on the order. (The sum is a float and may differ in the last digit.)
 */
export class ExponentialHistogram {
  count = 0;
  sum = 0;
  zeroCount = 0;
  min = Infinity;
  max = -Infinity;
  readonly positive = new Buckets();
  readonly negative = new Buckets();
  #scale = MAX_SCALE;

  /** Without a value other than 0 the scale says nothing, and is 0 as in the SDK. */
  get scale(): number {
    return this.#isScaled() ? this.#scale : 0;
  }

  /** Largest relative distance of `quantile()` from the true value, for values of at least 2^-1022. */
  get relativeError(): number {
    const base = 2 ** (2 ** -this.scale);
    return (base - 1) / (base + 1);
  }

  /** `value` must be finite; the caller has checked it. */
  record(value: number): void {
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (value === 0) {
      this.zeroCount++;
      return;
    }
    this.sum += value;
    const buckets = value > 0 ? this.positive : this.negative;
    const magnitude = Math.abs(value);
    let index = bucketIndex(magnitude, this.#scale);
    const { offset, counts } = buckets;
    const position = index - offset;
    if (position >= 0 && position < counts.length) {
      counts[position]!++;
      return;
    }
    if (counts.length > 0) {
      const change = excess(Math.min(offset, index), Math.max(offset + counts.length - 1, index));
      if (change > 0) {
        this.#downscale(change);
        index = bucketIndex(magnitude, this.#scale);
      }
    }
    buckets.add(index, 1);
  }

  /** Adds another histogram, or one read back; it is not changed. Buckets may have zeros at their ends. */
  merge(other: ExponentialHistogram | HistogramPoint): void {
    this.count += other.count;
    this.sum += other.sum;
    this.zeroCount += other.zeroCount;
    if (other.min < this.min) this.min = other.min;
    if (other.max > this.max) this.max = other.max;
    const positive = occupied(other.positive);
    const negative = occupied(other.negative);
    if (positive === undefined && negative === undefined) return;
    const theirs = other.scale;
    const common = Math.min(this.#scale, theirs);
    const change = Math.max(this.#excessWith(this.positive, positive, theirs, common), this.#excessWith(this.negative, negative, theirs, common));
    const scale = common - change;
    if (scale < this.#scale) this.#downscale(this.#scale - scale);
    if (positive !== undefined) addAll(this.positive, positive, theirs - scale);
    if (negative !== undefined) addAll(this.negative, negative, theirs - scale);
  }

  clone(): ExponentialHistogram {
    const copy = new ExponentialHistogram();
    copy.merge(this);
    return copy;
  }

  /** A copy, as the SDK's metric data has it. */
  toPoint() {
    const { count, sum, min, max, scale, zeroCount, positive, negative } = this;
    return {
      count,
      sum,
      min,
      max,
      scale,
      zeroCount,
      positive: { offset: positive.offset, bucketCounts: [...positive.counts] },
      negative: { offset: negative.offset, bucketCounts: [...negative.counts] },
    };
  }

  /**
   * The value at rank ⌈q · count⌉, `q` from 0 to 1, not further from the true one than `relativeError`.
   * NaN when empty.
   */
  quantile(q: number): number {
    if (this.count === 0) return NaN;
    const within = (value: number): number => Math.min(Math.max(value, this.min), this.max);
    let left = Math.max(1, Math.ceil(q * this.count));
    const { positive, negative } = this;
    for (let i = negative.counts.length - 1; i >= 0; i--) {
      left -= negative.counts[i]!;
      if (left <= 0) return within(-bucketMiddle(negative.offset + i, this.#scale));
    }
    left -= this.zeroCount;
    if (left <= 0) return 0;
    for (let i = 0; i < positive.counts.length; i++) {
      left -= positive.counts[i]!;
      if (left <= 0) return within(bucketMiddle(positive.offset + i, this.#scale));
    }
    return this.max;
  }

  #isScaled(): boolean {
    return this.positive.counts.length > 0 || this.negative.counts.length > 0;
  }

  #downscale(by: number): void {
    this.positive.downscale(by);
    this.negative.downscale(by);
    this.#scale -= by;
  }

  #excessWith(ours: Buckets, theirs: Range | undefined, theirScale: number, common: number): number {
    if (theirs === undefined) return 0;
    let low = theirs.low >> (theirScale - common);
    let high = theirs.high >> (theirScale - common);
    if (ours.counts.length > 0) {
      low = Math.min(low, ours.offset >> (this.#scale - common));
      high = Math.max(high, (ours.offset + ours.counts.length - 1) >> (this.#scale - common));
    }
    return excess(low, high);
  }
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly offset: number;
  readonly counts: readonly number[];
}

/** The part of some buckets that is not 0 at its ends, if there is any. */
function occupied(buckets: Buckets | HistogramPoint['positive']): Range | undefined {
  const counts = buckets instanceof Buckets ? buckets.counts : buckets.bucketCounts;
  let first = 0;
  let last = counts.length - 1;
  while (first <= last && counts[first] === 0) first++;
  while (last >= first && counts[last] === 0) last--;
  if (first > last) return undefined;
  return { low: buckets.offset + first, high: buckets.offset + last, offset: buckets.offset, counts };
}

function addAll(ours: Buckets, theirs: Range, shift: number): void {
  ours.reserve(theirs.low >> shift, theirs.high >> shift);
  const into = ours.counts;
  const { offset, counts } = theirs;
  const last = theirs.high - offset;
  for (let i = theirs.low - offset; i <= last; i++) into[((offset + i) >> shift) - ours.offset]! += counts[i]!;
}
