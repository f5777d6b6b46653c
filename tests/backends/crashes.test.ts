/** The collector is killed again and again, and so is who sends: afterwards nothing is missing and nothing is double. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanEnvironment, REGISTER, ROOT, spans, temporaryDirectory } from '../support/program.ts';
import { shipStatus } from '../../src/ship/status.ts';
import { expectAgreement, expectSpans, recording, ship } from './programs.ts';
import { eventually } from './server.ts';
import { startStack, type Stack } from './stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.stop());

test('three times, under load, with processes ending and the lease holder killed', async () => {
  const directory = temporaryDirectory();
  // One trace, so that it can be looked up as a whole.
  const load = recording(directory, stack, 'load', { TRACEPARENT: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`, OTEL_METRIC_EXPORT_INTERVAL: '1000' });
  const start = (seconds: number) => spawn(process.execPath, ['--require', REGISTER, 'tests/backends/programs/load.mjs', String(seconds)], { cwd: ROOT, env: { ...cleanEnvironment(), ...load.env }, stdio: 'ignore' });
  const ends: Promise<unknown>[] = [];
  let killed = 0;
  for (let round = 0; round < 3; round++) {
    const children = [start(8), start(6), start(3)];
    ends.push(...children.map((child) => once(child, 'exit')));
    await wait(1_500);
    await stack.collector.stop('SIGKILL');
    // Who sends is killed while nobody can be sent to.
    const holder = await eventually(async () => shipStatus(directory).holder, (found) => found !== undefined, 3_000);
    if (children.some((child) => child.pid === holder?.pid && child.kill('SIGKILL'))) killed++;
    await wait(1_500);
    await stack.collector.start();
    await wait(1_000);
  }
  await Promise.all(ends);
  expect(killed).toBeGreaterThan(0);
  await ship(load);
  expect(spans(directory).length).toBeGreaterThan(3_000);
  await expectAgreement(load, stack);
  // Nor has a value ever fallen, which would count all of it again in a rate.
  expect(await stack.prometheus.query('resets(spoor_spawn_duration_seconds{job="load"}[1h]) > 0')).toEqual([]);
  await expectSpans(load, stack, 60_000);
});
