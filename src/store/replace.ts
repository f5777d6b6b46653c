/**
 * Replaces a file as a whole: readers see the old one or the new one, never a part, however the writer
 * ends. Not flushed to the device: it outlives the process, not a loss of power.
 */
import { closeSync, fchmodSync, lstatSync, openSync, realpathSync, renameSync, unlinkSync, writevSync } from 'node:fs';

export interface ReplaceOptions {
  /** For who holds a lock: the temporary file is always `<path>.tmp`, so that killed writers leave one at most. */
  readonly alone?: boolean;
  /** Asked just before the new file takes the old one's place. False: it does not, and this throws. */
  readonly confirm?: () => boolean;
}

let count = 0;

/**
 * Writes `chunks` to `path`, with the mode of the file that was there, else 0600. A symbolic link stays one.
 * Returns the descriptor of the new file, open for reading and writing; the caller closes it.
 * @throws what the system says; the old file is then untouched.
 */
export function replaceFile(path: string, chunks: readonly Buffer[], { alone = false, confirm }: ReplaceOptions = {}): number {
  const there = lstatSync(path, { throwIfNoEntry: false });
  const isLink = there?.isSymbolicLink() === true;
  const target = isLink ? realpathSync(path) : path;
  const mode = isLink ? lstatSync(target).mode : there?.mode;
  const file = alone ? `${target}.tmp` : `${target}.${process.pid}.${++count}.tmp`;
  const descriptor = create(file, alone);
  try {
    writeAll(descriptor, chunks);
    if (mode !== undefined && (mode & 0o777) !== 0o600) fchmodSync(descriptor, mode & 0o777);
    if (confirm?.() === false) throw Object.assign(new Error(`lost the lock of ${path}`), { code: 'ELOCKED' });
    renameSync(file, target);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    try {
      unlinkSync(file);
    } catch {
      // The first error is the one to tell.
    }
    throw error;
  }
}

function create(file: string, alone: boolean): number {
  try {
    return openSync(file, 'wx+', 0o600);
  } catch (error) {
    if (!alone || (error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // Left by a writer that was killed. Not written over: if that one lives after all, it holds that file.
  unlinkSync(file);
  return openSync(file, 'wx+', 0o600);
}

function writeAll(descriptor: number, chunks: readonly Buffer[]): void {
  let rest = chunks.filter((chunk) => chunk.length > 0);
  while (rest.length > 0) {
    let written = writevSync(descriptor, rest);
    if (written === 0) throw Object.assign(new Error('nothing was written'), { code: 'EIO' });
    const left: Buffer[] = [];
    for (const chunk of rest) {
      if (written < chunk.length) left.push(chunk.subarray(written));
      written = Math.max(0, written - chunk.length);
    }
    rest = left;
  }
}
