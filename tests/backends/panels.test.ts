/** Every panel of every dashboard, on the real Prometheus, with everything that spoor records in it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { node, recording, ship } from './programs.ts';
import { eventually, temporaryFolder } from './server.ts';
import { CONFIG, startStack, type Stack } from './stack.ts';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

const FOLDER = join(CONFIG, 'grafana/dashboards');
const queries = readdirSync(FOLDER).flatMap((file) => {
  const { panels } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { panels: readonly Panel[] };
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr, refId }) => ({ panel: `${file}: ${title}, ${refId}`, expr })));
});

const folder = temporaryFolder();
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  const everything = recording(folder.path, stack, 'everything');
  const { code, stderr } = await node(everything, ['tests/backends/programs/everything.mjs']);
  expect(code, stderr).toBe(0);
  await ship(everything);
});

afterAll(async () => {
  await stack.stop();
  folder.remove();
});

/** As Grafana does it, all services and directories chosen. */
const filled = (expr: string): string => expr.replaceAll('$job', '.*').replaceAll('$directory', '.*').replaceAll('$__range', '1h').replaceAll('$__rate_interval', '2m');

test.each(queries)('$panel', async ({ expr }) => {
  const samples = await eventually(() => stack.prometheus.query(filled(expr)), (list) => list.length > 0, 60_000);
  expect(samples.length).toBeGreaterThan(0);
});

test('there are queries, and a wrong one is refused', async () => {
  expect(queries.length).toBeGreaterThan(60);
  await expect(stack.prometheus.query('sum by (')).rejects.toThrow('parse error');
});
