/**
 * What a publish writes about itself: `journal.jsonl`, one line for each result in one append, and what is folded
 * from it at start and end, `manifest.json` and `SHA256SUMS`. A publish that is killed leaves a manifest that
 * says `running`, and the journal of what was done.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, readSync, realpathSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { makeDirectory, prepareDirectory } from '../store/layout.ts';
import { withLock } from '../store/lock.ts';
import { replaceFile } from '../store/replace.ts';
import { Fold, type JournalLine } from './fold.ts';
import type { Manifest } from './manifest.ts';
import { collisionKey } from './names.ts';
import type { Reserved } from './reserved.ts';
import { sums } from './sums.ts';
import { isJournal, mustBeOurs } from './theirs.ts';

export const JOURNAL = 'journal.jsonl';
export const MANIFEST = 'manifest.json';
export const SUMS = 'SHA256SUMS';
const LOCK = '.lock';

const { O_APPEND, O_CREAT, O_RDWR, O_TRUNC } = constants;
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
    // Another publish with the same manifest path: its journal ends where this one begins.
    this.#journal = openSync(join(this.folder, JOURNAL), O_RDWR | O_APPEND | O_CREAT | O_TRUNC, 0o600);
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
    closeSync(replaceFile(this.manifestPath, [Buffer.from(JSON.stringify(this.#fold.manifest()))]));
  }

  /** The lines that are not in the journal yet and the last one, then manifest and sums, with what others appended meanwhile. */
  finish(lines: readonly JournalLine[], last: JournalLine): Manifest {
    this.#fold.apply(last);
    this.append([...lines, last]);
    if (fstatSync(this.#journal).size === this.#ours) {
      const manifest = this.#fold.manifest();
      writeManifest(this.manifestPath, manifest);
      // Whoever appends from here on finds our last line, and writes the manifest anew.
      if (fstatSync(this.#journal).size === this.#ours) return manifest;
    }
    return withLock(lockOf(this.folder), () => {
      const manifest = readJournal(this.folder).manifest();
      writeManifest(this.manifestPath, manifest);
      return manifest;
    });
  }

  close(): void {
    closeSync(this.#journal);
  }
}

function encode(lines: readonly JournalLine[], torn: boolean): Buffer {
  return Buffer.from((torn ? '\n' : '') + lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

function placeOf(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
}

/**
 * What stands before a file's name that is `into` a folder, where a manifest in `folder` names it: with `/` on every
 * system, absolute where no relative path leads there (another drive). From where both really are: who verifies it may
 * come by another link.
 */
export function prefixFrom(folder: string, into: string): string {
  const found = relative(placeOf(folder), placeOf(into));
  const path = isAbsolute(found) ? found : found.split(sep).join('/');
  return path === '' ? '' : `${path}/`;
}

/** The absolute path of a manifest that may be named by its folder. */
export function manifestAt(path: string, cwd = ''): string {
  const at = resolve(cwd, path);
  return path.endsWith('/') || statSync(at, { throwIfNoEntry: false })?.isDirectory() ? join(at, MANIFEST) : at;
}

function lockOf(folder: string): string {
  return join(folder, LOCK);
}

/** Of a publish that is complete. The sums first: who finds the manifest complete finds them too. */
function writeManifest(path: string, manifest: Manifest): void {
  writeSums(join(dirname(path), SUMS), Buffer.from(sums(manifest)));
  closeSync(replaceFile(path, [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]));
}

function writeSums(path: string, content: Buffer): void {
  try {
    // Where there are none yet nobody can see half of them.
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    closeSync(replaceFile(path, [content]));
  }
}

function readJournal(folder: string): Fold {
  return foldJournal(readFileSync(join(folder, JOURNAL), 'utf8'));
}

/** What a journal says; a torn last line (its writer was killed) is left out. */
export function foldJournal(journal: string): Fold {
  const fold = new Fold();
  for (const text of journal.split('\n')) {
    if (text === '') continue;
    try {
      fold.apply(JSON.parse(text) as JournalLine);
    } catch {
      // Torn: the result it would have told was not acknowledged to anyone.
    }
  }
  return fold;
}

/**
 * Adds a line of somebody else's to a publish, also while it runs and with others at the same time.
 * @param manifestPath of the publish; its journal is beside it
 */
export function appendTo(manifestPath: string, lines: readonly JournalLine[]): Manifest {
  const folder = dirname(resolve(manifestPath));
  const path = join(folder, JOURNAL);
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
  return withLock(lockOf(folder), () => {
    const manifest = readJournal(folder).manifest();
    // While it runs its own process writes the manifest at the end, with this line.
    if (manifest.state === 'complete') writeManifest(join(folder, basename(manifestPath)), manifest);
    return manifest;
  });
}
