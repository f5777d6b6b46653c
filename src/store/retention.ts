/** Keeps a signal's files within an age and a size: whole hour files are deleted, the oldest first. */
import { closeSync, openSync, readdirSync, readSync, rmSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { noteDeleted } from './deleted.ts';
import { dayFolders, HOUR_MS, hourFile, hourFiles, type Signal } from './layout.ts';

export interface Limits {
  /** Milliseconds after the end of its hour that a file is kept. */
  readonly maxAge: number;
  /** Bytes that all files of the signal may have together. */
  readonly maxBytes: number;
}

const DAY_MS = 24 * HOUR_MS;
const GB = 1024 ** 3;

/** What is kept when nothing else is said. */
export const DEFAULT_LIMITS: Readonly<Record<Signal, Limits>> = {
  traces: { maxAge: 7 * DAY_MS, maxBytes: GB },
  rollups: { maxAge: 90 * DAY_MS, maxBytes: GB / 4 },
  starts: { maxAge: 7 * DAY_MS, maxBytes: GB },
};

export interface Dropped {
  readonly path: string;
  readonly bytes: number;
  /** Exact up to 1 MiB; a longer file's is reckoned from its first MiB: reading a gigabyte would stop the app. */
  readonly lines: number;
  readonly because: 'age' | 'size';
}

export interface Retained {
  readonly dropped: readonly Dropped[];
  /** Bytes of the signal's files that remain. */
  readonly bytes: number;
  /** Whether files of earlier hours are among them. */
  readonly hasEarlier: boolean;
}

/**
 * Deletes what is too old, then the oldest until the rest fits. Files of the current hour, of any host, stay.
 * Several processes may do it at once: a file is reported by the one that deleted it. Never throws.
 *
 * @param now - epoch milliseconds
 */
export function retain(directory: string, signal: Signal, { maxAge, maxBytes, now }: Limits & { readonly now: number }): Retained {
  const currentHour = now - (now % HOUR_MS);
  const files = hourFiles(directory, signal).map((file) => ({ ...file, bytes: statSync(file.path, { throwIfNoEntry: false })?.size ?? 0 }));
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const dropped: Dropped[] = [];
  let hasEarlier = false;
  for (const file of files) {
    const because = file.start + HOUR_MS + maxAge <= now ? 'age' : bytes > maxBytes ? 'size' : undefined;
    if (because === undefined) hasEarlier ||= file.start < currentHour;
    if (because === undefined || file.start === currentHour) continue;
    const lines = countLines(file.path, file.bytes);
    try {
      unlinkSync(file.path);
      if (signal !== 'starts') noteDeleted(directory, signal, file, file.bytes, lines);
      removeCompanions(file.path);
      // Of what began then the ends are gone: it would seem to have been abandoned.
      if (signal === 'traces') rmSync(hourFile(directory, 'starts', file.start, file.host), { force: true });
      dropped.push({ path: file.path, bytes: file.bytes, lines, because });
      bytes -= file.bytes;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') bytes -= file.bytes;
    }
  }
  removeEmptyDays(directory, signal, now);
  return { dropped, bytes, hasEarlier };
}

/** What was set aside from the file, or left of a compaction that was killed: it has the file's name and more. */
function removeCompanions(path: string): void {
  for (const name of readdirSync(dirname(path))) if (name.startsWith(`${basename(path)}.`)) unlinkSync(join(dirname(path), name));
}

/** Days before today: somebody may just be about to open a file in today's folder. */
function removeEmptyDays(directory: string, signal: Signal, now: number): void {
  const today = new Date(now).toISOString().slice(0, 10);
  for (const day of dayFolders(directory, signal)) {
    if (day >= today) return;
    try {
      rmdirSync(join(directory, signal, day));
    } catch {
      // Not empty.
    }
  }
}

const SAMPLE = 1024 * 1024;

function countLines(path: string, bytes: number): number {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const sample = Buffer.allocUnsafe(Math.min(bytes, SAMPLE));
    const length = readSync(descriptor, sample, 0, sample.length, 0);
    let lines = 0;
    for (let at = sample.indexOf(10); at !== -1 && at < length; at = sample.indexOf(10, at + 1)) lines++;
    return length < bytes ? Math.round((lines * bytes) / Math.max(length, 1)) : lines;
  } catch {
    return 0;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
