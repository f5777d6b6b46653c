/**
 * Appends whole lines to the current hour's file: one `write` to an O_APPEND descriptor each, which the
 * kernel keeps whole among processes. Nothing is buffered, so whatever ends the process loses no line.
 */
import { closeSync, fstatSync, statSync, writeSync, type Stats } from 'node:fs';
import { now as clock } from '../clock.ts';
import { hostId } from './host.ts';
import { HOUR_MS, hourFile, type Signal } from './layout.ts';
import { encode } from './line-bytes.ts';
import { lastByte, openOrMake } from './open.ts';
import { DEFAULT_LIMITS, retain, type Limits } from './retention.ts';

/** Reasons given to `onDropped`, besides the error codes of the system (`ENOSPC`, `EACCES` …). */
export const DROPPED = {
  /** Deleted because older than the maximum age. */
  AGE: 'retention_age',
  /** Deleted, the oldest first, because all files were larger than the maximum. */
  SIZE: 'retention_size',
  /** Not written: the files of the current hour fill the maximum size alone. */
  FULL: 'size_limit',
  /** Written since the last look at a file that somebody has deleted meanwhile. */
  DELETED: 'file_deleted',
} as const;

export interface AppenderOptions {
  /** Milliseconds that a file is kept. Default: that of the signal. */
  readonly maxAge?: number | undefined;
  /** Bytes that all files together may have. Default: that of the signal. */
  readonly maxBytes?: number | undefined;
  /** The `.spoor` directory; made when the first line is written. */
  readonly directory: string;
  readonly signal: Signal;
  /** Counts lines that were not written, or that retention deleted. */
  readonly onDropped: (reason: string, count: number) => void;
  /** This process made the first file of an hour on this host, and there are those of earlier ones: the time to look after them. */
  readonly onNewHour?: () => void;
}

/** How often, in ms, the file is looked at (is it still there? how large?), and a failed write tried again. */
const CHECK_MS = 100;
/** The total is looked at again when the file has grown by this part of the maximum size. */
const STEPS = 16;

export class Appender {
  readonly #options: AppenderOptions;
  readonly #limits: Limits;
  #file: { readonly descriptor: number; readonly path: string; readonly dev: number; readonly ino: number } | undefined;
  #hourStart = 0;
  #checkedAt = 0;
  /** Lines since then. */
  #unseen = 0;
  /** The last line may be incomplete: the next one starts on a line of its own. */
  #torn = false;
  /** Size of the file, as far as this process knows, the size at which to look further, and the one never to pass. */
  #size = 0;
  #lookAt = 0;
  #limit = Infinity;
  #failure: { readonly reason: string; readonly at: number } | undefined;
  #isLosing = false;

  constructor(options: AppenderOptions) {
    this.#options = options;
    const { maxAge, maxBytes } = DEFAULT_LIMITS[options.signal];
    this.#limits = { maxAge: options.maxAge ?? maxAge, maxBytes: options.maxBytes ?? maxBytes };
  }

  /**
   * Writes `line` (without a line break in it) now. False when it could not be: counted, and tried again
   * with a line that comes at least 100 ms later. Never throws.
   * @param head what the line begins with, encoded once, where many lines begin alike
   */
  append(line: string, head?: Uint8Array): boolean {
    const now = clock();
    try {
      if (this.#failure !== undefined) {
        if (now - this.#failure.at < CHECK_MS && now >= this.#failure.at) return this.#drop(this.#failure.reason);
        this.#failure = undefined;
      }
      const file = this.#current(now);
      if (this.#size >= this.#lookAt) this.#look(now);
      const { buffer, length } = encode(line, this.#torn, head);
      if (this.#size + length > this.#limit) return this.#drop(DROPPED.FULL);
      const written = writeSync(file.descriptor, buffer, 0, length);
      this.#size += written;
      this.#torn = written < length;
      if (this.#torn) return this.#fail('short_write', now);
      this.#unseen++;
      this.#isLosing = false;
      return true;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
      // Somebody closed our descriptor. Its number may be another file's by now: leave that open.
      if (reason === 'EBADF') this.#file = undefined;
      return this.#fail(reason, now);
    }
  }

  /** Whether the last line could not be written. */
  get isLosing(): boolean {
    return this.#isLosing;
  }

  /** Releases the descriptor. A line that comes later opens the file again. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    try {
      const stats = fstatSync(file.descriptor);
      if (!isSame(stats, file)) return;
      closeSync(file.descriptor);
      // Deleting a file changes its ctime, writing to it both: nothing came after it went where they differ.
      if (stats.nlink === 0 && stats.mtimeMs === stats.ctimeMs && this.#unseen > 0) this.#drop(DROPPED.DELETED, this.#unseen);
    } catch {
      // Closed already.
    }
  }

  #fail(reason: string, now: number): false {
    this.close();
    this.#failure = { reason, at: now };
    return this.#drop(reason);
  }

  #drop(reason: string, count = 1): false {
    this.#isLosing = true;
    this.#options.onDropped(reason, count);
    return false;
  }

  #current(now: number): { readonly descriptor: number } {
    const sinceCheck = now - this.#checkedAt;
    if (this.#file !== undefined && sinceCheck < CHECK_MS && sinceCheck >= 0 && now - this.#hourStart < HOUR_MS && now >= this.#hourStart) return this.#file;
    this.#checkedAt = now;
    const file = this.#file;
    if (file !== undefined && now - this.#hourStart < HOUR_MS && now >= this.#hourStart) {
      const there = statSync(file.path, { throwIfNoEntry: false });
      if (there !== undefined && isSame(there, file) && isSame(fstatSync(file.descriptor), file)) {
        this.#size = there.size;
        this.#unseen = 0;
        return file;
      }
    }
    this.close();
    return this.#open(now);
  }

  #open(now: number): { readonly descriptor: number } {
    const { directory, signal } = this.#options;
    const path = hourFile(directory, signal, now, hostId());
    const descriptor = openOrMake(path, directory);
    const stats = fstatSync(descriptor);
    this.#unseen = 0;
    this.#file = { descriptor, path, dev: stats.dev, ino: stats.ino };
    this.#hourStart = now - (now % HOUR_MS);
    this.#size = stats.size;
    this.#torn = stats.size > 0 && lastByte(descriptor, stats.size) !== 10;
    this.#limit = this.#limits.maxBytes;
    // Who makes the hour's first file also looks after the old ones; the others only as the file grows.
    const step = this.#limits.maxBytes / STEPS;
    this.#lookAt = stats.size === 0 ? 0 : Math.ceil(stats.size / step) * step;
    return this.#file;
  }

  /** Makes room: one step less than the maximum, so that it holds until the next look. */
  #look(now: number): void {
    const { directory, signal, onDropped } = this.#options;
    const { maxAge, maxBytes } = this.#limits;
    const step = maxBytes / STEPS;
    this.#lookAt = (Math.floor(this.#size / step) + 1) * step;
    const { dropped, bytes, hasEarlier } = retain(directory, signal, { maxAge, maxBytes: maxBytes - step, now });
    for (const { lines, because } of dropped) onDropped(because === 'age' ? DROPPED.AGE : DROPPED.SIZE, lines);
    this.#limit = maxBytes - Math.max(bytes - this.#size, 0);
    if (this.#size === 0 && hasEarlier) this.#options.onNewHour?.();
  }
}

function isSame(stats: Stats, file: { readonly dev: number; readonly ino: number }): boolean {
  return stats.ino === file.ino && stats.dev === file.dev;
}
