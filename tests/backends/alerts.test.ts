/** From a failing spawn to a message for a person, by the rules as they are; and the all-clear. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/program.ts';
import { node, recording, ship } from './programs.ts';
import { until } from './server.ts';
import { startStack, type Notification, type Stack } from './stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ alerts: true });
});

afterAll(() => stack.stop());

test('failing spawns reach a receiver within 60 s, and it is told when they are over', async () => {
  const builds = recording(temporaryDirectory(), stack, 'builds');
  const told = (status: Notification['status']) => async () => stack.notifications.find((one) => one.status === status && one.labels.alertname === 'SpoorSpawnFailuresFast');
  await node(builds, ['tests/backends/programs/failing.mjs', '20', '5']);
  await ship(builds);
  const { labels, annotations } = await until('the alert', told('firing'), 60_000);
  expect(labels).toMatchObject({ job: 'builds', severity: 'page' });
  expect(annotations.summary).toContain('builds');
  expect(annotations.runbook_url).toMatch(/#spoorspawnfailuresfast$/);
  await node(builds, ['tests/backends/programs/failing.mjs', '0', '2000']);
  await ship(builds);
  await until('the all-clear', told('resolved'), 100_000);
});
