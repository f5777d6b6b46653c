/** Spawns, selectors and exports: every series that the files have, Prometheus has, with the same numbers. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INSTRUMENTS } from '../../src/conventions.ts';
import { lines, temporaryDirectory, attributesOf } from '../support/program.ts';
import { expectSpans, node, recording, ship, spoor, type Recording } from './programs.ts';
import { eventually } from './server.ts';
import { startStack, type Stack } from './stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.stop());

const UNITS: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/** As Prometheus names a metric that comes by OTLP. */
function prometheusName(name: string): string {
  const { unit, type } = INSTRUMENTS.find((instrument) => instrument.name === name)!;
  return name.replaceAll('.', '_') + (UNITS[unit] ?? '') + (type === 'counter' ? '_total' : '');
}

type Totals = Record<string, readonly [count: number, sum: string]>;

/** Sums over all delta lines, by series. */
function local({ directory }: Recording): Totals {
  const totals = new Map<string, [number, number]>();
  for (const { resourceMetrics } of lines(directory, 'rollups')) {
    for (const metric of resourceMetrics.flatMap((resource: any) => resource.scopeMetrics).flatMap((scope: any) => scope.metrics)) {
      for (const point of (metric.exponentialHistogram ?? metric.sum).dataPoints) {
        const labels = Object.entries(attributesOf(point.attributes)).map(([key, value]) => [key.replaceAll('.', '_'), value] as const);
        add(totals, prometheusName(metric.name), labels, point.count ?? 0, point.sum ?? point.asDouble);
      }
    }
  }
  return rounded(totals);
}

async function remote({ service }: Recording): Promise<Totals> {
  const totals = new Map<string, [number, number]>();
  for (const { labels, value, histogram } of await stack.prometheus.query(`{job="${service}",__name__=~"spoor_[^:]+|gen_ai_[^:]+",__name__!~"spoor_ship_.*"}`)) {
    const { __name__: name, job: _job, instance: _instance, ...rest } = labels;
    add(totals, name!, Object.entries(rest), histogram?.count ?? 0, histogram?.sum ?? value);
  }
  return rounded(totals);
}

function add(totals: Map<string, [number, number]>, name: string, labels: readonly (readonly [string, unknown])[], count: number, sum: number): void {
  const key = [name, ...labels.map(([label, value]) => `${label}=${String(value)}`).sort()].join(' ');
  const before = totals.get(key) ?? [0, 0];
  totals.set(key, [before[0] + count, before[1] + sum]);
}

function rounded(totals: Map<string, [number, number]>): Totals {
  return Object.fromEntries(Array.from(totals, ([key, [count, sum]]) => [key, [count, sum.toPrecision(9)]] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('counts, sums and outcomes, exactly', async () => {
  const all = recording(temporaryDirectory(), stack, 'domains');
  for (let i = 0; i < 2; i++) {
    const { code, stderr } = await node(all, ['tests/backends/programs/domains.mjs', temporaryDirectory()]);
    expect(code, stderr).toBe(0);
  }
  await ship(all);
  const expected = local(all);
  for (const name of ['spoor_spawn_duration', 'gen_ai_client_token_usage', 'spoor_selector_duration', 'spoor_selector_fallbacks', 'spoor_export_duration', 'spoor_export_size']) {
    expect(Object.keys(expected).some((key) => key.startsWith(name)), name).toBe(true);
  }
  expect(await eventually(() => remote(all), (seen) => JSON.stringify(seen) === JSON.stringify(expected))).toEqual(expected);
  await expectSpans(all, stack);
});

test('explicit buckets by the standard variable, and two services in one directory', async () => {
  const directory = temporaryDirectory();
  const explicit = { OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'explicit_bucket_histogram' };
  for (const service of ['left', 'right']) {
    const one = recording(directory, stack, service, explicit);
    await node(one, ['-e', `for (let i = 0; i < ${service === 'left' ? 2 : 3}; i++) require('node:child_process').spawnSync('true')`]);
    await ship(one);
  }
  const count = async (service: string): Promise<number[]> => {
    const samples = await stack.prometheus.query(`{job="${service}",__name__=~"spoor_spawn_duration_seconds_(count|bucket)",le=~"(.Inf)?"}`);
    return samples.map(({ value }) => value);
  };
  const look = async (): Promise<number[][]> => Promise.all(['left', 'right'].map(count));
  expect(await eventually(look, (seen) => seen.flat().length === 4)).toEqual([[2, 2], [3, 3]]);
});

test('the collector reads the trace files itself, in place of the sender', async () => {
  const directory = temporaryDirectory();
  const files = await startStack({ traceFiles: `${directory}/traces/*/*.jsonl` });
  try {
    const own = recording(directory, files, 'files');
    const env = { SPOOR_DIR: directory, OTEL_SERVICE_NAME: 'files' };
    await spoor({ ...own, env }, ['run', '-q', '--', process.execPath, 'tests/backends/programs/work.mjs', 'tree', '4', '2']);
    await expectSpans(own, files);
  } finally {
    await files.stop();
  }
});
