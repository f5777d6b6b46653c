import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { HOUR_MS, hourFile } from '../../src/store/layout.ts';
import { eachLine, filesSince } from '../../src/store/read.ts';
import { Aside, type SetAside } from '../../src/store/set-aside.ts';
import { temporaryDirectory } from '../support/program.ts';

const MB = 1024 * 1024;
const NOON = Date.UTC(2026, 10, 21, 12);

function read(directory: string, path: string, from?: number, to?: number): { lines: string[]; bytes: number; aside: SetAside[] } {
  const aside = new Aside();
  const lines: string[] = [];
  let bytes = 0;
  eachLine(path, { directory, aside, onBytes: (count) => (bytes += count) }, (buffer, start, end) => lines.push(buffer.toString('utf8', start, end)), from, to);
  return { lines, bytes, aside: aside.list() };
}

function file(directory: string, content: string, time = NOON): string {
  const path = hourFile(directory, 'traces', time, 'abc');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

test('cut at every byte: every whole line is read, and what is left of the torn one', () => {
  const directory = temporaryDirectory();
  const content = 'one\n\nzwölf\n{"a":1}\nlast';
  for (let length = 0; length <= content.length; length++) {
    const path = file(directory, content.slice(0, length));
    expect(read(directory, path)).toEqual({ lines: content.slice(0, length).split('\n').filter(Boolean), bytes: Buffer.byteLength(content.slice(0, length)), aside: [] });
  }
});

test('lines longer than a chunk and at its borders are whole; one that is too long is set aside, the rest is read', () => {
  const directory = temporaryDirectory();
  const long = [100, 2 * MB, MB / 2 - 30, MB - 1, MB, MB + 1].map((length, index) => String(index).repeat(length));
  const path = file(directory, `${long.join('\n')}\n${'x'.repeat(65 * MB)}\nafter\n`);
  const { lines, aside } = read(directory, path);
  expect(lines.map((line) => [line[0], line.length])).toEqual([...long, 'after'].map((line) => [line[0], line.length]));
  expect(aside).toEqual([{ file: 'traces/2026-11-21/12.abc.jsonl', lines: 1, because: 'longer than 64 MiB' }]);
});

test('a part of a file', () => {
  const directory = temporaryDirectory();
  expect(read(directory, file(directory, 'one\ntwo\nthree\n'), 4, 8).lines).toEqual(['two']);
});

test('a file that cannot be read is set aside, one that has gone is not', () => {
  const directory = temporaryDirectory();
  expect(read(directory, join(directory, 'none'))).toEqual({ lines: [], bytes: 0, aside: [] });
  expect(read(directory, directory).aside).toEqual([{ file: '', because: 'EISDIR' }]);
});

test('hours are in order; those before `since` are not opened; other names are not ours', () => {
  const directory = temporaryDirectory();
  for (const hour of [2, -30, 0, 1]) file(directory, '', NOON + hour * HOUR_MS);
  writeFileSync(hourFile(directory, 'traces', NOON, 'abc').replace('.jsonl', '.jsonl.tmp'), 'x');
  writeFileSync(`${directory}/traces/notes`, 'x');
  const hours = (since: number): number[] => filesSince({ directory, aside: new Aside() }, 'traces', since).map(({ start }) => (start - NOON) / HOUR_MS);
  expect(hours(0)).toEqual([-30, 0, 1, 2]);
  expect(hours(NOON + 1.5 * HOUR_MS)).toEqual([1, 2]);
  expect(filesSince({ directory: `${directory}/none`, aside: new Aside() }, 'traces', 0)).toEqual([]);
});
