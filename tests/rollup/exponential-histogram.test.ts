import * as fc from 'fast-check';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { ExponentialHistogram } from '../../src/rollup/exponential-histogram.ts';

// Not exported by the package: the aggregator is what its meters use.
const { ExponentialHistogramAggregator } = createRequire(import.meta.url)('@opentelemetry/sdk-metrics/build/src/aggregator/ExponentialHistogram.js');

/** Any float, and the ranges and boundaries that matter: near each other, powers of two, 0, both signs, subnormal. */
const anyValue = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, min: 1e-6, max: 100 }),
  fc.double({ noNaN: true, min: 1, max: 1.0001 }),
  fc.integer({ min: -1074, max: 1023 }).map((exponent) => 2 ** exponent),
  fc.integer({ min: -5, max: 1000 }),
  fc.constant(0),
);
const anyValues = fc.array(anyValue, { maxLength: 60 });
/** Whole numbers and their halves add up exactly, so that sums can be compared. */
const exactValues = fc.array(fc.oneof(fc.integer({ min: -20, max: 1_000_000 }), fc.integer({ min: 1, max: 64 }).map((n) => n / 64)), { maxLength: 60 });

function histogram(values: readonly number[]): ExponentialHistogram {
  const result = new ExponentialHistogram();
  for (const value of values) result.record(value);
  return result;
}

function merged(...parts: ExponentialHistogram[]): ExponentialHistogram {
  const result = new ExponentialHistogram();
  for (const part of parts) result.merge(part);
  return result;
}

function sdkPoint(values: readonly number[]) {
  const accumulation = new ExponentialHistogramAggregator(160, true).createAccumulation([0, 0]);
  for (const value of values) accumulation.record(value);
  const { hasMinMax: _, ...point } = accumulation.toPointValue();
  // Without buckets the SDK shows one empty one.
  for (const side of [point.positive, point.negative]) if (side.bucketCounts.every((count: number) => count === 0)) side.bucketCounts = [];
  return point;
}

test('agrees with the SDK bucket for bucket', () => {
  fc.assert(
    fc.property(anyValues, (values) => {
      expect(histogram(values).toPoint()).toEqual(sdkPoint(values));
    }),
    { numRuns: 2_000 },
  );
});

test('merging gives the buckets of all the values at once', () => {
  fc.assert(
    fc.property(exactValues, exactValues, (a, b) => {
      expect(merged(histogram(a), histogram(b)).toPoint()).toEqual(histogram([...a, ...b]).toPoint());
    }),
    { numRuns: 1_000 },
  );
});

test('merging is associative and commutative, and changes only the one merged into', () => {
  fc.assert(
    fc.property(exactValues, exactValues, exactValues, (a, b, c) => {
      const [x, y, z] = [histogram(a), histogram(b), histogram(c)];
      const expected = merged(x, y, z).toPoint();
      expect(merged(merged(x, y), z).toPoint()).toEqual(expected);
      expect(merged(x, merged(y, z)).toPoint()).toEqual(expected);
      expect(merged(z, x, y).toPoint()).toEqual(expected);
      expect(y.toPoint()).toEqual(histogram(b).toPoint());
    }),
    { numRuns: 500 },
  );
});

test('a point read back merges as the histogram itself, empty buckets at its ends included', () => {
  fc.assert(
    fc.property(exactValues, fc.nat(400), fc.nat(400), (values, before, after) => {
      const point = histogram(values).toPoint();
      const { offset, bucketCounts } = point.positive;
      const padded = { ...point, positive: { offset: offset - before, bucketCounts: [...Array(before).fill(0), ...bucketCounts, ...Array(after).fill(0)] } };
      const into = new ExponentialHistogram();
      into.merge(padded);
      expect(into.toPoint()).toEqual(point);
    }),
  );
});

test('a quantile is within the relative error of the true value', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }).filter((value) => value === 0 || Math.abs(value) > 1e-300), { minLength: 1, maxLength: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const subject = histogram(values);
      const sorted = [...values].sort((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1]!;
      // The last digits belong to the logarithm.
      expect(Math.abs(subject.quantile(q) - exact)).toBeLessThanOrEqual(Math.abs(exact) * (subject.relativeError + 1e-9));
    }),
    { numRuns: 1_000 },
  );
});

test('a quantile of nothing is not a number', () => {
  expect(new ExponentialHistogram().quantile(0.5)).toBeNaN();
});
