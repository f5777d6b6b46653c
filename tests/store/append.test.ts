import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hostId } from '../../src/store/host.ts';
import { directoryId, HOUR_MS, hourFile, hourFiles, type Signal } from '../../src/store/layout.ts';
import { retain } from '../../src/store/retention.ts';
import { ROOT, temporaryDirectory } from '../support/program.ts';

const NOON = Date.UTC(2026, 10, 21, 12);

/** With a clock that the test sets. */
async function subject(limits: { maxAge?: number; maxBytes?: number } = {}, directory = join(temporaryDirectory(), '.spoor')) {
  const time = { now: NOON };
  vi.resetModules();
  vi.doMock(import('../../src/clock.ts'), async (original) => ({ ...(await original()), now: () => time.now }));
  const { Appender } = await import('../../src/store/append.ts');
  const dropped: Record<string, number> = {};
  const appender = new Appender({ directory, signal: 'traces', onDropped: (reason, count) => void (dropped[reason] = (dropped[reason] ?? 0) + count), ...limits });
  onTestFinished(() => appender.close());
  const path = (): string => hourFile(directory, 'traces', time.now, hostId());
  return { appender, directory, dropped, time, path, content: () => readFileSync(path(), 'utf8') };
}

test('the first line makes a private directory that git ignores, with an identity that stays', async () => {
  const { appender, directory, content, path } = await subject();
  expect(existsSync(directory)).toBe(false);
  expect(appender.append('{"é":1}')).toBe(true);
  expect(content()).toBe('{"é":1}\n');
  const id = directoryId(directory);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(readFileSync(join(directory, '.gitignore'), 'utf8')).toBe('*\n');
  for (const one of [directory, dirname(path())]) expect(statSync(one).mode & 0o777).toBe(0o700);
  for (const one of [path(), join(directory, 'id')]) expect(statSync(one).mode & 0o777).toBe(0o600);
  rmSync(join(directory, 'traces'), { recursive: true });
  const second = await subject({}, directory);
  second.appender.append('x');
  expect(directoryId(directory)).toBe(id);
});

test("somebody's own directory gets no .gitignore", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'package.json'), '{}');
  const { appender } = await subject({}, directory);
  appender.append('x');
  expect(readdirSync(directory).sort()).toEqual(['id', 'package.json', 'traces']);
});

test('each hour has its file, and a clock that goes back finds the old one again', async () => {
  const { appender, time, directory } = await subject();
  for (const [line, hours] of [['a', 0], ['b', 1], ['c', 0], ['d', 12]] as const) {
    time.now = NOON + hours * HOUR_MS;
    expect(appender.append(line)).toBe(true);
  }
  expect(hourFiles(directory, 'traces').map(({ path }) => readFileSync(path, 'utf8'))).toEqual(['a\nc\n', 'b\n', 'd\n']);
});

test.each(['deleted', 'moved away'])('a directory that is %s while in use is made anew', async (how) => {
  const { appender, directory, time, content } = await subject();
  appender.append('a');
  if (how === 'deleted') rmSync(directory, { recursive: true });
  else renameSync(directory, `${directory}-elsewhere`);
  time.now += 100;
  expect(appender.append('b')).toBe(true);
  expect(content()).toBe('b\n');
});

test('what was written to a file that is deleted is counted as soon as that is noticed; what went with it is not', async () => {
  const { appender, directory, dropped, time, path, content } = await subject();
  appender.append('a');
  utimesSync(path(), 0, 0);
  rmSync(directory, { recursive: true });
  time.now += 100;
  appender.append('b');
  expect(dropped).toEqual({});
  time.now += 100;
  appender.append('c');
  rmSync(directory, { recursive: true });
  time.now += 50;
  expect([appender.append('d'), appender.append('e')]).toEqual([true, true]);
  time.now += 50;
  expect(appender.append('f')).toBe(true);
  expect(dropped).toEqual({ file_deleted: 3 });
  expect(content()).toBe('f\n');
});

test('what cannot be written is counted, not tried at each line, and writing resumes by itself', async () => {
  const { appender, directory, dropped, time, path, content } = await subject();
  mkdirSync(path(), { recursive: true });
  expect([appender.append('a'), appender.append('b')]).toEqual([false, false]);
  expect(dropped).toEqual({ EISDIR: 2 });
  rmdirSync(path());
  expect(appender.append('c')).toBe(false);
  time.now += 100;
  expect(appender.append('d')).toBe(true);
  expect(content()).toBe('d\n');
  rmSync(directory, { recursive: true });
  writeFileSync(directory, 'a file');
  time.now += 100;
  expect(appender.append('e')).toBe(false);
  expect(dropped).toMatchObject({ EISDIR: 3, ENOTDIR: 1 });
});

