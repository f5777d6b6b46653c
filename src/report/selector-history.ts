/** What the selectors of a report took before its window, for whether they have become slower. */
import { ATTR } from '../conventions.ts';
import type { ReadOptions } from '../store/read.ts';
import { MIN_OPERATIONS } from './selector-health.ts';
import { type PlainAttributes, secondsOf } from './otlp.ts';
import { addTo } from './selector-stats.ts';
import { eachDuration, type SelectorTables } from './selector-tables.ts';
import { numberOf, textOf } from './trace-line.ts';
import { readRollups, readSpans } from './window.ts';

/** What is before the window is compared with up to this many windows. */
const HISTORY = 7;
/** Bytes of spans that take no time worth mentioning. */
const AT_ONCE = 32 << 20;

export interface HistoryOptions {
  /** Epoch milliseconds of the window. */
  readonly since: number;
  readonly now: number;
  /** Bytes of spans in the window: about so much is read of those before it, so that the report takes no more than twice its time. */
  readonly bytes: number;
}

export function addHistory(tables: SelectorTables, read: ReadOptions, { since, now, bytes }: HistoryOptions): void {
  const from = Math.max(0, since - HISTORY * (now - since));
  const numbers = readRollups(read, { since: from, until: since });
  eachDuration(numbers, (attributes, _count, seconds) => {
    if (attributes[ATTR.SELECTOR_OPERATION] === 'attempt' || attributes[ATTR.SELECTOR_OUTCOME] === 'failed') return;
    const stats = tables.selectors.known(String(attributes[ATTR.SELECTOR_NAME]));
    if (stats !== undefined) addTo(stats.before, seconds);
  });
  // Those without a name are known from spans only. Of too few nothing would be said anyway.
  if (!tables.selectors.list().some(({ sampled, durations }) => sampled && durations.count >= MIN_OPERATIONS)) return;
  const add = (valueOf: (name: string) => unknown, seconds: number): void => {
    const stats = tables.selectors.known(String(valueOf(ATTR.SELECTOR_TEXT)), true);
    if (stats === undefined || valueOf(ATTR.SELECTOR_NAME) !== undefined || valueOf(ATTR.SELECTOR_OUTCOME) === 'failed') return;
    const until = valueOf(ATTR.SELECTOR_WAIT_TIME);
    stats.before.record(typeof until === 'number' ? until : seconds);
  };
  readSpans(
    read,
    from,
    numbers,
    {
      attribute: ATTR.SELECTOR_TEXT,
      quick: (span) => add((name) => (name === ATTR.SELECTOR_WAIT_TIME ? numberOf(span, name) : textOf(span, name)), Math.max(0, span.end - span.start) / 1000),
      full: ({ span }, attributes: PlainAttributes) => add((name) => attributes[name], secondsOf(span)),
    },
    { until: since, newest: Math.max(bytes, AT_ONCE) },
  );
}
