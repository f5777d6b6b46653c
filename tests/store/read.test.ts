import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { HOUR_MS, hourFile } from '../../src/store/layout.ts';
import { readLines, readSignal, type SetAside } from '../../src/store/read.ts';
import { temporaryDirectory } from '../support/program.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const padded = (n: number, length: number): string => JSON.stringify({ resourceSpans: [{ n }], padding: 'é'.repeat(length) });
const record = (n: number): string => JSON.stringify({ resourceSpans: [{ n, text: 'é€😀' }] });

function file(directory: string, content: string | Buffer, time = NOON): string {
  const path = hourFile(directory, 'traces', time, 'abc');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function read(directory: string, since?: number): { numbers: number[]; aside: SetAside[] } {
  const aside: SetAside[] = [];
  const options = { onSetAside: (what: SetAside) => void aside.push(what), ...(since === undefined ? {} : { since }) };
  const numbers = [...readSignal(directory, 'traces', options)].map(({ value }) => (value.resourceSpans as { n: number }[])[0]!.n);
  return { numbers, aside };
}

test('cut at every byte: all whole lines are read, the torn one is named', () => {
  const directory = temporaryDirectory();
  const lines = [1, 2, 3].map((n) => Buffer.from(record(n)));
  const whole = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  const ends = lines.map((_, i) => lines.slice(0, i + 1).reduce((sum, line) => sum + line.length + 1, -1));
  for (let cut = 0; cut <= whole.length; cut++) {
    const path = file(directory, whole.subarray(0, cut));
    const complete = ends.filter((end) => end <= cut).length;
    const isTorn = cut > 0 && !ends.includes(cut) && whole[cut - 1] !== 10;
    expect(read(directory), `cut at ${cut}`).toEqual({
      numbers: [1, 2, 3].slice(0, complete),
      aside: isTorn ? [{ file: path, line: complete + 1, reason: 'torn' }] : [],
    });
    expect(readFileSync(path)).toEqual(whole.subarray(0, cut));
  }
});

test('a bit flipped anywhere costs at most two lines, and never the rest', () => {
  const directory = temporaryDirectory();
  const whole = Buffer.from(`${[1, 2, 3, 4].map(record).join('\n')}\n`);
  for (let at = 0; at < whole.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = Buffer.from(whole);
      flipped[at]! ^= 1 << bit;
      file(directory, flipped);
      const aside: SetAside[] = [];
      const found = [...readSignal(directory, 'traces', { onSetAside: (what) => aside.push(what) })];
      const untouched = found.filter(({ value }) => [1, 2, 3, 4].some((n) => JSON.stringify(value) === record(n)));
      expect(untouched.length, `byte ${at}, bit ${bit}`).toBeGreaterThanOrEqual(2);
    }
  }
});

test('what is not ours is set aside by name and line', () => {
  const directory = temporaryDirectory();
  const path = file(directory, ['null', '17', '[]', '{"resourceSpans":7}', '{"resourceSpans":[null]}', 'garbage', '\0\0\0', '', record(1), ''].join('\n'));
  const { numbers, aside } = read(directory);
  expect(numbers).toEqual([1]);
  expect(aside).toEqual([
    ...[1, 2, 3, 4, 5].map((line) => ({ file: path, line, reason: 'unknown schema' })),
    ...[6, 7].map((line) => ({ file: path, line, reason: 'not JSON' })),
  ]);
});

test('each signal has its schema', () => {
  const directory = temporaryDirectory();
  for (const signal of ['rollups', 'starts'] as const) {
    const path = hourFile(directory, signal, NOON, 'abc');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `{"resourceMetrics":[]}\n{"traceId":"a","spanId":"b","name":"c"}\n{"resourceSpans":[]}\n`);
    const aside: SetAside[] = [];
    expect([...readSignal(directory, signal, { onSetAside: (what) => aside.push(what) })].map(({ line }) => line)).toEqual([signal === 'rollups' ? 1 : 2]);
    expect(aside).toHaveLength(2);
  }
});

test('hours are read in order; those before `since` are not opened; other names are not ours', () => {
  const directory = temporaryDirectory();
  for (const hour of [2, -30, 0, 1]) file(directory, `${record(hour)}\n`, NOON + hour * HOUR_MS);
  writeFileSync(hourFile(directory, 'traces', NOON, 'abc').replace('.jsonl', '.jsonl.tmp'), 'x');
  writeFileSync(`${directory}/traces/notes`, 'x');
  expect(read(directory).numbers).toEqual([-30, 0, 1, 2]);
  expect(read(directory, NOON + 1.5 * HOUR_MS).numbers).toEqual([1, 2]);
});

test('a file that cannot be read is set aside, one that has gone is not', () => {
  const directory = temporaryDirectory();
  file(directory, `${record(1)}\n`);
  const folder = hourFile(directory, 'traces', NOON + HOUR_MS, 'abc');
  mkdirSync(folder);
  expect(read(directory)).toEqual({ numbers: [1], aside: [{ file: folder, line: 0, reason: 'EISDIR' }] });
  expect([...readLines(`${directory}/none`, () => expect.unreachable())]).toEqual([]);
  expect(read(`${directory}/none`)).toEqual({ numbers: [], aside: [] });
});

test('lines longer than a chunk, at its borders, and too long ones', () => {
  const directory = temporaryDirectory();
  const MB = 1024 * 1024;
  const long = [padded(1, 100), padded(2, 2 * MB), padded(3, MB / 2 - 30), padded(4, MB)];
  const path = file(directory, `${long.join('\n')}\n${'x'.repeat(65 * MB)}\n${padded(5, 1)}\n`);
  expect(read(directory)).toEqual({ numbers: [1, 2, 3, 4, 5], aside: [{ file: path, line: 5, reason: 'too long' }] });
});
