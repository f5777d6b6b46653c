import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { compactClosedHours } from '../../exporters/compact.ts';
import { hostId } from '../../src/store/host.ts';
import { HOUR_MS, hourFile } from '../../src/store/layout.ts';
import { counted } from '../support/ended.ts';
import { lines, runRegistered, temporaryDirectory } from '../support/program.ts';

const SPAWN = `require('node:child_process').spawnSync('true')`;

/** A program's lines, as if it had run so many hours ago. */
async function hoursAgo(directory: string, hours: number, host = hostId()): Promise<string> {
  const real = temporaryDirectory();
  // One line each, also where a busy machine makes the spawn take longer than numbers otherwise wait.
  for (let i = 0; i < 3; i++) await runRegistered(real, ['-e', SPAWN], { env: { SPOOR_FLUSH_INTERVAL: '1h' } });
  const now = Date.now();
  const past = hourFile(directory, 'rollups', now - hours * HOUR_MS, host);
  mkdirSync(dirname(past), { recursive: true });
  writeFileSync(past, lines(real, 'rollups').map((line) => `${JSON.stringify(line)}\n`).join(''));
  utimesSync(past, (now - hours * HOUR_MS) / 1000, (now - hours * HOUR_MS) / 1000);
  return past;
}

const count = (path: string): number => readFileSync(path, 'utf8').trim().split('\n').length;

test('hours that are over are folded, this one and other hosts’ are not, and the numbers stay', async () => {
  const directory = temporaryDirectory();
  const [two, one, current] = [await hoursAgo(directory, 3), await hoursAgo(directory, 2), await hoursAgo(directory, 0)];
  const foreign = await hoursAgo(directory, 2, 'elsewhere');
  expect(counted(directory)).toEqual({ true: 12 });
  compactClosedHours(directory, { now: Date.now(), maxBytes: Infinity, newest: 1 });
  expect([two, one, current, foreign].map(count)).toEqual([3, 1, 3, 3]);
  compactClosedHours(directory, { now: Date.now(), maxBytes: 10 });
  expect(count(two)).toBe(3);
  compactClosedHours(directory, { now: Date.now(), maxBytes: Infinity });
  expect([two, one, current, foreign].map(count)).toEqual([1, 1, 3, 3]);
  expect(counted(directory)).toEqual({ true: 12 });
});

test('the process that begins an hour folds the one before', async () => {
  const directory = temporaryDirectory();
  const past = await hoursAgo(directory, 2);
  await runRegistered(directory, ['-e', SPAWN]);
  expect(count(past)).toBe(1);
  expect(counted(directory)).toEqual({ true: 4 });
});

test('where the numbers are shipped, who ships must have read them first', async () => {
  const directory = temporaryDirectory();
  const past = await hoursAgo(directory, 2);
  mkdirSync(join(directory, 'ship'));
  writeFileSync(join(directory, 'ship/metrics.json'), '{}');
  compactClosedHours(directory, { now: Date.now(), maxBytes: Infinity });
  const { size } = statSync(past);
  compactClosedHours(directory, { now: Date.now(), maxBytes: Infinity, shipped: () => size - 1 });
  expect(count(past)).toBe(3);
  compactClosedHours(directory, { now: Date.now(), maxBytes: Infinity, shipped: () => size });
  expect(count(past)).toBe(1);
});
