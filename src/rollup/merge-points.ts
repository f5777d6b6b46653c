/** The points of one metric, merged into its series. */
import { keepExemplars } from './exemplars.ts';
import { addExplicit, emptyExplicit, type ExplicitHistogram } from './explicit-histogram.ts';
import { ExponentialHistogram } from './exponential-histogram.ts';
import type { KeyValue, Metric, MetricType, Point, Scope, WireExemplar } from './request.ts';
import { canonicalKey, plainAttributes, wireKey, type Attributes } from './wire-attributes.ts';

export interface MergedSeries {
  readonly attributes: Attributes;
  readonly wireAttributes: readonly KeyValue[];
  /** Nanoseconds as OTLP/JSON has them: the earliest start, the latest end. */
  start: string;
  end: string;
  /** Of a sum or a gauge. */
  value: number;
  histogram: ExponentialHistogram | undefined;
  explicit: ExplicitHistogram | undefined;
  /** The five latest, the latest first. */
  readonly latest: WireExemplar[];
  /** The five greatest, the greatest first. */
  readonly greatest: WireExemplar[];
}

export interface MergedMetric {
  readonly scope: { readonly name: string; readonly version: string };
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: MetricType;
  readonly isMonotonic: boolean;
  readonly isDelta: boolean;
  readonly series: MergedSeries[];
}

/** A metric, and where its series are found: as their attributes are written (quick), and in any order of them. */
export interface MetricTable {
  readonly metric: MergedMetric;
  readonly byWireKey: Map<string, MergedSeries>;
  readonly byKey: Map<string, MergedSeries>;
}

export function newTable({ name: scope, version }: Scope, { name, description, unit, type, isMonotonic, isDelta }: Metric): MetricTable {
  return { metric: { scope: { name: scope, version }, name, description, unit, type: type!, isMonotonic, isDelta, series: [] }, byWireKey: new Map(), byKey: new Map() };
}

/** Adds the points of a metric that belongs to this table. */
export function addPoints(to: MetricTable, { type, isDelta, points }: Metric): void {
  for (const point of points) {
    let key = wireKey(point.attributes);
    if (type === 'histogram') key += `\n${point.explicitBounds.join(',')}`;
    const series = to.byWireKey.get(key) ?? newSeries(to, key, point);
    if (!isDelta) {
      if (isEarlier(point.timeUnixNano, series.end)) continue;
      clear(series);
    }
    if (series.start === '0' || isEarlier(point.startTimeUnixNano, series.start)) series.start = point.startTimeUnixNano;
    if (isEarlier(series.end, point.timeUnixNano)) series.end = point.timeUnixNano;
    if (series.histogram !== undefined) series.histogram.merge(point);
    else if (series.explicit !== undefined) addExplicit(series.explicit, point);
    else series.value += point.value;
    if (point.exemplars.length > 0) keepExemplars(series, point.exemplars);
  }
}

function newSeries(to: MetricTable, key: string, point: Point): MergedSeries {
  const { type } = to.metric;
  const canonical = canonicalKey(point.attributes) + (type === 'histogram' ? `\n${point.explicitBounds.join(',')}` : '');
  let series = to.byKey.get(canonical);
  if (series === undefined) {
    series = {
      attributes: plainAttributes(point.attributes),
      wireAttributes: point.attributes,
      start: point.startTimeUnixNano,
      end: point.timeUnixNano,
      value: 0,
      histogram: type === 'exponentialHistogram' ? new ExponentialHistogram() : undefined,
      explicit: type === 'histogram' ? emptyExplicit(point.explicitBounds, point.bucketCounts.length) : undefined,
      latest: [],
      greatest: [],
    };
    to.byKey.set(canonical, series);
    to.metric.series.push(series);
  }
  to.byWireKey.set(key, series);
  return series;
}

function clear(series: MergedSeries): void {
  series.value = 0;
  if (series.histogram !== undefined) series.histogram = new ExponentialHistogram();
  if (series.explicit !== undefined) series.explicit = emptyExplicit(series.explicit.bounds, series.explicit.counts.length);
}

/** Nanoseconds as decimal strings without leading zeros. */
function isEarlier(a: string, b: string): boolean {
  return a.length !== b.length ? a.length < b.length : a < b;
}
