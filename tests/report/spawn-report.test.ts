import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spawnReport, type SpawnReport } from '../../src/report/spawn-report.ts';
import { hostId } from '../../src/store/host.ts';
import { hourFile, hourFiles } from '../../src/store/layout.ts';
import { processPlace, processSpace } from '../../src/store/process-identity.ts';
import { temporaryDirectory } from '../support/program.ts';
import { HEX, Writer } from './fixture.ts';

const HOUR = 3_600_000;
const report = (directory: string, since = Date.now() - HOUR, top = 5): SpawnReport => spawnReport({ directory, since, top });
const summary = ({ groups }: SpawnReport): unknown[] =>
  groups.map(({ what, succeeded, failed, blocked, abandoned, running }) => [what.executable, succeeded, failed, blocked, abandoned, running]);
const gonePid = (): number => spawnSync(process.execPath, ['-e', '0']).pid;

test('a killed runtime counts exactly: its rollups and the spans after its last line, wherever it was cut off', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('end', 'fail', 'delta'), { maxLength: 30 }), fc.boolean(), (steps, isFinal) => {
      const directory = temporaryDirectory();
      const writer = new Writer(directory, 'a');
      steps.forEach((step, i) => {
        if (step === 'delta') writer.delta();
        else writer.end({ span: i + 1, attributes: step === 'fail' ? { 'error.type': 'exit_code' } : {} });
      });
      if (isFinal) writer.delta({ final: true });
      const ok = steps.filter((step) => step === 'end').length;
      const failed = steps.filter((step) => step === 'fail').length;
      expect(summary(report(directory))).toEqual(ok + failed === 0 ? [] : [['node', ok, failed, 0, 0, 0]]);
      const lastDelta = steps.lastIndexOf('delta');
      expect(report(directory).fromTraces).toBe(isFinal ? 0 : steps.slice(lastDelta + 1).length);
    }),
    { numRuns: 40 },
  );
});

test('lines of other writers (several spans a line, other order) count as ours do', () => {
  const directory = temporaryDirectory();
  const writer = new Writer(directory, 'a');
  for (let i = 1; i <= 4; i++) writer.end({ span: i, milliseconds: i });
  const { path } = hourFiles(directory, 'traces')[0]!;
  const requests = readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  const { resource, scopeSpans } = requests[0].resourceSpans[0];
  const all = requests.map((request) => request.resourceSpans[0].scopeSpans[0].spans[0]);
  writeFileSync(path, JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: all, scope: scopeSpans[0].scope }], resource }] }));
  expect(summary(report(directory))).toEqual([['node', 4, 0, 0, 0, 0]]);
  expect(report(directory).slowest[0]).toMatchObject({ spanId: HEX(16, 4), seconds: 0.004 });
});

test('the slowest and the last failures, once each, with their traces; from rollups when the traces are gone', () => {
  const directory = temporaryDirectory();
  const now = Date.now();
  const writer = new Writer(directory, 'a');
  for (let i = 1; i <= 30; i++) {
    writer.end({ trace: 100 + i, span: i, milliseconds: i * 10, end: now - (30 - i) * 1000, attributes: i % 3 === 0 ? { 'error.type': `type_${i}` } : {} });
  }
  writer.delta({ final: true });
  const found = report(directory, now - HOUR, 3);
  expect(found.slowest.map(({ spanId }) => Number.parseInt(spanId, 16))).toEqual([30, 29, 28]);
  expect(found.lastFailures.map(({ traceId, errorType }) => [Number.parseInt(traceId, 16), errorType])).toEqual([[130, 'type_30'], [127, 'type_27'], [124, 'type_24']]);
  writeFileSync(hourFiles(directory, 'traces')[0]!.path, '');
  expect(report(directory, now - HOUR, 1).slowest).toMatchObject([{ traceId: HEX(32, 130), seconds: 0.3, errorType: 'type_30' }]);
});

