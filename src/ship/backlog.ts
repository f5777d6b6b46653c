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
  readonly size: number;
  /** Bytes that are done with. */
  readonly offset: number;
  /** Nobody writes to it any more. */
  readonly closed: boolean;
}

export interface BacklogOptions {
  readonly directory: string;
  readonly signal: Signal;
  readonly saved: Positions | undefined;
  /**
   * The file is not the one that was read up to `offset` (or is shorter). Returns what is done with of the new one.
   */
  readonly onReplaced: (file: { readonly key: string; readonly size: number; readonly offset: number }) => number;
}

/** Writers and their clocks are given so much time, in ms, after the end of an hour. */
const GRACE = 2 * 60_000;
/** A file that is closed and done with is looked at again at each so many scans: a clock may have been wrong. */
const LOOK_AGAIN = 64;

interface Known {
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
    for (const [key, [offset, check]] of Object.entries(options.saved ?? {})) this.#known.set(key, { offset, check, inode: undefined, done: false });
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
    for (const key of this.#known.keys()) if (!listed.has(key) && isGone(join(directory, signal, key))) this.#known.delete(key);
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
    if (known === undefined) this.#known.set(key, (known = { offset: 0, check: 0, inode: stats.ino, done: false }));
    else if (known.inode !== stats.ino || stats.size < known.offset) {
      if (known.offset > 0 && (stats.size < known.offset || checkBefore(path, known.offset) !== known.check)) {
        known.offset = this.#options.onReplaced({ key, size: stats.size, offset: known.offset });
        known.check = checkBefore(path, known.offset) ?? 0;
      }
      known.inode = stats.ino;
    }
    known.done = false;
    return { key, path, start, size: stats.size, offset: known.offset, closed: start + HOUR_MS + GRACE <= now };
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
    bytes += size - offset;
    if (offset < size) oldest ??= { key, path, start, size, offset, closed: true };
  }
  return { bytes, oldest };
}

function checkBefore(path: string, offset: number): number | undefined {
  if (offset === 0) return 0;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const bytes = Buffer.allocUnsafe(Math.min(CHECKED, offset));
    const read = readSync(descriptor, bytes, 0, bytes.length, offset - bytes.length);
    return read === bytes.length ? crc32(bytes) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Epoch milliseconds at which the first unsent span ended; where that cannot be seen, the beginning of the hour. */
export function oldestSpan({ path, offset, start }: BacklogFile): number {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const bytes = Buffer.allocUnsafe(8192);
    const read = readSync(descriptor, bytes, 0, bytes.length, offset);
    const ended = /"endTimeUnixNano":"(\d{1,20})"/.exec(bytes.toString('latin1', 0, read))?.[1];
    return ended === undefined ? start : Math.max(start, Number(ended.slice(0, -6)));
  } catch {
    return start;
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
