/** spoor's parts in an SDK of the app's own, of either line: the instrumentations in its list, the exporters among its own. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, lines, run, spans, temporaryDirectory } from '../support/program.ts';
import { app, node24, program } from './fixture.ts';

const at = (path: string): string => JSON.stringify(join(ROOT, 'dist', path));
const PROGRAM = `
const { trace, metrics } = require('@opentelemetry/api');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const childProcess = require('node:child_process');
(async () => {
  const { ChildProcessInstrumentation, WorkerThreadsInstrumentation, CorrelationSpanProcessor } = await import(${at('src/index.js')});
  const { OtlpFileSpanProcessor } = await import(${at('exporters/otlp-file.js')});
  const { RollupFileExporter } = await import(${at('exporters/rollup-file.js')});
  const directory = process.env.SPOOR_DIR;
  const sdk = new NodeSDK({
    serviceName: 'own',
    autoDetectResources: false,
    instrumentations: [new ChildProcessInstrumentation({ preload: false }), new WorkerThreadsInstrumentation({ preload: false })],
    spanProcessors: [new CorrelationSpanProcessor(), new OtlpFileSpanProcessor({ directory })],
    metricReaders: [new PeriodicExportingMetricReader({ exporter: new RollupFileExporter({ directory }) })],
  });
  sdk.start();
  trace.getTracer('app').startActiveSpan('outer', (span) => {
    childProcess.execFileSync('true');
    try { childProcess.execFileSync('false'); } catch {}
    span.end();
  });
  metrics.getMeter('app').createCounter('jobs').add(3);
  await sdk.shutdown();
})();
`;

test.each([
  ['sdk-2', 'this Node'],
  ['sdk-2', 'Node 24'],
  ['sdk-3', 'Node 24'],
] as const)('%s, %s', async (line, on) => {
  const directory = temporaryDirectory();
  const file = program(await app(line), 'app.cjs', PROGRAM);
  const { code, stderr } = await run(on === 'Node 24' ? await node24() : process.execPath, [file], { env: { SPOOR_DIR: directory } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });

  const written = spans(directory);
  const outer = written.find(({ name }) => name === 'outer')!;
  expect(written.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([['true', outer.spanId], ['false', outer.spanId], ['outer', undefined]]);
  expect(new Set(written.map(({ attributes }) => attributes['spoor.correlation.id']))).toEqual(new Set([outer.traceId]));
  expect(outer.resource['service.name']).toBe('own');

  const metrics = lines(directory, 'rollups').flatMap(({ resourceMetrics }) => resourceMetrics).flatMap(({ scopeMetrics }) => scopeMetrics).flatMap((scope: any) => scope.metrics);
  const named = (name: string): any => metrics.find((metric: any) => metric.name === name);
  expect(named('jobs').sum.dataPoints).toMatchObject([{ asDouble: 3 }]);
  expect(named('spoor.spawn.duration').exponentialHistogram.dataPoints.map((point: any) => Number(point.count))).toEqual([1, 1]);
});
