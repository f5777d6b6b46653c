import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, medianInterval, seededRandom } from '../../bench/harness/statistics.js';

test('the median is the middle value, or the mean of the two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 1, 3, 2])).toBe(2.5);
});

test('the interval has the ranks of the binomial table', () => {
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
  // Ranks of the 95 % interval of a median, as printed in any table of the sign test.
  expect(medianInterval(upTo(5))).toEqual({ low: 1, high: 5 });
  expect(medianInterval(upTo(6))).toEqual({ low: 1, high: 6 });
  expect(medianInterval(upTo(10))).toEqual({ low: 2, high: 9 });
  expect(medianInterval(upTo(20))).toEqual({ low: 6, high: 15 });
  expect(medianInterval(upTo(100))).toEqual({ low: 40, high: 61 });
  // 2^-n underflows from here on: the ends stay near the middle all the same.
  const { low, high } = medianInterval(upTo(2_000));
  expect(low).toBeGreaterThan(950);
  expect(high).toBeLessThan(1_051);
});

test('the interval holds the true median about as often as it says', () => {
  const random = seededRandom(7);
  let held = 0;
  for (let i = 0; i < 2_000; i++) {
    const { low, high } = medianInterval(Array.from({ length: 25 }, random));
    if (low <= 0.5 && 0.5 <= high) held++;
  }
  expect(held).toBeGreaterThan(1_880);
  expect(held).toBeLessThan(1_980);
});

test('the interval encloses the median, in any order of the values', () => {
  // `+ 0`: no -0, which is no order of its own.
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((value) => value + 0), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, (list) => {
      const { low, high } = medianInterval(list);
      expect(low).toBeLessThanOrEqual(median(list));
      expect(high).toBeGreaterThanOrEqual(median(list));
      expect(medianInterval(list.toReversed())).toEqual({ low, high });
    }),
  );
});

test('a seed gives the same numbers again, evenly spread', () => {
  const [a, b] = [seededRandom(1), seededRandom(1)];
  const drawn = Array.from({ length: 10_000 }, a);
  expect(Array.from({ length: 10_000 }, b)).toEqual(drawn);
  expect(drawn.every((one) => one >= 0 && one < 1)).toBe(true);
  expect(median(drawn)).toBeCloseTo(0.5, 1);
});
