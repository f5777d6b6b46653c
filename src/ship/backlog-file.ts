/** An hour file as who sends sees it: how much of it there is to be read, and whether more may come. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { HOUR_MS } from '../store/layout.ts';
import { CHECKED } from './chunk.ts';

export interface BacklogFile {
  /** Its path within the signal's folder. */
  readonly key: string;
  readonly path: string;
  /** Epoch milliseconds at which its hour begins. */
  readonly start: number;
  /** Bytes; of a file that is written to, without a line that waits for its end. */
  readonly size: number;
  /** Bytes that are done with. */
  readonly offset: number;
  /** Nobody writes to it any more. */
  readonly closed: boolean;
}

/** Writers and their clocks are given so much time, in ms, after the end of an hour. */
const GRACE = 2 * 60_000;
const LINE_FEED = 10;
/** Bytes. */
const LONG_LINE = 1 << 16;

export function fileAt(file: Omit<BacklogFile, 'closed'>, now: number): BacklogFile {
  const closed = file.start + HOUR_MS + GRACE <= now;
  return { ...file, closed, size: closed ? file.size : file.size - halfLine(file) };
}

/** Bytes at the end of a file that are no whole line yet. A half line longer than those of ours is not looked for. */
function halfLine({ path, offset, size }: Omit<BacklogFile, 'closed'>): number {
  const left = size - offset;
  if (left === 0 || read(path, size - 1, 1)?.[0] === LINE_FEED) return 0;
  const bytes = read(path, Math.max(offset, size - LONG_LINE), Math.min(left, LONG_LINE));
  const end = bytes?.lastIndexOf(LINE_FEED) ?? 0;
  if (bytes === undefined || (end === -1 && bytes.length < left)) return 0;
  return bytes.length - 1 - end;
}

/** The checksum that stands for everything before `offset`; undefined where so much cannot be read. */
export function checkBefore(path: string, offset: number): number | undefined {
  if (offset === 0) return 0;
  const length = Math.min(CHECKED, offset);
  const bytes = read(path, offset - length, length);
  return bytes?.length === length ? crc32(bytes) : undefined;
}

/** Epoch milliseconds of the first unsent line: when its span ended, or its numbers were written; where it does not say, when the file was. */
export function oldestLine({ path, offset, start }: BacklogFile): number {
  const time = /"(?:endT|t)imeUnixNano":"(\d{1,20})"/.exec(read(path, offset, 8192)?.toString('latin1') ?? '')?.[1];
  return Math.max(start, time === undefined ? (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) : Number(time.slice(0, -6)));
}

/** As many of these bytes as there are; undefined where the file cannot be read. */
function read(path: string, from: number, length: number): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
