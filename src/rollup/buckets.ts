/**
 * The buckets of one sign of a base-2 exponential histogram: bucket `i` at scale `s` counts values in
 * (2^(i / 2^s), 2^((i + 1) / 2^s)]. Spec: OpenTelemetry metrics data model, "ExponentialHistogram".
 */
export class Buckets {
  /** Index of `counts[0]`. */
  offset = 0;
  /** Never begins or ends with a zero, so that its length is the range of the values. */
  counts: number[] = [];

  add(index: number, count: number): void {
    const position = index - this.offset;
    if (position < 0 || position >= this.counts.length) this.reserve(index, index);
    this.counts[index - this.offset]! += count;
  }

  /** Makes room from `low` to `high`. The caller fills both ends. */
  reserve(low: number, high: number): void {
    const { counts } = this;
    if (counts.length === 0) this.offset = low;
    const before = this.offset - low;
    if (before > 0) {
      const wider = Array.from<number>({ length: before + counts.length }).fill(0, 0, before);
      for (let i = 0; i < counts.length; i++) wider[before + i] = counts[i]!;
      this.counts = wider;
      this.offset = low;
    }
    while (this.offset + this.counts.length <= high) this.counts.push(0);
  }

  /** Merges each 2^`by` neighbours into one bucket. */
  downscale(by: number): void {
    const { counts, offset } = this;
    if (counts.length === 0) return;
    const low = offset >> by;
    const narrower = Array.from<number>({ length: ((offset + counts.length - 1) >> by) - low + 1 }).fill(0);
    for (let i = 0; i < counts.length; i++) narrower[((offset + i) >> by) - low]! += counts[i]!;
    this.counts = narrower;
    this.offset = low;
  }

  clone(): Buckets {
    const copy = new Buckets();
    copy.offset = this.offset;
    copy.counts = [...this.counts];
    return copy;
  }
}

const bits = new DataView(new ArrayBuffer(8));
const SMALLEST_NORMAL = 2 ** -1022;
const SCALE_FACTORS = Array.from({ length: 21 }, (_, scale) => Math.LOG2E * 2 ** scale);

/**
 * Index of the bucket of `value` (above 0) at `scale` (-10 to 20). The same arithmetic as
 * `@opentelemetry/sdk-metrics`, so that the same input fills the same buckets: powers of two are exact and
 * belong to the lower bucket, values below 2^-1022 count as that.
 */
export function bucketIndex(value: number, scale: number): number {
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  const exponent = ((high & 0x7ff00000) >> 20) - 1023;
  const isPowerOfTwo = (high & 0xfffff) === 0 && bits.getUint32(4) === 0;
  if (scale > 0) {
    if (value <= SMALLEST_NORMAL) return (-1022 << scale) - 1;
    if (isPowerOfTwo) return (exponent << scale) - 1;
    return Math.min(Math.floor(Math.log(value) * SCALE_FACTORS[scale]!), (1024 << scale) - 1);
  }
  const shift = -scale;
  if (value < SMALLEST_NORMAL) return (-1022 >> shift) - (shift < 2 ? 1 : 0);
  return (exponent - (isPowerOfTwo ? 1 : 0)) >> shift;
}

/** The value that is nowhere further than the relative error from any value of bucket `index`. */
export function bucketMiddle(index: number, scale: number): number {
  const base = 2 ** (2 ** -scale);
  // 2^((index + 1) / 2^scale) first: for the outermost buckets the bound itself may be infinite or 0.
  const upper = 2 ** Math.min((index + 1) / 2 ** scale, 1023.999999999);
  return (2 * upper) / (1 + base);
}
