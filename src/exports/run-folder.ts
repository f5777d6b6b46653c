/**
 * What a publish writes about itself: `journal.jsonl`, one line for each result in one append, and what is folded
 * from it at start and end, `manifest.json` and `SHA256SUMS`. A publish that is killed leaves a manifest that
 * says `running`, and the journal of what was done.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { makeDirectory, prepareDirectory } from '../store/layout.ts';
import { replaceFile } from '../store/replace.ts';
import { fault } from './faults.ts';
import type { Fold, JournalLine } from './fold.ts';
import { encode, refold } from './journal.ts';
import type { Manifest } from './manifest.ts';
import { collisionKey } from './names.ts';
import type { Reserved } from './reserved.ts';
import { JOURNAL, LOCK, SUMS, prefixFrom, writeManifest } from './run-files.ts';
import { mustBeOurs } from './theirs.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_RDWR } = constants;
/** Directories that this process has seen to. */
const prepared = new Set<string>();

export class RunFolder {
  readonly manifestPath: string;
  readonly folder: string;
  /** There is the manifest of another publish, which must not pass for this one's. */
  readonly isReused: boolean;
  readonly #fold: Fold;
  /** Of the folders that were written to. */
  readonly #prefixes = new Map<string, string>();
  readonly #journal: number;
  /** Where our own lines end. Further on somebody else's begin. */
  #ours = 0;
  /** The last line is not whole: the next one begins a line of its own. */
  #torn = false;

  /**
   * Makes the folder and its journal.
   * @param manifestPath absolute
   * @param store spoor's directory, when the folder is in it: made private and ignored by git
   * @throws what the system says; code `not_ours` when a file there is somebody else's
   */
  constructor(manifestPath: string, fold: Fold, store: string | undefined) {
    this.manifestPath = manifestPath;
    this.folder = dirname(this.manifestPath);
    this.#fold = fold;
    if (store !== undefined && !prepared.has(store)) {
      prepareDirectory(store);
      prepared.add(store);
    }
    const isNew = makeDirectory(this.folder);
    if (!isNew) mustBeOurs({ journal: join(this.folder, JOURNAL), manifest: this.manifestPath, sums: join(this.folder, SUMS) });
    this.isReused = !isNew && existsSync(this.manifestPath);
    this.#journal = newJournal(join(this.folder, JOURNAL));
  }

  /** What no artifact can be. */
  get reserved(): Reserved {
    return { folder: this.folder, names: new Set([basename(this.manifestPath), JOURNAL, SUMS, LOCK].map(collisionKey)) };
  }

  /** A path as the manifest has it. */
  relative(path: string): string {
    const end = path.lastIndexOf(sep);
    const folder = path.slice(0, end);
    let prefix = this.#prefixes.get(folder);
    if (prefix === undefined) {
      prefix = prefixFrom(this.folder, folder || sep);
      this.#prefixes.set(folder, prefix);
    }
    return prefix + path.slice(end + 1);
  }

  /** Appends lines in one write; they are in the fold already. @throws what the system says */
  append(lines: readonly JournalLine[]): void {
    const buffer = encode(lines, this.#torn);
    const written = writeSync(this.#journal, buffer);
    this.#ours += written;
    this.#torn = written < buffer.length;
    if (this.#torn) throw Object.assign(new Error('a line was not written whole'), { code: 'EIO' });
  }

  /** Writes the manifest of what is folded by now: before anything is published, so that nobody finds results without one. */
  begin(): void {
    // Said at the end.
    if (this.isTaken) return;
    closeSync(replaceFile(this.manifestPath, [Buffer.from(JSON.stringify(this.#fold.manifest()))]));
  }

  /** The lines that are not in the journal yet and the last one, then manifest and sums, with what others appended meanwhile. */
  finish(lines: readonly JournalLine[], last: JournalLine): Manifest {
    this.#fold.apply(last);
    this.append([...lines, last]);
    if (this.isTaken) throw fault('taken', `${this.manifestPath} is another publish's, which began later; give each a manifest of its own`);
    if (fstatSync(this.#journal).size === this.#ours) {
      const manifest = this.#fold.manifest();
      writeManifest(this.manifestPath, manifest);
      // Whoever appends from here on finds our last line, and writes the manifest anew.
      if (fstatSync(this.#journal).size === this.#ours) return manifest;
    }
    return refold(this.manifestPath, () => true);
  }

  /** Whether the files here are another's by now: a publish that began later, with the same manifest path. */
  get isTaken(): boolean {
    const [there, ours] = [statSync(join(this.folder, JOURNAL), { throwIfNoEntry: false }), fstatSync(this.#journal)];
    return there !== undefined && (there.ino !== ours.ino || there.dev !== ours.dev);
  }

  close(): void {
    closeSync(this.#journal);
  }
}

/** A file of its own, also where there is one of another publish, which may still write to it. */
function newJournal(path: string): number {
  for (;;) {
    try {
      return openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    try {
      unlinkSync(path);
    } catch (error) {
      // Others may begin at the same time.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
