/** The journal of a publish as it is on disk: one line for each thing that is told, by several perhaps. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { withLock } from '../store/lock.ts';
import { Fold, type JournalLine, isLine } from './fold.ts';
import type { Manifest } from './manifest.ts';
import { JOURNAL, LOCK, writeManifest } from './run-files.ts';
import { isJournal } from './theirs.ts';

/** @param torn the last line is not whole: this one begins a line of its own */
export function encode(lines: readonly JournalLine[], torn: boolean): Buffer {
  return Buffer.from((torn ? '\n' : '') + lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** What a journal says; a torn line (its writer was killed, or the disk was full) or a damaged one is left out. */
export function foldJournal(journal: string): Fold {
  const fold = new Fold();
  for (const text of journal.split('\n')) {
    if (text === '') continue;
    try {
      const line: unknown = JSON.parse(text);
      if (isLine(line)) fold.apply(line);
    } catch {
      // Torn: the result it would have told was not acknowledged to anyone.
    }
  }
  return fold;
}

/** Manifest and sums of what is in the journal by now, of all who wrote to it. @param isWanted whether they are written */
export function refold(manifestPath: string, isWanted: (manifest: Manifest) => boolean): Manifest {
  const folder = dirname(manifestPath);
  return withLock(join(folder, LOCK), () => {
    const manifest = foldJournal(readFileSync(join(folder, JOURNAL), 'utf8')).manifest();
    if (isWanted(manifest)) writeManifest(manifestPath, manifest);
    return manifest;
  });
}

/**
 * Adds a line of somebody else's to a publish, also while it runs and with others at the same time.
 * @param manifestPath of the publish; its journal is beside it
 */
export function appendTo(manifestPath: string, lines: readonly JournalLine[]): Manifest {
  const path = join(dirname(resolve(manifestPath)), JOURNAL);
  if (!isJournal(path)) throw Object.assign(new Error(`there is no publish to add to: ${path} is not there, is empty, or is something else`), { code: 'no_run' });
  const journal = openSync(path, 'a+', 0o600);
  try {
    const size = fstatSync(journal).size;
    const last = Buffer.alloc(1);
    readSync(journal, last, 0, 1, size - 1);
    const buffer = encode(lines, last[0] !== 10);
    if (writeSync(journal, buffer) < buffer.length) throw Object.assign(new Error('the line was not written whole'), { code: 'EIO' });
  } finally {
    closeSync(journal);
  }
  // While it runs its own process writes the manifest at the end, with this line.
  return refold(resolve(manifestPath), ({ state }) => state === 'complete');
}
