import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REGISTER, ROOT, run, spans, temporaryDirectory } from '../support/program.ts';
import { OWN_SDK } from './apps.ts';
import { app, node24, program } from './fixture.ts';

const INSTRUMENT = join(ROOT, 'dist/instrument.cjs');
const CHILDREN = [['spoor', 'true', 'outer'], ['spoor', 'true', 'outer'], ['late', 'inner', 'outer'], ['spoor', 'worker [eval]', 'outer'], ['early', 'outer', null], ['spoor', 'true', 'outer']];

interface Report {
  spans: string[][];
  said: string[];
  metrics: [string, string, unknown][];
}

const lines = [
  ['sdk-2', 'cjs'],
  ['sdk-2', 'mjs'],
  ['sdk-3', 'cjs'],
  ['sdk-3', 'mjs'],
] as const;

/** SDK 3.x needs Node >= 22.15. */
const nodeFor = async (line: string): Promise<string> => (line === 'sdk-3' ? node24() : process.execPath);

test.each(lines)('spoor/instrument: spans and numbers go to the app’s own SDK, nothing to disk: %s %s', async (line, module) => {
  const file = program(await app(line), `app.${module}`, OWN_SDK);
  const directory = join(temporaryDirectory(), 'none');
  const { stdout, stderr } = await run(await nodeFor(line), ['--require', INSTRUMENT, file], { env: { SPOOR_DIR: directory } });
  const report = JSON.parse(stdout) as Report;
  expect(report.spans, stderr).toEqual(CHILDREN);
  expect(report.said).toEqual([]);
  expect(report.metrics.map(([scope, name]) => `${scope} ${name}`).sort()).toEqual(['m c', 'spoor spoor.spawn.active', 'spoor spoor.spawn.duration']);
  expect(existsSync(directory)).toBe(false);
});

test.each(lines)('spoor’s instrumentations in an app’s own list, without and under register: %s %s', async (line, module) => {
  const source = OWN_SDK.replace('const { NodeSDK }', `const { ChildProcessInstrumentation } = require(${JSON.stringify(join(ROOT, 'dist/src/instrumentation/child-process.js'))});
const { WorkerThreadsInstrumentation } = require(${JSON.stringify(join(ROOT, 'dist/src/instrumentation/worker-threads.js'))});
const { NodeSDK }`).replace('instrumentations: []', 'instrumentations: [new ChildProcessInstrumentation({ preload: false }), new WorkerThreadsInstrumentation({ preload: false })]');
  const file = program(await app(line), `app.${module}`, source);
  const alone = await run(await nodeFor(line), [file]);
  const report = JSON.parse(alone.stdout) as Report;
  expect(report.spans, alone.stderr).toEqual(CHILDREN);

  const directory = temporaryDirectory();
  const under = await run(await nodeFor(line), ['--require', REGISTER, file], { env: { SPOOR_DIR: directory } });
  // One span for each spawn: the app's, which is written by us too.
  expect((JSON.parse(under.stdout) as Report).spans, under.stderr).toEqual(CHILDREN);
  expect(spans(directory).map((span) => span.name)).toEqual(['true', 'true', 'worker [eval]', 'true']);
});

test('spoor/instrument under register only says so', async () => {
  const directory = temporaryDirectory();
  const file = program(await app('sdk-2'), 'app.cjs', OWN_SDK);
  const env = { SPOOR_DIR: directory, OTEL_LOG_LEVEL: 'info' };
  const { stdout, stderr } = await run(process.execPath, ['--require', REGISTER, '--require', INSTRUMENT, file], { env });
  expect(stderr).toMatch(/^spoor: spoor\/register is active in this process and instruments already/);
  expect((JSON.parse(stdout) as Report).spans).toEqual([['late', 'inner', 'outer'], ['early', 'outer', null]]);
  expect(spans(directory)).toHaveLength(4);
});
