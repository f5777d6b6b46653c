/** docs/first-alert.md, step by step, on the real backends: its commands as they stand there, and what it says one sees. */
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, type Result, run } from '../support/program.ts';
import { eventually, temporaryFolder, until } from './server.ts';
import { startStack, type Stack } from './stack.ts';

const page = readFileSync(join(ROOT, 'docs/first-alert.md'), 'utf8');
const folder = temporaryFolder();
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ alerts: true });
  // What `npm install spoor` leaves.
  mkdirSync(join(folder.path, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(ROOT, 'dist/src/cli/main.js'), join(folder.path, 'node_modules/.bin/spoor'));
});

afterAll(async () => {
  await stack.stop();
  folder.remove();
});

/** A block of the page, run in the project. */
function step(file: string): Promise<Result> {
  const block = new RegExp(`^\`\`\`sh file=${file}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(page)![1]!;
  expect(block).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\n');
  return run('sh', ['-e', '-c', block.replace('http://127.0.0.1:4318', stack.endpoint)], { cwd: folder.path, env: { PATH: [join(folder.path, 'node_modules/.bin'), process.env.PATH].join(delimiter) } });
}

test('the first trace, the first panel, the first alert', async () => {
  const first = await step('first.sh');
  expect(first, first.stderr).toMatchObject({ code: 0, stderr: expect.stringMatching(/^spoor: node ok in .* · 2 spawns, none failed · data in .*\.spoor · spoor traces [0-9a-f]{12}\n$/m) });
  expect(page).toContain('one trace with 3 spans');
  const traces = await eventually(() => stack.jaeger.find('first', {}), ([trace]) => trace?.length === 3);
  expect(traces.map((trace) => trace.length)).toEqual([3]);
  expect(traces[0]!.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);

  expect(page).toContain('*Spawns* from 3 to 6');
  expect(page).toContain('with exactly 3 *Ever*');
  const ever = 'sum (histogram_count(last_over_time(spoor_spawn_duration_seconds[6h])))';
  expect((await eventually(() => stack.prometheus.query(ever), ([sample]) => sample?.value === 3)).map(({ value }) => value)).toEqual([3]);
  const [spawned] = await stack.prometheus.query('sum (histogram_count(increase(spoor_spawn_duration_seconds[6h])))');
  expect(spawned!.value).toBeGreaterThanOrEqual(3);
  expect(spawned!.value).toBeLessThanOrEqual(6);

  const failed = await step('fail.sh');
  expect(failed.stderr).toContain('20 spawns, 20 failed');
  const { annotations } = await until('the alert', async () => stack.notifications.find(({ labels }) => labels.alertname === 'SpoorSpawnFailuresFast'), 60_000);
  expect(annotations.summary).toMatch(/^Spawns of first fail: 8\d(\.\d+)?%$/);
});
