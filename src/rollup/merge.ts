/** Metrics requests merged into one set of resources, metrics and series: how rollup files are read. */
import { ATTR } from '../conventions.ts';
import { addPoints, newTable, type MergedMetric, type MetricTable } from './merge-points.ts';
import type { KeyValue, Metric, MetricsRequest, Scope } from './request.ts';
import { runtimeId } from './runtime-id.ts';
import { canonicalKey, plainAttributes, wireKey, type Attributes } from './wire-attributes.ts';

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

type Group = { readonly merged: MergedResource; readonly metrics: Map<string, MetricTable>; readonly runtime: string | undefined };

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
          // A kind that cannot be merged (a summary) is left out.
          if (metric.type !== undefined) addPoints(table(group, scope, metric), metric);
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

function table(group: Group, scope: Scope, metric: Metric): MetricTable {
  const key = `${metric.name}\n${scope.name}\n${metric.type}${metric.isDelta}${metric.isMonotonic}`;
  let found = group.metrics.get(key);
  if (found === undefined) {
    found = newTable(scope, metric);
    group.metrics.set(key, found);
    group.merged.metrics.push(found.metric);
  }
  return found;
}
