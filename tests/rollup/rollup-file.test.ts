import { buildSync } from 'esbuild';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RollupFileExporter } from '../../exporters/rollup-file.ts';
import { RollupFile } from '../../src/rollup/rollup-file.ts';
import type { Instrument } from '../../src/conventions.ts';
import { Merge } from '../../src/rollup/merge.ts';
import { parseRequest } from '../../src/rollup/request.ts';
import { Rollup } from '../../src/rollup/rollup.ts';
import { lines, ROOT, run, temporaryDirectory } from '../support/program.ts';

const COUNT: Instrument = { name: 'c', type: 'counter', unit: '1', description: '', attributes: [] };

/** A rollup file on a clock of the test's own; `works` false is a full disk. */
function setUp() {
  const state = { time: 5_000, works: true, tries: 0, lines: [] as string[] };
  const rollup = new Rollup({ onDropped: () => {} });
  const file = new RollupFile({
    rollup,
    resource: '[{"key":"service.instance.id","value":{"stringValue":"i"}}]',
    now: () => state.time,
    append: (line) => {
      state.tries++;
      if (state.works) state.lines.push(line);
      return state.works;
    },
  });
  let sequence = 0;
  const operation = (after = 0): void => {
    state.time += after;
    rollup.record(COUNT, 1, {});
    file.touch(++sequence);
  };
  const read = () => {
    const merge = new Merge();
    for (const line of state.lines) merge.add(parseRequest(line));
    const mark = merge.runtimes.get('i');
    return { count: merge.resources[0]?.metrics[0]?.series[0]?.value ?? 0, sequence: mark?.sequence, final: mark?.final };
  };
  return { state, rollup, file, operation, read };
}

test('a short process writes one line, at its end', () => {
  const { state, file, operation, read } = setUp();
  for (let i = 0; i < 50; i++) operation(1);
  expect(state.lines).toHaveLength(0);
  file.end(50);
  expect(state.lines).toHaveLength(1);
  expect(read()).toEqual({ count: 50, sequence: 50, final: true });
});

test('an end without numbers is written too, and what ends later at once', () => {
  const { state, file, operation, read } = setUp();
  file.end(0);
  expect(state.lines).toHaveLength(1);
  expect(read()).toEqual({ count: 0, sequence: 0, final: true });
  operation();
  operation();
  expect(state.lines).toHaveLength(3);
  expect(read()).toEqual({ count: 2, sequence: 2, final: true });
});

test('writes with the operation, without a timer, when the interval has passed; once a second when busy; again each 100 ms after a pause', () => {
  const { state, file, operation, read } = setUp();
  for (let i = 0; i < 1_000; i++) operation(1);
  expect(state.lines).toHaveLength(10);
  for (let i = 0; i < 10_000; i++) operation(1);
  expect(state.lines).toHaveLength(20);
  operation(10_000);
  const before = state.lines.length;
  for (let i = 0; i < 200; i++) operation(1);
  expect(state.lines).toHaveLength(before + 2);
  expect(read()).toEqual({ count: 11_201, sequence: 11_201, final: false });
  file.end(11_201);
});

test('a line that could not be written loses nothing, is tried again a second later, and writing resumes', () => {
  const { state, file, operation, read } = setUp();
  state.works = false;
  for (let i = 0; i < 2_100; i++) operation(1);
  expect(state.tries).toBe(3);
  state.works = true;
  operation(1_000);
  expect(read()).toEqual({ count: 2_101, sequence: 2_101, final: false });
  operation(100);
  expect(state.lines).toHaveLength(2);
  state.works = false;
  operation();
  file.end(2_103);
  state.works = true;
  operation();
  expect(read()).toEqual({ count: 2_104, sequence: 2_104, final: true });
});

