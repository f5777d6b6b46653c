/**
 * The operations of killed (or running) processes that no rollup line holds: their durations, from their spans. So
 * that what is exported is as exact as what `spoor report` shows.
 */
import { ATTR, EXPORT_DURATION, type Instrument, SCOPE, SELECTOR_DURATION, SPAWN_DURATION, TEST_DURATION } from '../conventions.ts';
import { milliseconds, type PlainAttributes } from '../report/otlp.ts';
import type { FullSpan } from '../report/trace-line.ts';
import { readSpans } from '../report/window.ts';
import { ExponentialHistogram } from '../rollup/exponential-histogram.ts';
import type { Merge } from '../rollup/merge.ts';
import type { KeyValue } from '../rollup/request.ts';
import type { ReadOptions } from '../store/read.ts';

/** By an attribute that every span of the kind has. */
const KINDS: readonly [string, Instrument][] = [
  [ATTR.SPAWN_KIND, SPAWN_DURATION],
  [ATTR.SELECTOR_OPERATION, SELECTOR_DURATION],
  [ATTR.TEST_CASE_NAME, TEST_DURATION],
  [ATTR.EXPORT_OUTCOME, EXPORT_DURATION],
];

/** Adds them to what was read from the rollups. */
export function addUncounted(merge: Merge, read: ReadOptions, since: number): void {
  const found: { readonly instrument: Instrument; readonly span: FullSpan['span']; readonly attributes: PlainAttributes }[] = [];
  readSpans(read, since, merge, {
    attribute: ATTR.SEQUENCE,
    quick: () => {},
    full: ({ span }, attributes, isCounted) => {
      const instrument = isCounted ? undefined : KINDS.find(([name]) => attributes[name] !== undefined)?.[1];
      if (instrument !== undefined) found.push({ instrument, span, attributes });
    },
  });
  for (const { instrument, span, attributes } of found) {
    const histogram = new ExponentialHistogram();
    histogram.record(Math.max(0, milliseconds(span.endTimeUnixNano) - milliseconds(span.startTimeUnixNano)) / 1_000);
    const { name, unit, description } = instrument;
    const point = {
      ...histogram.toPoint(),
      attributes: instrument.attributes.flatMap((key) => keyValue(key, attributes[key])),
      startTimeUnixNano: String(span.startTimeUnixNano),
      timeUnixNano: String(span.endTimeUnixNano),
      exemplars: [],
      value: 0,
      explicitBounds: [],
      bucketCounts: [],
    };
    const metric = { name, unit, description, type: 'exponentialHistogram' as const, isMonotonic: false, isDelta: true, points: [point] };
    merge.add({ resources: [{ attributes: [], scopes: [{ ...SCOPE, attributes: [], metrics: [metric] }] }] });
  }
}

function keyValue(key: string, value: PlainAttributes[string]): KeyValue[] {
  if (typeof value === 'string') return [{ key, value: { stringValue: value } }];
  if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }];
  if (typeof value === 'number') return [{ key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } }];
  return [];
}
