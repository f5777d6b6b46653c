/**
 * OTLP metrics as InfluxDB points. A measurement is a metric, its tags are the attributes (and a few of the
 * resource), its fields: `value` of a sum or a gauge; `count`, `sum`, `min`, `max` and the quantiles `p50`, `p95`,
 * `p99` of a histogram. Of delta points, counts and sums add up over any time; quantiles do not.
 */
import { createHash } from 'node:crypto';
import { ExponentialHistogram } from '../src/rollup/exponential-histogram.ts';
import type { MergedSeries } from '../src/rollup/merge-points.ts';
import type { MergedResource } from '../src/rollup/merge.ts';
import type { KeyValue, Metric, MetricsRequest, Point, Value } from '../src/rollup/request.ts';
import { canonicalKey } from '../src/rollup/wire-attributes.ts';
import { influxLine } from './influx-line.ts';

/** Resource attributes that become tags. Never what is different in each process: each value is a series for good. */
export const RESOURCE_TAGS: readonly string[] = ['service.name', 'host.name'];

/**
 * The lines of a request. InfluxDB keeps one point for each series and time: so that two processes that write at
 * the same millisecond do not overwrite each other, the time's last six digits tell the resources apart. The same
 * request always makes the same lines: what is sent twice counts once.
 */
export function* influxLines(request: MetricsRequest, resourceTags: readonly string[] = RESOURCE_TAGS): Generator<string> {
  for (const { attributes, scopes } of request.resources) {
    const shift = shiftOf(attributes);
    const shared = tagsOf(attributes.filter(({ key }) => resourceTags.includes(key)));
    for (const { metrics } of scopes) {
      for (const metric of metrics) {
        for (const point of metric.points) {
          const time = BigInt(point.timeUnixNano || 0);
          const line = influxLine({
            measurement: metric.name,
            tags: { ...shared, ...tagsOf(point.attributes) },
            fields: fieldsOf(seriesOf(metric, point)),
            time: time === 0n ? undefined : (time / 1_000_000n) * 1_000_000n + shift,
          });
          if (line !== undefined) yield line;
        }
      }
    }
  }
}

/**
 * The lines of what was merged, one for each series, all at one time (epoch milliseconds). Its last six digits
 * tell `source` apart, and series that InfluxDB would take for one: the same series always has the same time.
 * @param resources merged by no other attributes than those that become tags
 */
export function* mergedInfluxLines(resources: readonly MergedResource[], timeMs: number, source: string): Generator<string> {
  for (const { wireAttributes, metrics } of resources) {
    const shared = tagsOf(wireAttributes);
    for (const { name, scope, type, isMonotonic, series } of metrics) {
      for (const one of series) {
        const line = influxLine({
          measurement: name,
          tags: { ...shared, ...tagsOf(one.wireAttributes) },
          fields: fieldsOf(one),
          time: BigInt(timeMs) * 1_000_000n + shiftOf([source, canonicalKey(wireAttributes), scope.name, type, isMonotonic, canonicalKey(one.wireAttributes), one.explicit?.bounds]),
        });
        if (line !== undefined) yield line;
      }
    }
  }
}

/** Less than a millisecond, in nanoseconds. */
function shiftOf(identity: unknown): bigint {
  return BigInt(createHash('sha256').update(JSON.stringify(identity)).digest().readUIntBE(0, 4) % 1_000_000);
}

type Numbers = Pick<MergedSeries, 'value' | 'histogram' | 'explicit'>;

function seriesOf({ type }: Metric, point: Point): Numbers {
  let histogram: ExponentialHistogram | undefined;
  if (type === 'exponentialHistogram') {
    histogram = new ExponentialHistogram();
    histogram.merge(point);
  }
  return { value: point.value, histogram, explicit: type === 'histogram' ? { ...point, bounds: point.explicitBounds, counts: point.bucketCounts } : undefined };
}

function fieldsOf({ value, histogram, explicit }: Numbers): Record<string, number | bigint> {
  const distribution = histogram ?? explicit;
  if (distribution === undefined) return { value };
  const { count, sum, min, max } = distribution;
  if (!(count > 0)) return {};
  // Infinite where the writer left them out: then they are left out here too.
  const fields: Record<string, number | bigint> = { count: BigInt(Math.round(count)), sum, min, max };
  if (histogram !== undefined) for (const [name, q] of [['p50', 0.5], ['p95', 0.95], ['p99', 0.99]] as const) fields[name] = histogram.quantile(q);
  // Cumulative, as InfluxDB's own OpenTelemetry schema has it: how many were at most so much.
  let below = 0;
  for (const [i, bound] of explicit?.bounds.entries() ?? []) fields[String(bound)] = BigInt(Math.round((below += explicit!.counts[i] ?? 0)));
  return fields;
}

function tagsOf(attributes: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, textOf(value)]));
}

function textOf({ stringValue, intValue, doubleValue, boolValue, ...other }: Value): string {
  return String(stringValue ?? intValue ?? doubleValue ?? boolValue ?? JSON.stringify(other));
}
