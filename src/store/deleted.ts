/**
 * What retention deletes is noted for who sends, where anybody ever did: while nobody holds the lease, nobody else
 * would know that a file was there, and whether all of it had been sent.
 */
import { appendFileSync, readFileSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { HourFile, Signal } from './layout.ts';

export interface Deleted {
  /** The file's path within the signal's folder. */
  readonly key: string;
  /** Epoch milliseconds at which its hour began. */
  readonly start: number;
  readonly bytes: number;
  readonly lines: number;
}

/** Bytes of notes that nobody takes. */
const MOST = 1 << 20;

/** Never throws, and makes no folder: nobody ever sent from where there is none. */
export function noteDeleted(directory: string, signal: Signal, { path, start }: HourFile, bytes: number, lines: number): void {
  const note: Deleted = { key: relative(join(directory, signal), path), start, bytes, lines };
  try {
    const notes = notesPath(directory, signal);
    if ((statSync(notes, { throwIfNoEntry: false })?.size ?? 0) < MOST) appendFileSync(notes, `${JSON.stringify(note)}\n`, { mode: 0o600 });
  } catch {
    // See above; or a full disk.
  }
}

/** What was deleted since this was asked last. Never throws. */
export function takeDeleted(directory: string, signal: Signal): Deleted[] {
  const notes = notesPath(directory, signal);
  const taken = `${notes}.taken`;
  try {
    if (statSync(notes, { throwIfNoEntry: false }) === undefined) return [];
    renameSync(notes, taken);
    const lines = readFileSync(taken, 'utf8').split('\n');
    unlinkSync(taken);
    return lines.flatMap(noteIn);
  } catch {
    return [];
  }
}

function noteIn(line: string): Deleted[] {
  try {
    const { key, start, bytes, lines } = JSON.parse(line) as Record<keyof Deleted, unknown>;
    return typeof key === 'string' && typeof start === 'number' && typeof bytes === 'number' && typeof lines === 'number' ? [{ key, start, bytes, lines }] : [];
  } catch {
    return [];
  }
}

function notesPath(directory: string, signal: Signal): string {
  return join(directory, 'ship', `deleted.${signal}.jsonl`);
}
