/** The numbers: a row for each series, added up over the window. */
import { milliseconds } from '../report/otlp.ts';
import { readRollups } from '../report/window.ts';
import type { MergedMetric, MergedSeries } from '../rollup/merge-points.ts';
import type { Aside } from '../store/set-aside.ts';
import type { Row } from './recorded-rows.ts';
import { addUncounted } from './recorded-uncounted.ts';

export interface RecordedRequest {
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly aside: Aside;
}

export const rollupRows = {
  columns: ['metric', 'unit', 'type', 'attributes', 'value', 'count', 'sum', 'min', 'max', 'p50', 'p95', 'p99', 'from', 'to'],
  each({ since, ...read }: RecordedRequest, onRow: (row: Row) => void): void {
    const merge = readRollups(read, { since });
    addUncounted(merge, read, since);
    for (const { metrics } of merge.resources) {
      for (const metric of metrics) for (const series of metric.series) onRow(rowOf(metric, series));
    }
  },
};

function rowOf({ name, unit, type }: MergedMetric, { attributes, value, histogram, explicit, start, end }: MergedSeries): Row {
  const distribution = histogram ?? explicit;
  const isEmpty = distribution?.count === 0;
  return {
    metric: name,
    unit,
    type,
    attributes,
    ...(distribution === undefined
      ? { value }
      : { count: distribution.count, sum: distribution.sum, ...(!isEmpty && { min: finite(distribution.min), max: finite(distribution.max) }) }),
    ...(histogram !== undefined && !isEmpty && { p50: histogram.quantile(0.5), p95: histogram.quantile(0.95), p99: histogram.quantile(0.99) }),
    from: iso(start),
    to: iso(end),
  };
}

/** Infinite where the writer left it out. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function iso(nanos: string): string | undefined {
  const time = milliseconds(nanos);
  return time > 0 && time < 8.64e15 ? new Date(time).toISOString() : undefined;
}
