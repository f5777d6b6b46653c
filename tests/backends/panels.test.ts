/** Every panel of every dashboard asks Prometheus something that it can answer, and gets an answer. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ATTR, INSTRUMENTS, type Instrument } from '../../src/conventions.ts';
import { Appender } from '../../src/store/append.ts';
import { deltaLine } from '../../src/rollup/otlp.ts';
import { Rollup } from '../../src/rollup/rollup.ts';
import { temporaryDirectory } from '../support/program.ts';
import { node, recording, ship } from './programs.ts';
import { eventually } from './server.ts';
import { CONFIG, startStack, type Stack } from './stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.stop());

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly panels?: readonly Panel[];
  readonly targets?: readonly { readonly expr?: string }[];
}

const FOLDER = join(CONFIG, 'grafana/dashboards');
const QUERIES = readdirSync(FOLDER).flatMap((name) => {
  const { panels } = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as { panels: readonly Panel[] };
  const all = (list: readonly Panel[]): readonly Panel[] => list.flatMap((panel) => [panel, ...all(panel.panels ?? [])]);
  return all(panels).flatMap(({ title, targets = [] }) => targets.flatMap(({ expr }) => (expr ? { dashboard: name, title, expr } : [])));
});

/** Values that attributes have in life; of the others any will do. */
const VALUES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  [ATTR.SPAWN_KIND]: ['spawn', 'agent', 'agent', 'worker'],
  [ATTR.SPAWN_OUTCOME]: [undefined, 'completed', 'failed', undefined],
  [ATTR.ERROR_TYPE]: [undefined, undefined, 'TypeError', undefined],
  [ATTR.EXPORT_WRITER]: ['file', undefined, 'file', 'file'],
  [ATTR.EXPORT_OUTCOME]: ['written', 'written', 'failed', 'skipped'],
};

/** Numbers of every metric, as a process would write them, and again after some time. */
async function recordEverything(directory: string): Promise<void> {
  const rollup = new Rollup({ onDropped: () => {} });
  const appender = new Appender({ directory, signal: 'rollups', onDropped: (reason) => expect.fail(reason) });
  const resource = JSON.stringify([['service.name', 'everything'], ['service.instance.id', 'one']].map(([key, stringValue]) => ({ key, value: { stringValue } })));
  for (const instrument of INSTRUMENTS) if (!instrument.name.startsWith('spoor.ship.')) record(rollup, instrument);
  expect(appender.append(deltaLine(rollup.takeDelta(), { resource, sequence: 1, final: true }))).toBe(true);
  appender.close();
}

function record(rollup: Rollup, instrument: Instrument): void {
  for (const i of [0, 1, 2, 3]) {
    const attributes = Object.fromEntries(instrument.attributes.map((name) => [name, name in VALUES ? VALUES[name]![i] : name === ATTR.METRIC_OVERFLOW ? undefined : 'x']));
    rollup.record(instrument, 1 + i, attributes);
  }
}

test('every query has an answer', async () => {
  const directory = temporaryDirectory();
  const everything = recording(directory, stack, 'everything');
  // Spans too: a collector has numbers on what it took only when it took something.
  await node(everything, ['-e', "require('node:child_process').spawnSync('true')"]);
  for (let i = 0; i < 3; i++) {
    await recordEverything(directory);
    await ship(everything);
  }
  expect(QUERIES.length).toBeGreaterThan(30);
  const fill = (expr: string): string =>
    expr
      .replaceAll('$__rate_interval', '2m')
      .replaceAll('$__range', '15m')
      .replaceAll('$__interval', '1m')
      .replaceAll(/\$\{?(\w+)(:\w+)?\}?/g, '.*');
  const ask = async (): Promise<readonly (typeof QUERIES)[number][]> => {
    const answers = await Promise.all(QUERIES.map(async (query) => ((await stack.prometheus.query(fill(query.expr))).length > 0 ? [] : [query])));
    return answers.flat();
  };
  // Prometheus scrapes itself and the collector every 15 s.
  const unanswered = await eventually(ask, (list) => list.length === 0, 90_000);
  expect(unanswered).toEqual([]);
});
