/**
 * Exponential buckets as explicit ones. A value within the exponential histogram's relative error of a bound may
 * count on its other side.
 */
import { bucketMiddle } from './buckets.ts';
import type { HistogramPoint } from './exponential-histogram.ts';

/** Seconds: the semantic conventions' bounds for durations, and on to an hour, for what a process may take. */
const SECONDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 300, 900, 3600];
/** The bounds that the semantic conventions give for token usage: powers of four. */
const COUNTS: readonly number[] = Array.from({ length: 14 }, (_, power) => 4 ** power);

export function boundsFor(unit: string): readonly number[] {
  return unit === 's' ? SECONDS : COUNTS;
}

/** One count more than there are bounds. */
export function explicitCounts({ scale, min, max, zeroCount, positive, negative }: HistogramPoint, bounds: readonly number[]): number[] {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  const add = (at: number, howMany: number): void => {
    // Whoever writes no range leaves `min` above `max`.
    const within = min <= max ? Math.min(Math.max(at, min), max) : at;
    const index = bounds.findIndex((bound) => within <= bound);
    counts[index === -1 ? bounds.length : index]! += howMany;
  };
  if (zeroCount > 0) add(0, zeroCount);
  positive.bucketCounts.forEach((howMany, i) => add(bucketMiddle(positive.offset + i, scale), howMany));
  negative.bucketCounts.forEach((howMany, i) => add(-bucketMiddle(negative.offset + i, scale), howMany));
  return counts;
}
