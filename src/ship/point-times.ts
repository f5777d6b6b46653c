/** When a stream's points are due, and the times that they have: whatever the clock does, these increase. */
import type { Kind } from './value.ts';

/** When points are made, in epoch milliseconds. */
export interface Moment {
  readonly now: number;
  /** The usual time between two sends. */
  readonly interval: number;
}

/** Epoch milliseconds. */
export interface Times {
  start: number;
  /** Of the last point; 0: never sent. */
  time: number;
  /** Of the last points with news. */
  news: number;
  /** Of a gauge's value. */
  measured: number;
}

export interface Due {
  readonly isNews: boolean;
  /** Of the series' beginning; of a delta, of the last points. */
  readonly start: number;
  /** There is a point before this one, one interval ago. */
  readonly before: number | undefined;
  readonly time: number;
}

/** Streams that do not change are sent so often, so that they do not go stale, for an hour after the last change. */
const REFRESH = 60_000;
const FRESH = 3_600_000;
const OLD_GAUGE = 5 * 60_000;

/** Undefined: none are. A new series has its start from here. */
export function due(times: Times, { kind, isDelta, isChanged }: { readonly kind: Kind; readonly isDelta: boolean; readonly isChanged: boolean }, { now, interval }: Moment): Due | undefined {
  const isNew = times.time === 0;
  const isNews = isChanged || isNew;
  // What a gauge said long ago is not so now.
  if (kind === 'gauge' && (!isChanged || now - times.measured > OLD_GAUGE)) return undefined;
  const isDue = isDelta ? isChanged : isNews || (now - times.time >= REFRESH && now - times.news < FRESH);
  if (!isDue) return undefined;
  const floor = Math.floor(now);
  const hasGap = isNews && kind !== 'gauge' && floor - times.time > 1.5 * interval;
  const before = Math.max(times.time + 1, floor - interval);
  const time = Math.max(hasGap ? before + 1 : times.time + 1, floor);
  if (isNew) times.start = isDelta && times.start > 0 ? Math.min(times.start, before - 1) : before - 1;
  return { isNews, start: isDelta && !isNew ? times.time : times.start, before: hasGap && !isDelta ? before : undefined, time };
}
