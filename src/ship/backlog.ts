/**
 * What is left of a signal's hour files: how far each is done with, by file. A position is kept with a checksum
 * of what stands before it, so that a file that was replaced is known as such, and one that was only copied (a
 * restored volume) is not taken for another.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { crc32 } from 'node:zlib';
import { HOUR_MS, hourFiles, type HourFile, type Signal } from '../store/layout.ts';
import { CHECKED } from './chunk.ts';

/** By the file's path within the signal's folder: bytes that are done with, and the checksum of the last of them. */
export type Positions = Readonly<Record<string, readonly [offset: number, check: number]>>;

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

export interface LostFile {
  /** Epoch milliseconds at which its hour began. */
  readonly start: number;
  /** What was left of it. */
  readonly bytes: number;
}

export interface BacklogOptions {
  readonly directory: string;
  readonly signal: Signal;
  readonly saved: Positions | undefined;
  /**
   * The file is not the one that was read up to `offset` (or is shorter). Returns what is done with of the new one.
   */
  readonly onReplaced: (file: { readonly key: string; readonly size: number; readonly offset: number }) => number;
  /** A file is gone that was not done with when it was last seen. */
  readonly onLost?: (file: LostFile) => void;
}

/** Writers and their clocks are given so much time, in ms, after the end of an hour. */
const GRACE = 2 * 60_000;
/** A file that is closed and done with is looked at again at each so many scans: a clock may have been wrong. */
const LOOK_AGAIN = 64;
const LINE_FEED = 10;
/** Bytes. */
const LONG_LINE = 1 << 16;

interface Known {
  /** Epoch milliseconds at which its hour begins, and its bytes when it was seen last; 0: not seen yet. */
  start: number;
  size: number;
  offset: number;
  check: number;
  /** Of the file when its checksum was last compared. */
  inode: number | undefined;
  done: boolean;
}

export class Backlog {
  readonly #options: BacklogOptions;
  readonly #known = new Map<string, Known>();
  #scans = 0;
  #scannedAt = 0;

  constructor(options: BacklogOptions) {
    this.#options = options;
    for (const [key, [offset, check]] of Object.entries(options.saved ?? {})) this.#known.set(key, { start: 0, size: 0, offset, check, inode: undefined, done: false });
  }

  /** Files with something left, oldest first. `all`: also those that nothing more is expected of are looked at. */
  unfinished(now: number, all = false): BacklogFile[] {
    const { directory, signal } = this.#options;
    // An hour that seemed over may not be, where the clock was set back.
    const again = all || now < this.#scannedAt || this.#scans++ % LOOK_AGAIN === 0;
    this.#scannedAt = now;
    const listed = new Set<string>();
    const found: BacklogFile[] = [];
    for (const file of hourFiles(directory, signal)) {
      const key = relative(join(directory, signal), file.path);
      listed.add(key);
      const known = this.#known.get(key);
      if (known?.done && !again) continue;
      const one = this.#look(file, key, now);
      if (one !== undefined && one.offset < one.size) found.push(one);
      else if (one !== undefined && one.closed) this.#known.get(one.key)!.done = true;
    }
    for (const [key, { start, size, offset }] of this.#known) {
      if (listed.has(key) || !isGone(join(directory, signal, key))) continue;
      this.#known.delete(key);
      if (size > offset) this.#options.onLost?.({ start, bytes: size - offset });
    }
    return found;
  }

  /** Everything before `offset` is done with; `check` is the checksum of what was read there. */
  advance({ key }: BacklogFile, offset: number, check: number): void {
    const known = this.#known.get(key);
    if (known !== undefined) Object.assign(known, { offset, check });
  }

  offset(key: string): number {
    return this.#known.get(key)?.offset ?? 0;
  }

  positions(): Positions {
    return Object.fromEntries(Array.from(this.#known, ([key, { offset, check }]) => [key, [offset, check] as const]));
  }

  #look({ path, start }: HourFile, key: string, now: number): BacklogFile | undefined {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    let known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, (known = { start, size: 0, offset: 0, check: 0, inode: stats.ino, done: false }));
    else if (known.inode !== stats.ino || stats.size < known.offset) {
      if (known.offset > 0 && (stats.size < known.offset || checkBefore(path, known.offset) !== known.check)) {
        if (known.size > known.offset) this.#options.onLost?.({ start, bytes: known.size - known.offset });
        known.offset = this.#options.onReplaced({ key, size: stats.size, offset: known.offset });
        known.check = checkBefore(path, known.offset) ?? 0;
      }
      known.inode = stats.ino;
    }
    Object.assign(known, { start, size: stats.size, done: false });
    return fileAt({ key, path, start, size: stats.size, offset: known.offset }, now);
  }
}

/** Bytes of the signal that are left, without changing anything: for who only looks. */
export function leftOf(directory: string, signal: Signal, positions: Positions): { readonly bytes: number; readonly oldest: BacklogFile | undefined } {
  let bytes = 0;
  let oldest: BacklogFile | undefined;
  for (const { path, start } of hourFiles(directory, signal)) {
    const key = relative(join(directory, signal), path);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const offset = Math.min(positions[key]?.[0] ?? 0, size);
    const file = fileAt({ key, path, start, size, offset }, Date.now());
    bytes += file.size - offset;
    if (offset < file.size) oldest ??= file;
  }
  return { bytes, oldest };
}

function fileAt(file: Omit<BacklogFile, 'closed'>, now: number): BacklogFile {
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

function checkBefore(path: string, offset: number): number | undefined {
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

/** Only when it surely is: what could not be listed for a moment is not forgotten, or it would count twice. */
function isGone(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}