test.runIf(existsSync('/dev/full'))('a full disk', async () => {
  const { appender, dropped, time, path, content } = await subject();
  mkdirSync(dirname(path()), { recursive: true });
  symlinkSync('/dev/full', path());
  expect(appender.append('a')).toBe(false);
  expect(dropped).toEqual({ ENOSPC: 1 });
  unlinkSync(path());
  time.now += 100;
  expect(appender.append('b')).toBe(true);
  expect(content()).toBe('b\n');
});

test('after a torn line the next one starts on its own', async () => {
  const { appender, path, content } = await subject();
  mkdirSync(dirname(path()), { recursive: true });
  writeFileSync(path(), '{"torn":');
  appender.append('{"a":1}');
  appender.append('{"b":1}');
  expect(content()).toBe('{"torn":\n{"a":1}\n{"b":1}\n');
});

test('the size is never passed, and what it costs is counted', async () => {
  const { appender, directory, dropped, time } = await subject({ maxBytes: 1600 });
  const total = (): number => hourFiles(directory, 'traces').reduce((sum, { path }) => sum + statSync(path).size, 0);
  const written = 3 * 50;
  let kept = 0;
  for (let hour = 0; hour < 3; hour++) {
    time.now = NOON + hour * HOUR_MS;
    for (let i = 0; i < 50; i++) if (appender.append('x'.repeat(49))) kept++;
    expect(total()).toBeLessThanOrEqual(1600);
  }
  const { retention_size: deleted = 0, size_limit: refused = 0 } = dropped;
  expect(kept + refused).toBe(written);
  expect(total()).toBe((kept - deleted) * 50);
  expect(deleted).toBeGreaterThan(0);
});

test('lines larger than the buffer, and text outside ASCII', async () => {
  const { appender, content } = await subject();
  const lines = ['é'.repeat(40_000), '😀\ud800', 'x'.repeat(21_844), ''];
  for (const line of lines) expect(appender.append(line)).toBe(true);
  expect(content()).toBe(`${lines.join('\n').replace('\ud800', '\ufffd')}\n`);
});

test('16 processes append to one hour: every line is whole', async () => {
  const directory = temporaryDirectory();
  const module = join(ROOT, 'dist/src/store/append.js');
  const script = `import { Appender } from ${JSON.stringify(module)};
    const appender = new Appender({ directory: ${JSON.stringify(directory)}, signal: 'traces', onDropped: () => process.exit(9) });
    for (let i = 0; i < 200; i++) appender.append(JSON.stringify({ pid: process.pid, i, padding: 'x'.repeat(i * 20) }));`;
  const codes = Array.from({ length: 16 }, () => new Promise((resolve) => spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }).on('close', resolve)));
  expect(new Set(await Promise.all(codes))).toEqual(new Set([0]));
  // Who opens the file while a long line is being written sees it torn, and begins with an empty line.
  const records = hourFiles(directory, 'traces').flatMap(({ path }) => readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)));
  expect(new Set(records.map(({ pid, i }) => `${pid} ${i}`)).size).toBe(16 * 200);
});

test('retention drops the oldest by age, then by size, never the current hour, and removes empty days', () => {
  const directory = temporaryDirectory();
  const signal: Signal = 'starts';
  for (const hours of [-100, -50, -3, -2, -1, 0]) {
    const path = hourFile(directory, signal, NOON + hours * HOUR_MS, 'abc');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'line\n'.repeat(20));
  }
  const retained = retain(directory, signal, { maxAge: 60 * HOUR_MS, maxBytes: 250, now: NOON });
  expect(retained.dropped.map(({ because, lines, bytes }) => [because, lines, bytes])).toEqual([['age', 20, 100], ['size', 20, 100], ['size', 20, 100], ['size', 20, 100]]);
  expect(retained.bytes).toBe(200);
  expect(hourFiles(directory, signal).map(({ start }) => (start - NOON) / HOUR_MS)).toEqual([-1, 0]);
  expect(readdirSync(join(directory, signal))).toEqual(['2026-11-21']);
  expect(retain(directory, signal, { maxAge: 0, maxBytes: 0, now: NOON }).bytes).toBe(100);
});
