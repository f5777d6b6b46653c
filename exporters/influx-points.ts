/**
 * OTLP metrics as InfluxDB points. A measurement is a metric, its tags are the attributes (and a few of the
 * resource), its fields: `value` of a sum or a gauge; `count`, `sum`, `min`, `max` and the quantiles `p50`, `p95`,
 * `p99` of a histogram. Of delta points, counts and sums add up over any time; quantiles do not.
 */
import { createHash } from 'node:crypto';
import { ExponentialHistogram } from '../src/rollup/exponential-histogram.ts';
import type { KeyValue, Metric, MetricsRequest, Point, Value } from '../src/rollup/request.ts';
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
    const shift = BigInt(createHash('sha256').update(JSON.stringify(attributes)).digest().readUIntBE(0, 4) % 1_000_000);
    const shared = tagsOf(attributes.filter(({ key }) => resourceTags.includes(key)));
    for (const { metrics } of scopes) {
      for (const metric of metrics) {
        for (const point of metric.points) {
          const time = BigInt(point.timeUnixNano || 0);
          const line = influxLine({
            measurement: metric.name,
            tags: { ...shared, ...tagsOf(point.attributes) },
            fields: fieldsOf(metric, point),
            time: time === 0n ? undefined : (time / 1_000_000n) * 1_000_000n + shift,
          });
          if (line !== undefined) yield line;
        }
      }
    }
  }
}

function fieldsOf({ type }: Metric, point: Point): Record<string, number | bigint> {
  if (type === 'sum' || type === 'gauge') return { value: point.value };
  if (!(point.count > 0)) return {};
  // Infinite where the writer left them out: then they are left out here too.
  const fields: Record<string, number | bigint> = { count: BigInt(Math.round(point.count)), sum: point.sum, min: point.min, max: point.max };
  if (type === 'exponentialHistogram') {
    const histogram = new ExponentialHistogram();
    histogram.merge(point);
    for (const [name, q] of [['p50', 0.5], ['p95', 0.95], ['p99', 0.99]] as const) fields[name] = histogram.quantile(q);
  } else {
    // Cumulative, as InfluxDB's own OpenTelemetry schema has it: how many were at most so much.
    let below = 0;
    for (const [i, bound] of point.explicitBounds.entries()) fields[String(bound)] = BigInt(Math.round((below += point.bucketCounts[i] ?? 0)));
  }
  return fields;
}

function tagsOf(attributes: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, textOf(value)]));
}

function textOf({ stringValue, intValue, doubleValue, boolValue, ...other }: Value): string {
  return String(stringValue ?? intValue ?? doubleValue ?? boolValue ?? JSON.stringify(other));
}
