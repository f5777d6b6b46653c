/** The demo's program through the whole road: what Jaeger and Prometheus have is what the files have. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, spans, temporaryDirectory } from '../support/program.ts';
import { eventually } from './server.ts';
import { expectAgreement, expectSpans, node, recording, ship, spoor } from './programs.ts';
import { startStack, type Stack } from './stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.stop());

test('the trace is complete: every process, the links right, found by the correlation id', async () => {
  const directory = temporaryDirectory();
  const demo = recording(directory, stack, 'demo', { DEMO_FOLDER: temporaryDirectory(), SPOOR_CORRELATION_ID: 'order-42' });
  const { code, stderr } = await spoor(demo, ['run', '--', process.execPath, `${ROOT}/examples/demo/orchestrator.js`]);
  expect(code, stderr).toBe(0);
  await ship(demo);
  await expectSpans(demo, stack);
  const recorded = spans(directory);
  // The run, the orchestrator, its build and the build's compressors; workers are runtimes of their own.
  expect(new Set(recorded.map(({ resource }) => resource['process.pid'])).size).toBeGreaterThanOrEqual(3);
  const found = await stack.jaeger.find('demo', { 'spoor.correlation.id': 'order-42' });
  expect(found.map((trace) => trace.length)).toEqual([recorded.length]);
  const roots = found[0]!.filter(({ parentSpanId }) => parentSpanId === undefined);
  expect(roots).toHaveLength(1);
  const rows = await expectAgreement(demo, stack);
  // Nothing is sampled out: the spans say the same.
  const bySpans = new Map<string, number>();
  for (const { tags } of found[0]!) {
    if (tags['spoor.spawn.kind'] === undefined) continue;
    const kind = ['agent', 'worker'].includes(String(tags['spoor.spawn.kind'])) ? tags['spoor.spawn.kind'] : 'process';
    const name = [kind, tags['process.executable.name'], tags['spoor.spawn.role'], tags['gen_ai.request.model']].join(' ');
    bySpans.set(name, (bySpans.get(name) ?? 0) + 1);
  }
  expect(Object.fromEntries([...bySpans].sort(([a], [b]) => (a < b ? -1 : 1)))).toEqual(Object.fromEntries(Object.entries(rows).map(([name, { count }]) => [name, count])));
  const exemplars = await stack.prometheus.exemplars('spoor_spawn_duration_seconds{job="demo"}');
  const ids = new Set(recorded.map(({ spanId }) => spanId));
  for (const { labels } of exemplars.flatMap((series) => series.exemplars)) expect(ids.has(labels.span_id!)).toBe(true);
  expect(exemplars.length).toBeGreaterThan(0);
});

test('90% of the traces sampled out: the numbers still agree', async () => {
  const directory = temporaryDirectory();
  const sampled = recording(directory, stack, 'sampled', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' });
  const { code, stderr } = await node(sampled, ['tests/backends/programs/failing.mjs', '300', '700']);
  expect(code, stderr).toBe(0);
  await ship(sampled);
  const rows = await expectAgreement(sampled, stack);
  expect(Object.values(rows).map(({ count, errors }) => [count, errors])).toEqual([[1000, { TypeError: 300 }]]);
  const kept = spans(directory).length;
  expect(kept).toBeGreaterThan(40);
  expect(kept).toBeLessThan(200);
  await expectSpans(sampled, stack);
});

test("quantiles agree within the histograms' error", async () => {
  const directory = temporaryDirectory();
  const timed = recording(directory, stack, 'timed');
  await node(timed, ['-e', "for (let i = 0; i < 61; i++) require('node:child_process').spawnSync('sleep', [String((i % 30) / 150)])"]);
  await ship(timed);
  await expectAgreement(timed, stack);
  const seconds = spans(directory).map(({ start, end }) => Number(end - start) / 1e9).sort((a, b) => a - b);
  const [histogram] = await stack.prometheus.query('last_over_time(spoor_spawn_duration_seconds{job="timed"}[1h])');
  for (const q of [0.5, 0.9, 0.95, 0.99]) {
    const [{ value } = { value: NaN }] = await stack.prometheus.query(`histogram_quantile(${q}, last_over_time(spoor_spawn_duration_seconds{job="timed"}[1h]))`);
    const exact = seconds[Math.ceil(q * seconds.length) - 1]!;
    // Both are within one bucket. (With 61 measurements each rank is of one of them.)
    expect(Math.abs(Math.log(value / exact)), `${q}: ${value} ${exact}`).toBeLessThanOrEqual(Math.log(histogram!.histogram!.ratio) + 1e-9);
  }
});

test('the numbers on the sending itself are there', async () => {
  const directory = temporaryDirectory();
  const own = recording(directory, stack, 'own');
  await node(own, ['-e', "require('node:child_process').spawnSync('true')"]);
  await ship(own);
  const samples = await eventually(() => stack.prometheus.query('spoor_ship_last_success_seconds{job="own"}'), (list) => list.length > 0);
  for (const { value } of samples) expect(Math.abs(Date.now() / 1000 - value)).toBeLessThan(120);
  expect(samples.length).toBeGreaterThan(0);
});
