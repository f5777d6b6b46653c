import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, run } from '../support/program.ts';
import { deadPort } from '../ship/backend.ts';
import { collector, lastMetrics, spanNames } from './collector.ts';

const folder = mkdtempSync(join(tmpdir(), 'spoor-direct-'));
const program = join(folder, 'fixture.mjs');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await build({
    entryPoints: [join(ROOT, 'tests/direct/fixture.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly dropped: Record<string, number>;
  /** Milliseconds that the end of the process waited. */
  readonly waited: number;
}

async function runFixture(endpoint: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const result = await run(process.execPath, [program, ...args], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, TEST_WORKER: join(ROOT, 'dist/direct-worker.cjs'), ...env },
  });
  return { ...result, ...(JSON.parse(result.stdout.trim().split('\n').at(-1)!) as { dropped: Record<string, number>; waited: number }) };
}

const NAMES = ['operation 0', 'operation 1', 'operation 2'];

describe('everything arrives', () => {
  test.each([
    ['natural', 0],
    ['exit', 7],
    ['throw', 1],
    ['app-worker', 0],
    ['flush', 0],
  ])('at the end by: %s', async (how, code) => {
    const sink = await collector();
    const result = await runFixture(sink.url, [how]);
    expect(result.code).toBe(code);
    expect(result.dropped).toEqual({});
    expect(spanNames(sink)).toEqual(NAMES);
    const metrics = lastMetrics(sink);
    expect(metrics['spoor.spawn.duration'].exponentialHistogram.dataPoints[0].count).toBe(3);
    expect(metrics['spoor.spawn.active'].sum.dataPoints[0].asDouble).toBe(3);
    expect(sink.requests[0]!.body.resourceSpans?.[0].resource.attributes ?? sink.requests[0]!.body.resourceMetrics[0].resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'fixture' } });
  });

  test('a burst larger than a batch', async () => {
    const sink = await collector();
    const result = await runFixture(sink.url, ['natural', '2000']);
    expect(result.dropped).toEqual({});
    expect(new Set(spanNames(sink)).size).toBe(2000);
  });
});

test('the standard variables: headers, compression, paths of a signal, temporality, histogram aggregation', async () => {
  const sink = await collector();
  await runFixture(sink.url, ['natural'], {
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${sink.url}/v1/traces`,
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'explicit_bucket_histogram',
  });
  expect(spanNames(sink)).toEqual(NAMES);
  for (const { headers } of sink.requests) expect(headers).toMatchObject({ 'x-tenant': 'a', 'content-encoding': 'gzip' });
  const metrics = lastMetrics(sink);
  const { histogram } = metrics['spoor.spawn.duration'];
  expect(histogram.aggregationTemporality).toBe(1);
  const { explicitBounds, bucketCounts } = histogram.dataPoints[0];
  // 0.02 s is above 0.01 and not above 0.025.
  expect(bucketCounts[explicitBounds.indexOf(0.025)]).toBe(3);
  expect(metrics['spoor.spawn.active'].sum.aggregationTemporality).toBe(2);
});

test('a signal can be left out', async () => {
  const sink = await collector();
  await runFixture(sink.url, ['natural'], { OTEL_METRICS_EXPORTER: 'none' });
  expect(sink.requests.map(({ path }) => path)).toEqual(['/v1/traces']);
});

test('preloads and loggers of the app are not in the worker, nor its output in the app', async () => {
  const sink = await collector();
  const result = await runFixture(sink.url, ['natural'], { NODE_OPTIONS: '--import="data:text/javascript,console.log(123)"', OTEL_LOG_LEVEL: 'debug' });
  expect(result.stdout.split('\n').filter((line) => line === '123')).toHaveLength(1);
  expect(result.stderr).toBe('');
});

describe('a collector that is not there', () => {
  test.each([
    ['natural', 0],
    ['exit', 7],
    ['throw', 1],
    ['flush', 0],
  ])('the end by %s waits no longer than allowed and keeps its code', async (how, code) => {
    const dead = await runFixture(`http://127.0.0.1:${await deadPort()}`, [how], { TEST_EXIT_TIMEOUT: '500' });
    const silent = await runFixture((await collector({ silent: true })).url, [how], { TEST_EXIT_TIMEOUT: '500' });
    for (const result of [dead, silent]) {
      expect(result.code).toBe(code);
      expect(Object.values(result.dropped).reduce((sum, count) => sum + count, 0)).toBe(3);
      // Far below the exporters' own 10 s, and far above what a busy machine adds.
      expect(result.waited).toBeLessThan(4000);
    }
  });

  test('memory is bounded: what waits is', async () => {
    const result = await runFixture((await collector({ silent: true })).url, ['natural', '10000'], { TEST_EXIT_TIMEOUT: '300' });
    expect(result.dropped).toEqual({ export_queue_full: 10_000 - 4096, export_timeout: 4096 });
  });
});

test('a process that recorded nothing starts no thread and waits for nobody', async () => {
  const sink = await collector();
  const result = await runFixture(sink.url, ['nothing'], { TEST_WORKER: '/does/not/exist.cjs' });
  expect(result).toMatchObject({ code: 0, dropped: {}, stderr: '' });
  expect(sink.requests).toEqual([]);
});

test('a thread that cannot start costs the app nothing but the spans, which are counted', async () => {
  const result = await runFixture('http://127.0.0.1:9', ['natural'], { TEST_WORKER: '/does/not/exist.cjs', TEST_EXIT_TIMEOUT: '300' });
  expect(result.code).toBe(0);
  expect(Object.values(result.dropped)).toEqual([3]);
});
