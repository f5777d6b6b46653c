import { ATTR } from '../conventions.ts';
import { ExponentialHistogram } from './exponential-histogram.ts';
import { keepExemplars } from './exemplars.ts';
import type { KeyValue, Metric, MetricsRequest, MetricType, Point, Scope, WireExemplar } from './request.ts';
import { runtimeId } from './runtime-id.ts';
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

export interface ExplicitHistogram {
  count: number;
  sum: number;
  min: number;
  max: number;
  readonly bounds: readonly number[];
  readonly counts: number[];
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

export interface MergedResource {
  readonly attributes: Attributes;
  readonly wireAttributes: readonly KeyValue[];
  readonly metrics: MergedMetric[];
}

/** How far the numbers of one runtime (see `runtimeId`) reach. */
export interface RuntimeMark {
  /** Its operations up to this number are in the rollups; a reader adds the spans that come after. */
  sequence: number;
  /** It ended in good order: nothing is missing, whatever the number. */
  final: boolean;
  readonly resource: MergedResource;
}

type Group = { readonly merged: MergedResource; readonly metrics: Map<string, Table>; readonly runtime: string | undefined };
type Table = { readonly metric: MergedMetric; readonly byWireKey: Map<string, MergedSeries>; readonly byKey: Map<string, MergedSeries> };

export interface MergeOptions {
  /** Which resource attributes to tell resources apart by. Default: all. `() => false` merges everything. */
  readonly keepResourceAttribute?: (key: string) => boolean;
}

/**
 * Merges any number of parsed requests, in any order: delta sums and histograms add up, of cumulative ones and
 * gauges the last counts, exemplars are kept, five of the latest and five of the greatest a series.
 */
export class Merge {
  readonly resources: MergedResource[] = [];
  /** By their ids. */
  readonly runtimes = new Map<string, RuntimeMark>();
  /** Points of kinds that cannot be merged (summaries). */
  skipped = 0;
  readonly #keep: (key: string) => boolean;
  readonly #byWireKey = new Map<string, Group>();
  readonly #byKey = new Map<string, Group>();

  constructor(options: MergeOptions = {}) {
    this.#keep = options.keepResourceAttribute ?? (() => true);
  }

  add(request: MetricsRequest): void {
    for (const { attributes, scopes } of request.resources) {
      const key = wireKey(attributes);
      const group = this.#byWireKey.get(key) ?? this.#group(key, attributes);
      for (const scope of scopes) {
        if (scope.attributes.length > 0) this.#mark(group, scope.attributes);
        for (const metric of scope.metrics) {
          if (metric.type === undefined) this.skipped++;
          else addPoints(table(group, scope, metric), metric);
        }
      }
    }
  }

  #group(key: string, attributes: readonly KeyValue[]): Group {
    const kept = attributes.filter((attribute) => this.#keep(attribute.key));
    const canonical = canonicalKey(kept);
    let same = this.#byKey.get(canonical);
    if (same === undefined) {
      const merged = { attributes: plainAttributes(kept), wireAttributes: kept, metrics: [] };
      same = { merged, metrics: new Map(), runtime: undefined };
      this.#byKey.set(canonical, same);
      this.resources.push(merged);
    }
    const runtime = runtimeId((name) => attributes.find((attribute) => attribute.key === name)?.value.stringValue);
    const group = { ...same, runtime };
    this.#byWireKey.set(key, group);
    return group;
  }

  #mark(group: Group, attributes: readonly KeyValue[]): void {
    let sequence: number | undefined;
    let final = false;
    for (const { key, value } of attributes) {
      if (key === ATTR.SEQUENCE) sequence = Number(value.intValue);
      else if (key === ATTR.FINAL) final = value.boolValue === true;
      else if (key === ATTR.RUNTIMES) {
        for (const runtime of value.kvlistValue?.values ?? []) this.#reaches(group, runtime.key, Number(runtime.value.intValue ?? 0), runtime.value.boolValue === true);
      }
    }
    if (sequence !== undefined && group.runtime !== undefined) this.#reaches(group, group.runtime, sequence, final);
  }

  #reaches(group: Group, runtime: string, sequence: number, final: boolean): void {
    const mark = this.runtimes.get(runtime);
    if (mark === undefined) this.runtimes.set(runtime, { sequence: sequence || 0, final, resource: group.merged });
    else {
      if (sequence > mark.sequence) mark.sequence = sequence;
      mark.final ||= final;
    }
  }
}

function table(group: Group, scope: Scope, { name, description, unit, type, isMonotonic, isDelta }: Metric): Table {
  const key = `${name}\n${scope.name}\n${type}${isDelta}${isMonotonic}`;
  let found = group.metrics.get(key);
  if (found === undefined) {
    const metric: MergedMetric = { scope: { name: scope.name, version: scope.version }, name, description, unit, type: type!, isMonotonic, isDelta, series: [] };
    found = { metric, byWireKey: new Map(), byKey: new Map() };
    group.metrics.set(key, found);
    group.merged.metrics.push(metric);
  }
  return found;
}

function addPoints(to: Table, { type, isDelta, points }: Metric): void {
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

function newSeries(to: Table, key: string, point: Point): MergedSeries {
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
      explicit: type === 'histogram' ? { count: 0, sum: 0, min: Infinity, max: -Infinity, bounds: point.explicitBounds, counts: point.bucketCounts.map(() => 0) } : undefined,
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
  if (series.explicit !== undefined) series.explicit = { ...series.explicit, count: 0, sum: 0, min: Infinity, max: -Infinity, counts: series.explicit.counts.map(() => 0) };
}

export function addExplicit(into: ExplicitHistogram, point: Pick<Point, 'count' | 'sum' | 'min' | 'max' | 'bucketCounts'>): void {
  into.count += point.count;
  into.sum += point.sum;
  into.min = Math.min(into.min, point.min);
  into.max = Math.max(into.max, point.max);
  point.bucketCounts.forEach((count, i) => (into.counts[i] = (into.counts[i] ?? 0) + count));
}

/** Nanoseconds as decimal strings without leading zeros. */
function isEarlier(a: string, b: string): boolean {
  return a.length !== b.length ? a.length < b.length : a < b;
}
