/** The exemplars of a merged series: few, and the same whatever the order in which they come. */
import type { WireExemplar } from './request.ts';

/** How many of the latest, and how many of the greatest, a merged series keeps. */
const KEPT = 5;

/** Adds exemplars to the latest and the greatest that a series has. The order of arrival does not matter. */
export function keepExemplars(series: { readonly latest: WireExemplar[]; readonly greatest: WireExemplar[] }, exemplars: readonly WireExemplar[]): void {
  for (const exemplar of exemplars) {
    insert(series.latest, exemplar, byTime);
    insert(series.greatest, exemplar, byValue);
  }
}

/** Both lists as one, without repetition. */
export function allExemplars({ latest, greatest }: { readonly latest: readonly WireExemplar[]; readonly greatest: readonly WireExemplar[] }): WireExemplar[] {
  return [...latest, ...greatest.filter((exemplar) => !latest.some((other) => byTime(exemplar, other) === 0))];
}

/** Keeps the list sorted, the first being the most; one that is there already is not added again. */
function insert(list: WireExemplar[], exemplar: WireExemplar, compare: (a: WireExemplar, b: WireExemplar) => number): void {
  let at = list.length;
  while (at > 0) {
    const difference = compare(exemplar, list[at - 1]!);
    if (difference === 0) return;
    if (difference < 0) break;
    at--;
  }
  if (at >= KEPT) return;
  list.splice(at, 0, exemplar);
  if (list.length > KEPT) list.pop();
}

/** Positive when `a` is the later one; 0 only for the same measurement. */
function byTime(a: WireExemplar, b: WireExemplar): number {
  return a.timeUnixNano.length - b.timeUnixNano.length || order(a.timeUnixNano, b.timeUnixNano) || a.asDouble - b.asDouble || order(a.spanId, b.spanId) || order(a.traceId, b.traceId);
}

function byValue(a: WireExemplar, b: WireExemplar): number {
  return a.asDouble - b.asDouble || byTime(a, b);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
