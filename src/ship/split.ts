/** A metrics request cut in two, by its points: to find the one that a backend refuses. */

interface Wire {
  readonly [key: string]: unknown;
}

const LISTS = ['resourceMetrics', 'scopeMetrics', 'metrics'] as const;
const KINDS = ['sum', 'gauge', 'histogram', 'exponentialHistogram', 'summary'] as const;

/** Two requests with half of the points each; undefined when there is only one. */
export function splitMetrics(json: string): readonly [string, string] | undefined {
  const request = JSON.parse(json) as Wire;
  const { points } = part(request, 0, 0);
  if (points < 2) return undefined;
  const middle = points >> 1;
  return [JSON.stringify(part(request, 0, middle).kept), JSON.stringify(part(request, middle, points).kept)];
}

/** The points from the one number to (without) the other, with what stands around them, and how many there are in all. */
function part(request: Wire, from: number, to: number): { readonly kept: Wire | undefined; readonly points: number } {
  let at = 0;
  const within = (object: Wire, depth: number): Wire | undefined => {
    const list = LISTS[depth];
    if (list !== undefined) {
      const kept = (object[list] as readonly Wire[]).flatMap((inner) => within(inner, depth + 1) ?? []);
      return kept.length === 0 ? undefined : { ...object, [list]: kept };
    }
    const kind = KINDS.find((name) => object[name] !== undefined);
    if (kind === undefined) return undefined;
    const data = object[kind] as { readonly dataPoints: readonly unknown[] };
    const dataPoints = data.dataPoints.filter(() => at++ >= from && at <= to);
    return dataPoints.length === 0 ? undefined : { ...object, [kind]: { ...data, dataPoints } };
  };
  const kept = within(request, 0);
  return { kept, points: at };
}
