import { appendFileSync, closeSync, fstatSync, fsyncSync, linkSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fold, linesOf } from './fold.ts';

export interface Compaction {
  /** False when another process is at it, or the file is compact already. */
  readonly done: boolean;
  /** Unreadable lines that were set aside in `<name>.corrupt`. */
  readonly corrupt: number;
}

/** A lock is broken when its holder is gone, or so many milliseconds after it was taken. */
const LOCK_TIMEOUT = 10 * 60_000;
const EMPTY_LOCK_TIMEOUT = 5_000;

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
export function compact(path: string): Compaction {
  const release = lock(`${path}.lock`);
  if (release === undefined) return { done: false, corrupt: 0 };
  try {
    recover(path);
    const descriptor = openSync(path, 'r');
    try {
      return replace(path, descriptor);
    } finally {
      closeSync(descriptor);
    }
  } finally {
    release();
  }
}

function replace(path: string, descriptor: number): Compaction {
  const bytes = readFrom(descriptor, 0);
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

/** Undefined when another live process holds it. */
function lock(path: string): (() => void) | undefined {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (!isStale(path)) return undefined;
      rmSync(path, { force: true });
    }
  }
  return undefined;
}

function isStale(path: string): boolean {
  try {
    const age = Date.now() - statSync(path).mtimeMs;
    const holder = Number(readFileSync(path, 'utf8'));
    // Empty: made a moment ago, or its maker was killed before it wrote its number.
    if (age > (holder > 0 ? LOCK_TIMEOUT : EMPTY_LOCK_TIMEOUT)) return true;
    if (holder > 0) process.kill(holder, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}
