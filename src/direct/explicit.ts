/**
 * Exponential histograms as classic ones with explicit bounds, for who asks for them with
 * `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=explicit_bucket_histogram`.
 */
import type { DataPoint, ExponentialHistogram, Histogram, HistogramMetricData, MetricData } from '@opentelemetry/sdk-metrics';
import { boundsFor, explicitCounts } from '../rollup/explicit-buckets.ts';

/** The SDK's `DataPointType`, by number. */
const HISTOGRAM = 0;
const EXPONENTIAL_HISTOGRAM = 1;

export function withExplicitBuckets(metric: MetricData): MetricData {
  if (metric.dataPointType !== EXPONENTIAL_HISTOGRAM) return metric;
  const boundaries = boundsFor(metric.descriptor.unit);
  const dataPoints = (metric.dataPoints as DataPoint<ExponentialHistogram>[]).map((point) => ({ ...point, value: explicit(point.value, boundaries) }));
  return { ...metric, dataPointType: HISTOGRAM, dataPoints } as HistogramMetricData;
}

function explicit(value: ExponentialHistogram, boundaries: readonly number[]): Histogram {
  const { count, sum, min, max } = value;
  const counts = explicitCounts({ ...value, sum: sum ?? 0, min: min ?? Infinity, max: max ?? -Infinity }, boundaries);
  return { buckets: { boundaries: [...boundaries], counts }, count, sum: sum ?? 0, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}
