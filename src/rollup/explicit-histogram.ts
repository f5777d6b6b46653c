/** Histograms with explicit bounds, as other writers send them: what is known of one, and adding points to it. */
import type { Point } from './request.ts';

export interface ExplicitHistogram {
  count: number;
  sum: number;
  /** Infinite until something was added that has a range. */
  min: number;
  max: number;
  readonly bounds: readonly number[];
  /** One more than there are bounds. */
  readonly counts: number[];
}

/** @param buckets how many counts there are; a writer may leave all of them out */
export function emptyExplicit(bounds: readonly number[], buckets: number = bounds.length + 1): ExplicitHistogram {
  return { count: 0, sum: 0, min: Infinity, max: -Infinity, bounds, counts: Array.from({ length: buckets }, () => 0) };
}

export function addExplicit(into: ExplicitHistogram, point: Pick<Point, 'count' | 'sum' | 'min' | 'max' | 'bucketCounts'>): void {
  into.count += point.count;
  into.sum += point.sum;
  into.min = Math.min(into.min, point.min);
  into.max = Math.max(into.max, point.max);
  point.bucketCounts.forEach((count, i) => (into.counts[i] = (into.counts[i] ?? 0) + count));
}