test('what has not ended is running or abandoned, by what became of its process', () => {
  const directory = temporaryDirectory();
  const now = Date.now();
  new Writer(directory, 'alive').start({ span: 1, name: 'alive' });
  new Writer(directory, 'gone', { pid: gonePid() }).start({ span: 2, name: 'gone' });
  // This process is younger than the spawn: its id has been given again.
  new Writer(directory, 'reused').start({ span: 3, name: 'reused', end: now - 50 * 60_000 - process.uptime() * 1000 });
  const ended = new Writer(directory, 'ended');
  ended.start({ span: 4, name: 'left behind' });
  ended.delta({ final: true });
  new Writer(directory, 'far', { host: '0123456789ab' }).start({ span: 5, name: 'far' });
  new Writer(directory, 'container', { hostName: 'elsewhere' }).start({ span: 6, name: 'long ago', end: now - 2 * HOUR });
  // Of another container with this host's name.
  new Writer(directory, 'sidecar', { pid: gonePid(), space: 'other' }).start({ span: 8, name: 'sidecar' });
  new Writer(directory, 'same space', { pid: gonePid(), space: processSpace() }).start({ span: 9, name: 'same space' });
  // The clock was set forward since: by it this process seems to be younger than the spawn.
  new Writer(directory, 'clock', { space: processPlace() }).start({ span: 10, name: 'clock', end: now - 3 * HOUR - process.uptime() * 1000 });
  new Writer(directory, 'other start', { space: `${processSpace()}:1` }).start({ span: 11, name: 'other start' });
  const done = new Writer(directory, 'done');
  done.start({ span: 7, name: 'done' });
  done.end({ span: 7, name: 'done' });
  const fates = Object.fromEntries(report(directory, now - 24 * HOUR).groups.map(({ what, running, abandoned, ended: count }) => [what.executable, [running, abandoned, count]]));
  expect(fates).toEqual({ alive: [1, 0, 0], gone: [0, 1, 0], reused: [0, 1, 0], 'left behind': [0, 1, 0], far: [1, 0, 0], sidecar: [1, 0, 0], 'same space': [0, 1, 0], clock: [1, 0, 0], 'other start': [0, 1, 0], 'long ago': [0, 1, 0], done: [0, 0, 1] });
});

test('blocked and abandoned outcomes are neither failures nor in the success rate', () => {
  const directory = temporaryDirectory();
  const writer = new Writer(directory, 'a');
  ['completed', 'failed', 'blocked', 'abandoned'].forEach((outcome, i) =>
    writer.end({ span: i + 1, attributes: { 'spoor.spawn.kind': 'agent', 'spoor.spawn.role': 'builder', 'gen_ai.request.model': 'm', 'spoor.spawn.outcome': outcome } }),
  );
  writer.delta({ final: true });
  const [group] = report(directory).groups;
  expect(group).toMatchObject({ what: { kind: 'agent', role: 'builder', model: 'm' }, succeeded: 1, failed: 1, blocked: 1, abandoned: 1, ended: 3 });
  expect(group!.durations.count).toBe(3);
});

test('a window leaves out what was written before it', () => {
  const directory = temporaryDirectory();
  let now = Date.now() - 3 * HOUR;
  const writer = new Writer(directory, 'a', { now: () => now });
  writer.end({ span: 1 });
  writer.delta();
  now += 2 * HOUR + 30 * 60_000;
  writer.end({ span: 2 });
  writer.delta({ final: true });
  expect(summary(report(directory, now - 1000))).toEqual([['node', 1, 0, 0, 0, 0]]);
  expect(summary(report(directory, 0))).toEqual([['node', 2, 0, 0, 0, 0]]);
});

test('corrupt lines are set aside by file and counted; the rest is read', () => {
  const directory = temporaryDirectory();
  const writer = new Writer(directory, 'a');
  writer.end({ span: 1 });
  writer.delta();
  writer.end({ span: 2 });
  const now = Date.now();
  for (const signal of ['traces', 'rollups', 'starts'] as const) {
    const path = hourFile(directory, signal, now, hostId());
    mkdirSync(join(path, '..'), { recursive: true });
    appendFileSync(path, '\u0000\u0000\n{"resourceSpans":[{"reso\n[]\n\n');
  }
  const found = report(directory);
  expect(summary(found)).toEqual([['node', 2, 0, 0, 0, 0]]);
  expect(found.setAside.map(({ file, lines }) => [file.split('/')[0], lines]).sort()).toEqual([['rollups', 3], ['starts', 3], ['traces', 3]]);
});

test('cut at any byte, the files are read as far as they go', () => {
  const directory = temporaryDirectory();
  const writer = new Writer(directory, 'a');
  writer.end({ span: 1, attributes: { 'spoor.spawn.role': 'größer' } });
  writer.end({ span: 2 });
  const { path } = hourFiles(directory, 'traces')[0]!;
  const whole = readFileSync(path);
  const first = whole.indexOf(10);
  for (let length = 0; length <= whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length));
    const { groups, setAside } = report(directory);
    const count = groups.reduce((sum, group) => sum + group.ended, 0);
    // A line is whole without its line break too.
    expect([length, count]).toEqual([length, length >= whole.length - 1 ? 2 : length >= first ? 1 : 0]);
    expect(setAside.length, `at ${length}`).toBe([0, first, first + 1, whole.length - 1, whole.length].includes(length) ? 0 : 1);
  }
});