test('the timer writes the rest, and resumes by itself after a fault', async () => {
  const rollup = new Rollup({ onDropped: () => {} });
  const written = await new Promise<string>((resolve) => {
    let tries = 0;
    const append = (line: string): boolean => {
      if (++tries < 2) return false;
      resolve(line);
      return true;
    };
    const file = new RollupFile({ rollup, resource: '[]', append, interval: 5 });
    rollup.record(COUNT, 3, {});
    file.touch(1);
  });
  const merge = new Merge();
  merge.add(parseRequest(written));
  expect(merge.resources[0]!.metrics[0]!.series[0]!.value).toBe(3);
});

test('keeps no process alive', async () => {
  const directory = temporaryDirectory();
  const bundle = join(directory, 'file.mjs');
  const entry = `import { RollupFile } from './src/rollup/rollup-file.ts';
    import { Rollup } from './src/rollup/rollup.ts';
    const rollup = new Rollup({ onDropped() {} });
    const file = new RollupFile({ rollup, resource: '[]', append: () => false, interval: 1e8 });
    rollup.record({ name: 'c', type: 'counter', unit: '', description: '', attributes: [] }, 1, {});
    file.touch(1);
    file.flush();
    // Runs only in a process that something else keeps alive.
    setTimeout(() => process.exit(9), 3_000).unref();`;
  buildSync({ stdin: { contents: entry, resolveDir: ROOT, loader: 'ts' }, bundle: true, platform: 'node', format: 'esm', outfile: bundle, packages: 'external' });
  expect(await run(process.execPath, [bundle])).toMatchObject({ code: 0, stderr: '' });
});

test("an SDK's metrics are appended as lines that readers merge, and a fault is the export's result", async () => {
  const directory = join(temporaryDirectory(), '.spoor');
  const dropped: string[] = [];
  const exporter = new RollupFileExporter({ directory, onDropped: (reason) => dropped.push(reason) });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e6 });
  const provider = new MeterProvider({ readers: [reader] });
  const meter = provider.getMeter('app');
  const histogram = meter.createHistogram('h');
  const counter = meter.createCounter('c');
  for (let i = 0; i < 2; i++) {
    for (const value of [1, 2, 3]) histogram.record(value, { a: 'x' });
    counter.add(2);
    await provider.forceFlush();
  }
  const found = lines(directory, 'rollups');
  expect(found).toHaveLength(2);
  const merge = new Merge();
  for (const one of found) merge.add(parseRequest(JSON.stringify(one)));
  const metrics = merge.resources[0]!.metrics;
  expect(metrics.find(({ name }) => name === 'h')!.series[0]!.histogram!).toMatchObject({ count: 6, sum: 12, min: 1, max: 3 });
  expect(metrics.find(({ name }) => name === 'c')!.series[0]!.value).toBe(4);
  await provider.shutdown();

  const careless = new RollupFileExporter({ directory: temporaryDirectory() });
  const nothing = { resource: { attributes: {} }, scopeMetrics: [] } as never;
  careless.export(nothing, () => {
    throw new Error("the caller's own");
  });
  expect(await new Promise((resolve) => careless.export(nothing, (result) => resolve(result.code)))).toBe(0);
  await careless.forceFlush();

  const blocked = join(temporaryDirectory(), 'file');
  writeFileSync(blocked, '');
  const failing = new RollupFileExporter({ directory: blocked });
  const code = await new Promise((resolve) => failing.export({ resource: { attributes: {} }, scopeMetrics: [] } as never, (result) => resolve(result.code)));
  expect(code).toBe(1);
  await failing.shutdown();
  expect(await new Promise((resolve) => failing.export({} as never, (result) => resolve(result.code)))).toBe(1);
});

test('an app that changes its working directory goes on in the same files', async () => {
  const cwd = temporaryDirectory();
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(cwd);
  const exporter = new RollupFileExporter();
  process.chdir(before);
  await new Promise((resolve) => exporter.export({ resource: { attributes: {} }, scopeMetrics: [] } as never, resolve));
  await exporter.shutdown();
  expect(lines(join(cwd, '.spoor'), 'rollups')).toHaveLength(1);
});
