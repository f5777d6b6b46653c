/** The number that a stream holds: a sum or gauge, an exponential histogram, or one with explicit bounds. */
import { boundsFor, explicitCounts } from '../rollup/explicit-buckets.ts';
import { addExplicit, emptyExplicit, type ExplicitHistogram } from '../rollup/explicit-histogram.ts';
import { ExponentialHistogram, type HistogramPoint } from '../rollup/exponential-histogram.ts';
import { explicitPoint, histogramPoint, numberPoint } from '../rollup/otlp.ts';
import type { Point } from '../rollup/request.ts';

export type Kind = 'counter' | 'updowncounter' | 'gauge' | 'exponential' | 'explicit';
export type Value = number | ExponentialHistogram | ExplicitHistogram;
/** The part of a point that a value takes in. */
export type Measured = Pick<Point, 'value' | 'count' | 'sum' | 'min' | 'max' | 'scale' | 'zeroCount' | 'positive' | 'negative'> &
  // Only with explicit bounds.
  Partial<Pick<Point, 'explicitBounds' | 'bucketCounts'>>;

/** The finest scale: what a histogram without a value other than 0 is sent with, so that the scale never rises. */
const FINEST = 20;

export function zero(kind: Kind, bounds: readonly number[]): Value {
  if (kind === 'exponential') return new ExponentialHistogram();
  if (kind === 'explicit') return emptyExplicit(bounds);
  return 0;
}

/** Adds a delta point of any kind that fits; histograms are changed in place. */
export function plus(value: Value, point: Measured): Value {
  if (typeof value === 'number') return value + point.value;
  if (value instanceof ExponentialHistogram) value.merge(point);
  else addExplicit(value, { ...point, bucketCounts: rebinned(point, value.bounds) });
  return value;
}

/** A value as a point, so that it can be added to another of its kind. */
export function measured(value: Value): Measured {
  if (typeof value === 'number') return { ...NOTHING, value };
  if (value instanceof ExponentialHistogram) return { ...NOTHING, ...value.toPoint() };
  return { ...NOTHING, ...value, explicitBounds: [...value.bounds], bucketCounts: value.counts };
}

const NONE = { offset: 0, bucketCounts: [] };
const NOTHING: Measured = { value: 0, count: 0, sum: 0, min: Infinity, max: -Infinity, scale: 0, zeroCount: 0, positive: NONE, negative: NONE };

/** One measurement of a histogram. */
export function single(value: number): Measured {
  const histogram = new ExponentialHistogram();
  histogram.record(value);
  return measured(histogram);
}

export function copy(value: Value): Value {
  if (typeof value === 'number') return value;
  return value instanceof ExponentialHistogram ? value.clone() : { ...value, counts: [...value.counts] };
}

/** The bounds of an explicit stream that begins with this point. */
export function boundsOf(point: Measured, unit: string): readonly number[] {
  return point.explicitBounds ?? boundsFor(unit);
}

/** `head` as {@link pointHead} makes it. */
export function pointJson(head: string, value: Value): string {
  if (typeof value === 'number') return numberPoint(head, value);
  if (!(value instanceof ExponentialHistogram)) return explicitPoint(head, value);
  const { count, sum, min, max, zeroCount, positive, negative } = value;
  return histogramPoint(head, { count, sum, min, max, zeroCount, positive, negative, scale: scaleOf(value) });
}

function scaleOf({ positive, negative, scale }: ExponentialHistogram): number {
  return positive.counts.length + negative.counts.length > 0 ? scale : FINEST;
}

/** Exponential buckets, or explicit ones with other bounds: each counts where its upper bound belongs. */
function rebinned(point: Measured, bounds: readonly number[]): number[] {
  const { explicitBounds: theirs, bucketCounts } = point;
  if (theirs === undefined || bucketCounts === undefined) return explicitCounts(point, bounds);
  if (theirs.length === bounds.length && theirs.every((bound, i) => bound === bounds[i])) return bucketCounts;
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  bucketCounts.forEach((count, i) => {
    const index = i < theirs.length ? bounds.findIndex((bound) => theirs[i]! <= bound) : -1;
    counts[index === -1 ? bounds.length : index]! += count;
  });
  return counts;
}

export type SavedValue = number | (Omit<HistogramPoint, 'min' | 'max'> & Range) | (Omit<ExplicitHistogram, 'min' | 'max'> & Range);
/** Absent when nothing was measured: JSON has no infinity. */
type Range = { readonly min?: number; readonly max?: number };

export function savedValue(value: Value): SavedValue {
  if (typeof value === 'number') return value;
  const { min, max, ...rest } = value instanceof ExponentialHistogram ? value.toPoint() : value;
  return { ...rest, ...(min <= max && { min, max }) };
}

/** @throws {Error} when it is none of this kind: what was found in the middle of a send only would be in its way for ever */
export function restoredValue(kind: Kind, saved: SavedValue): Value {
  const isSound = kind === 'exponential' || kind === 'explicit' ? typeof saved === 'object' && 'counts' in saved === (kind === 'explicit') : typeof saved === 'number';
  if (!isSound || !areNumbers(saved)) throw new Error(`the state of the streams has a value that is no ${kind}`);
  if (typeof saved === 'number') return saved;
  const range = { min: saved.min ?? Infinity, max: saved.max ?? -Infinity };
  if ('counts' in saved) return { ...saved, ...range, counts: [...saved.counts] };
  const histogram = new ExponentialHistogram();
  histogram.merge({ ...saved, ...range });
  return histogram;
}

/** Whether it is a number, or holds nothing but numbers. */
export function areNumbers(saved: unknown): boolean {
  return typeof saved === 'object' && saved !== null ? Object.values(saved).every(areNumbers) : Number.isFinite(saved);
}
