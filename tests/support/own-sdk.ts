/** Someone's own SDK in the process of the tests. */
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AggregationTemporality, type DataPoint, type Histogram, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach } from 'vitest';

export interface OwnSdk {
  readonly spans: InMemorySpanExporter;
  /** What a metric has now. */
  points(name: string): Promise<DataPoint<number | Histogram>[]>;
}

/** Registers one with the API before each test of the file or the `describe`, and takes it back after it. */
export function ownSdk(): OwnSdk {
  const spans = new InMemorySpanExporter();
  const numbers = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  let reader: PeriodicExportingMetricReader;
  beforeEach(() => {
    spans.reset();
    numbers.reset();
    reader = new PeriodicExportingMetricReader({ exporter: numbers });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  });
  afterEach(() => {
    context.disable();
    trace.disable();
    metrics.disable();
  });
  return {
    spans,
    async points(name) {
      await reader.forceFlush();
      const all = numbers.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics).flatMap((scope) => scope.metrics);
      return (all.filter(({ descriptor }) => descriptor.name === name).at(-1)?.dataPoints ?? []) as DataPoint<number | Histogram>[];
    },
  };
}
