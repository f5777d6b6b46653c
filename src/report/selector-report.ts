/**
 * How selectors did in a window, from the files. Operations on selectors with a name, strategies and drivers are
 * counted exactly, from the rollups. Selectors that nobody named, and pages that nobody named, are known from
 * spans only: they are labelled as sampled.
 */
import { hourFiles } from '../store/layout.ts';
import type { ReadOptions } from '../store/read.ts';
import { Aside, type SetAside } from '../store/set-aside.ts';
import { addHistory } from './selector-history.ts';
import { SelectorSpans, type SlowSelector } from './selector-spans.ts';
import type { SelectorStats } from './selector-stats.ts';
import { SelectorTables } from './selector-tables.ts';
import { Uses } from './selector-uses.ts';
import { readRollups, readSpans } from './window.ts';

export interface SelectorReport {
  readonly selectors: readonly SelectorStats[];
  readonly strategies: readonly SelectorStats[];
  readonly drivers: readonly SelectorStats[];
  readonly pages: readonly SelectorStats[];
  readonly slowest: readonly SlowSelector[];
  /** Those with the most finds of several where one was meant. */
  readonly mostAmbiguous: readonly SelectorStats[];
  /** Those that the last quarter of the window has not seen, while others were used. */
  readonly notUsedAgain: readonly SelectorStats[];
  /** Operations on selectors, attempts not counted. */
  readonly operations: number;
  readonly failed: number;
  /** Operations and attempts without a row of their own, because there were too many different ones. */
  readonly folded: number;
  readonly runtimes: number;
  /** Operations counted although no rollup line holds them: their process was killed, or still runs. */
  readonly fromTraces: number;
  readonly setAside: readonly SetAside[];
  readonly dropped: Readonly<Record<string, number>>;
  readonly empty: boolean;
}

export interface SelectorReportOptions {
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly now: number;
  /** How many of the slowest and the like. */
  readonly top: number;
  readonly onBytes?: (bytes: number) => void;
}

export function selectorReport({ directory, since, now, top, onBytes }: SelectorReportOptions): SelectorReport {
  const aside = new Aside();
  const read: ReadOptions = { directory, aside, onBytes };
  const tables = new SelectorTables();
  const uses = new Uses();
  const merge = readRollups(read, { since, onRequest: (request) => uses.add(request) });
  const total = tables.addRollups(merge);
  uses.giveTo(tables.selectors);
  const spans = new SelectorSpans(tables, top);
  let bytes = 0;
  const onSpanBytes = (more: number): void => {
    bytes += more;
    onBytes?.(more);
  };
  readSpans({ ...read, onBytes: onSpanBytes }, since, merge, spans);
  addHistory(tables, { directory, aside: new Aside() }, { since, now, bytes });

  const selectors = tables.selectors.list();
  const latest = Math.max(0, ...selectors.map(({ lastUsed }) => lastUsed));
  const quiet = (now - since) / 4;
  const setAside = aside.list();
  return {
    selectors,
    strategies: tables.strategies.list(),
    drivers: tables.drivers.list(),
    pages: tables.pages.list(),
    slowest: spans.slowest,
    mostAmbiguous: selectors.filter(({ ambiguous }) => ambiguous > 0).sort((a, b) => b.ambiguous / b.count - a.ambiguous / a.count).slice(0, top),
    notUsedAgain: selectors.filter(({ lastUsed }) => lastUsed > 0 && latest - lastUsed > quiet).sort((a, b) => a.lastUsed - b.lastUsed).slice(0, top),
    operations: total.operations + spans.operations,
    failed: total.failed + spans.failed,
    folded: total.folded + tables.selectors.folded + tables.pages.folded,
    runtimes: merge.runtimes.size,
    fromTraces: spans.uncounted,
    setAside,
    dropped: total.dropped,
    empty: setAside.length === 0 && (['rollups', 'traces'] as const).every((signal) => hourFiles(directory, signal).length === 0),
  };
}
