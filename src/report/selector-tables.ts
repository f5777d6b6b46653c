/** The numbers of a window, added up by selector, strategy, driver and page. */
import { ATTR, SELECTOR_CONFIDENCE, SELECTOR_DRIFT, SELECTOR_DURATION, SELECTOR_FALLBACKS, SELECTOR_RETRIES, SELECTOR_WAIT, TELEMETRY_DROPPED } from '../conventions.ts';
import type { ExponentialHistogram } from '../rollup/exponential-histogram.ts';
import type { MergedSeries } from '../rollup/merge-points.ts';
import type { Merge } from '../rollup/merge.ts';
import { type PlainAttributes, text } from './otlp.ts';
import { type SelectorStats, StatsTable } from './selector-stats.ts';

/** What a process calls the selectors beyond those that its numbers tell apart. */
const OTHER_NAMES = '(other)';

export class SelectorTables {
  readonly selectors = new StatsTable();
  readonly strategies = new StatsTable();
  readonly drivers = new StatsTable();
  readonly pages = new StatsTable();

  /** Operations of one series, or one. An attempt counts for its strategy: its selector is counted by what it belongs to. */
  add(attributes: PlainAttributes, count: number, durations: ExponentialHistogram | number, found: number): void {
    const strategy = text(attributes[ATTR.SELECTOR_STRATEGY]);
    if (attributes[ATTR.SELECTOR_OPERATION] === 'attempt') {
      if (strategy !== undefined) this.strategies.group(strategy, false, count)?.add(attributes, count, durations);
      this.of(attributes, 0)?.attempted(attributes, count);
      return;
    }
    this.of(attributes, count)?.add(attributes, count, durations, found);
    const driver = text(attributes[ATTR.SELECTOR_DRIVER]);
    if (driver !== undefined) this.drivers.group(driver, false, count)?.add(attributes, count, durations);
    const page = text(attributes[ATTR.SELECTOR_PAGE]);
    if (page !== undefined) this.pages.group(page, false, count)?.add(attributes, count, durations);
  }

  /** The named selector that the numbers are of. */
  of(attributes: PlainAttributes, count: number): SelectorStats | undefined {
    const name = text(attributes[ATTR.SELECTOR_NAME]);
    if (name !== OTHER_NAMES) return name === undefined ? undefined : this.selectors.group(name, false, count);
    this.selectors.folded += count;
    return undefined;
  }

  addRollups(merge: Merge): { operations: number; failed: number; folded: number; dropped: Record<string, number> } {
    const total = { operations: 0, failed: 0, folded: 0, dropped: Object.create(null) as Record<string, number> };
    for (const { attributes, histogram, value, metric } of eachSeries(merge)) {
      if (metric === TELEMETRY_DROPPED.name) total.dropped[String(attributes[ATTR.REASON] ?? 'unknown')] = (total.dropped[String(attributes[ATTR.REASON] ?? 'unknown')] ?? 0) + value;
      if (metric === SELECTOR_FALLBACKS.name) this.#known(attributes, (stats) => (stats.fallbacks += value));
      if (metric === SELECTOR_RETRIES.name) this.#known(attributes, (stats) => (stats.retries += value));
      if (histogram === undefined || histogram.count === 0) continue;
      if (metric === SELECTOR_DRIFT.name) this.#known(attributes, (stats) => stats.drift.merge(histogram));
      if (metric === SELECTOR_CONFIDENCE.name) this.#known(attributes, (stats) => (attributes[ATTR.SELECTOR_CONFIDENCE_SOURCE] === 'reported' ? stats.reported : stats.estimated).merge(histogram));
    }
    eachDuration(merge, (attributes, count, seconds, found) => {
      if (attributes[ATTR.METRIC_OVERFLOW] === true) {
        total.folded += count;
        return;
      }
      this.add(attributes, count, seconds, found);
      if (attributes[ATTR.SELECTOR_OPERATION] === 'attempt') return;
      total.operations += count;
      if (attributes[ATTR.SELECTOR_OUTCOME] === 'failed') total.failed += count;
    });
    return total;
  }

  #known(attributes: PlainAttributes, change: (stats: SelectorStats) => void): void {
    const stats = attributes[ATTR.SELECTOR_OPERATION] === 'attempt' ? undefined : this.of(attributes, 0);
    if (stats !== undefined) change(stats);
  }
}

type Named = Omit<MergedSeries, 'attributes'> & { readonly metric: string; readonly attributes: PlainAttributes };

function* eachSeries(merge: Merge): Generator<Named> {
  for (const { metrics } of merge.resources) for (const { name, series } of metrics) for (const one of series) yield { ...one, metric: name, attributes: one.attributes as PlainAttributes };
}

/** How often, and the seconds until it was found, where the driver or the engine tells them; else those of the whole operation. */
export function eachDuration(merge: Merge, each: (attributes: PlainAttributes, count: number, seconds: ExponentialHistogram, found: number) => void): void {
  const waits = new Map<string, ExponentialHistogram>();
  const keyOf = (attributes: PlainAttributes): string => JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const { metric, attributes, histogram } of eachSeries(merge)) if (metric === SELECTOR_WAIT.name && histogram !== undefined) waits.set(keyOf(attributes), histogram);
  for (const { metric, attributes, histogram } of eachSeries(merge)) {
    if (metric !== SELECTOR_DURATION.name || histogram === undefined || histogram.count === 0) continue;
    const wait = waits.get(keyOf(attributes));
    each(attributes, histogram.count, wait ?? histogram, wait?.count ?? 0);
  }
}
