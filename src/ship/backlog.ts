/**
 * What is left of a signal's hour files: how far each is done with, by file. A position is kept with a checksum
 * of what stands before it, so that a file that was replaced is known as such, and one that was only copied (a
 * restored volume) is not taken for another.
 */
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { takeDeleted } from '../store/deleted.ts';
import { hourFiles, type HourFile, type Signal } from '../store/layout.ts';
import { checkBefore, fileAt, type BacklogFile } from './backlog-file.ts';

/** By the file's path within the signal's folder: bytes that are done with, and the checksum of the last of them. */
export type Positions = Readonly<Record<string, readonly [offset: number, check: number]>>;

export interface LostFile {
  /** Epoch milliseconds at which its hour began. */
  readonly start: number;
  /** What was left of it. */
  readonly bytes: number;
  /** Where it is known. */
  readonly lines?: number;
}

export interface BacklogOptions {
  readonly directory: string;
  readonly signal: Signal;
  readonly saved: Positions | undefined;
  /**
   * The file is not the one that was read up to `offset` (or is shorter). Returns what is done with of the new one.
   */
  readonly onReplaced: (file: { readonly key: string; readonly size: number; readonly offset: number }) => number;
  /** A file is gone that was not done with, as far as is known. */
  readonly onLost?: (file: LostFile) => void;
}

/** A file that is closed and done with is looked at again at each so many scans: a clock may have been wrong. */
const LOOK_AGAIN = 64;

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
  /** Files that are gone: what retention notes of them may come after that. */
  readonly #gone = new Set<string>();
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
    if (this.#options.onLost !== undefined) this.#countDeleted(listed);
    for (const [key, { start, size, offset }] of this.#known) {
      if (!listed.has(key) && isGone(join(directory, signal, key))) this.#forget(key, { start, bytes: size - offset });
    }
    return found;
  }

  /** What retention notes is exact, and also of files that nobody who sends has seen. */
  #countDeleted(listed: ReadonlySet<string>): void {
    const { directory, signal } = this.#options;
    for (const { key, start, bytes, lines } of takeDeleted(directory, signal)) {
      // One that is there has come again.
      if (listed.has(key) || this.#gone.has(key)) continue;
      const left = bytes - this.offset(key);
      this.#forget(key, { start, bytes: left, lines: Math.ceil((lines * left) / Math.max(bytes, 1)) });
    }
  }

  #forget(key: string, lost: LostFile): void {
    this.#known.delete(key);
    this.#gone.add(key);
    if (lost.bytes > 0) this.#options.onLost?.(lost);
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
    this.#gone.delete(key);
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

/** Only when it surely is: what could not be listed for a moment is not forgotten, or it would count twice. */
function isGone(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}
