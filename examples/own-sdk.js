/**
 * spoor's parts in an OpenTelemetry SDK of one's own, without `start()` and without a preload:
 * the instrumentations, the processor that puts the correlation id on every span, and the file exporters.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { metrics, trace } from '@opentelemetry/api';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ChildProcessInstrumentation, CorrelationSpanProcessor, WorkerThreadsInstrumentation } from 'spoor';
import { OtlpFileSpanProcessor } from 'spoor/exporters/otlp-file';
import { RollupFileExporter } from 'spoor/exporters/rollup-file';

const directory = process.env.SPOOR_DIR ?? '.spoor';
const tracerProvider = new NodeTracerProvider({
  spanProcessors: [new CorrelationSpanProcessor(), new OtlpFileSpanProcessor({ directory })],
});
tracerProvider.register();
const meterProvider = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter: new RollupFileExporter({ directory }) })],
});
metrics.setGlobalMeterProvider(meterProvider);
for (const instrumentation of [new ChildProcessInstrumentation(), new WorkerThreadsInstrumentation()]) {
  instrumentation.setTracerProvider(tracerProvider);
  instrumentation.setMeterProvider(meterProvider);
}

await trace.getTracer('example').startActiveSpan('release', async (span) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--version']);
  console.log(`a child said ${stdout.trim()}`);
  span.end();
});
await meterProvider.shutdown();
await tracerProvider.shutdown();
