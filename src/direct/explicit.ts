/**
 * Exponential histograms as classic ones with explicit bounds, for who asks for them with
 * `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=explicit_bucket_histogram`. A value within the
 * exponential histogram's relative error of a bound may count on its other side.
 */
import type { DataPoint, ExponentialHistogram, Histogram, HistogramMetricData, MetricData } from '@opentelemetry/sdk-metrics';
import { bucketMiddle } from '../rollup/buckets.ts';

/** The SDK's `DataPointType`, by number. */
const HISTOGRAM = 0;
const EXPONENTIAL_HISTOGRAM = 1;

/** Seconds: the semantic conventions' bounds for durations, and on to an hour, for what a process may take. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 300, 900, 3600];
/** The bounds that the semantic conventions give for token usage: powers of four. */
const COUNTS = Array.from({ length: 14 }, (_, power) => 4 ** power);

export function withExplicitBuckets(metric: MetricData): MetricData {
  if (metric.dataPointType !== EXPONENTIAL_HISTOGRAM) return metric;
  const boundaries = metric.descriptor.unit === 's' ? SECONDS : COUNTS;
  const dataPoints = (metric.dataPoints as DataPoint<ExponentialHistogram>[]).map((point) => ({ ...point, value: explicit(point.value, boundaries) }));
  return { ...metric, dataPointType: HISTOGRAM, dataPoints } as HistogramMetricData;
}

function explicit(value: ExponentialHistogram, boundaries: number[]): Histogram {
  const { count, sum, min, max, scale, zeroCount, positive, negative } = value;
  const counts = Array.from({ length: boundaries.length + 1 }, () => 0);
  const add = (at: number, howMany: number): void => {
    const within = Math.min(Math.max(at, min ?? at), max ?? at);
    const index = boundaries.findIndex((bound) => within <= bound);
    counts[index === -1 ? boundaries.length : index]! += howMany;
  };
  add(0, zeroCount);
  positive.bucketCounts.forEach((howMany, i) => add(bucketMiddle(positive.offset + i, scale), howMany));
  negative.bucketCounts.forEach((howMany, i) => add(-bucketMiddle(negative.offset + i, scale), howMany));
  return { buckets: { boundaries, counts }, count, sum: sum ?? 0, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}
