/** Compaction: the file of an hour that is over, folded to a few lines. Crashes and late writers change no total. */
import { appendFileSync, closeSync, existsSync, fstatSync, fsyncSync, linkSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hostId } from '../src/store/host.ts';
import { HOUR_MS, hourFiles } from '../src/store/layout.ts';
import { withLock } from '../src/store/lock.ts';
import { fold, linesOf } from '../src/rollup/fold.ts';

export interface Compaction {
  /** False when another process is at it, or the file is compact already. */
  readonly done: boolean;
  /** Unreadable lines that were set aside in `<name>.corrupt`. */
  readonly corrupt: number;
}

export interface CompactOptions {
  /** Only if it holds exactly so many bytes: what somebody has read of it, so that nothing is folded unread. */
  readonly bytes?: number;
}

/**
 * Folds the file of an hour that is over (see `fold`). Doing it again changes nothing. Readers see the old file or
 * the new one, whole. A process that is killed at any point leaves a file with the same totals.
 *
 * A writer that opened the file before may still append to the old one. So the old one keeps a second name,
 * `<name>.old-<bytes that were folded>`, until what came after those bytes is in the new one; after a crash the
 * next call finds it and finishes.
 *
 * @throws what the file system throws (no space, no permission, no hard links); nothing is lost then either.
 */
export function compact(path: string, { bytes }: CompactOptions = {}): Compaction {
  try {
    return withLock(`${path}.lock`, () => locked(path, bytes), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return { done: false, corrupt: 0 };
    throw error;
  }
}

function locked(path: string, expected: number | undefined): Compaction {
  recover(path);
  const descriptor = openSync(path, 'r');
  try {
    return replace(path, descriptor, expected);
  } finally {
    closeSync(descriptor);
  }
}

/** Writers and their clocks are given so much time after the end of an hour, in milliseconds. */
const GRACE = 2 * 60_000;

export interface CompactClosedHoursOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Larger files are left for somebody with more time. */
  readonly maxBytes: number;
  /** Default: the number of hours that the directory holds. */
  readonly newest?: number;
  /** For who ships the numbers: how many bytes of a file are read, and that is saved. One that has more is left alone. */
  readonly shipped?: (path: string) => number;
}

/**
 * Compacts this host's hours that are over and not compact yet, newest first. Never throws: an hour that cannot
 * be compacted stays as it was, and readers read it all the same. Where the numbers are shipped nothing is done:
 * who ships must have read every line before they become one, and does it then.
 */
export function compactClosedHours(directory: string, { now, maxBytes, newest = Infinity, shipped }: CompactClosedHoursOptions): void {
  if (shipped === undefined && existsSync(join(directory, 'ship', 'metrics.json'))) return;
  const closed = hourFiles(directory, 'rollups').filter(({ host, start }) => host === hostId() && start + HOUR_MS + GRACE <= now);
  for (const { path, start } of closed.toReversed().slice(0, newest)) {
    try {
      const { size, mtimeMs } = statSync(path);
      // Written when the hour was long over: compact already.
      if (size <= maxBytes && mtimeMs < start + HOUR_MS + GRACE) compact(path, shipped && { bytes: shipped(path) });
    } catch {
      // No space, no hard links, or retention took it.
    }
  }
}

function replace(path: string, descriptor: number, expected: number | undefined): Compaction {
  const bytes = readFrom(descriptor, 0);
  if (expected !== undefined && bytes.length !== expected) return { done: false, corrupt: 0 };
  const { lines, corrupt } = fold(bytes);
  const content = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  if (content.equals(bytes)) return { done: false, corrupt: 0 };
  // First: rather set aside twice than never.
  if (corrupt.length > 0) setAside(`${path}.corrupt`, corrupt);
  const temporary = `${path}.compacting`;
  writeWhole(temporary, content);
  const old = `${path}.old-${bytes.length}`;
  linkSync(path, old);
  renameSync(temporary, path);
  rescue(descriptor, bytes.length, path);
  unlinkSync(old);
  return { done: true, corrupt: corrupt.length };
}

/** Finishes what a killed process began. */
function recover(path: string): void {
  const prefix = `${basename(path)}.old-`;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const old = join(dirname(path), name);
    // The same file: it was not replaced yet.
    if (statSync(old).ino !== statSync(path).ino) {
      const descriptor = openSync(old, 'r');
      try {
        rescue(descriptor, Number(name.slice(prefix.length)), path);
      } finally {
        closeSync(descriptor);
      }
    }
    unlinkSync(old);
  }
}

/**
 * Appends to `path` what the replaced file holds after its first `from` bytes. A line that is there already was
 * rescued before a crash: no two lines are equal, since each names its runtime and time.
 */
function rescue(descriptor: number, from: number, path: string): void {
  for (;;) {
    const tail = readFrom(descriptor, from);
    if (tail.length === 0) return;
    from += tail.length;
    const there = new Set(Array.from(linesOf(readFileSync(path)), (line) => line.toString('latin1')));
    const missing = Array.from(linesOf(tail)).filter((line) => !there.has(line.toString('latin1')));
    if (missing.length > 0) appendFileSync(path, joined(missing), { mode: 0o600 });
  }
}

/** Adds to a file of unreadable lines those that it does not hold yet, so that a repetition doubles nothing. */
function setAside(path: string, corrupt: readonly Buffer[]): void {
  let before: Buffer = Buffer.alloc(0);
  try {
    before = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const there = new Set(Array.from(linesOf(before), (line) => line.toString('latin1')));
  const added = corrupt.filter((line) => !there.has(line.toString('latin1')));
  writeWhole(`${path}.new`, Buffer.concat([before, joined(added)]));
  renameSync(`${path}.new`, path);
}

function joined(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
}

function writeWhole(path: string, content: Buffer): void {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    for (let done = 0; done < content.length; ) done += writeSync(descriptor, content, done);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function readFrom(descriptor: number, position: number): Buffer {
  const size = Math.max(0, fstatSync(descriptor).size - position);
  const bytes = Buffer.allocUnsafe(size);
  let done = 0;
  while (done < size) {
    const read = readSync(descriptor, bytes, done, size - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}
