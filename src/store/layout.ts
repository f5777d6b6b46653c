/**
 * The names in a `.spoor/` directory. Lines go to `<signal>/<day>/<hour>.<host>.jsonl`, day and hour in UTC,
 * so that what is old can be dropped by deleting whole files and a reader opens only the hours it needs.
 */
import { closeSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { randomUuid } from '../random-ids.ts';
import { createWhole } from './create.ts';
import { replaceFile } from './replace.ts';

export type Signal = 'traces' | 'rollups' | 'starts';

export const HOUR_MS = 3_600_000;

export interface HourFile {
  readonly path: string;
  /** Epoch milliseconds at which its hour begins. */
  readonly start: number;
  readonly host: string;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const HOUR = /^([01]\d|2[0-3])\.([\w-]+)\.jsonl$/;

/** The file that a line written at `timeMs` (epoch milliseconds) belongs to. */
export function hourFile(directory: string, signal: Signal, timeMs: number, host: string): string {
  const iso = new Date(timeMs).toISOString();
  return join(directory, signal, iso.slice(0, 10), `${iso.slice(11, 13)}.${host}.jsonl`);
}

/** The hour files of a signal, oldest first; files with other names are not ours. Nothing there: none. @param list - how a folder is listed */
export function hourFiles(directory: string, signal: Signal, list = names): HourFile[] {
  const files: HourFile[] = [];
  for (const day of dayFolders(directory, signal, list)) {
    for (const name of list(join(directory, signal, day))) {
      const match = HOUR.exec(name);
      if (match === null) continue;
      const start = Date.parse(`${day}T${match[1]}:00:00Z`);
      if (!Number.isNaN(start)) files.push({ path: join(directory, signal, day, name), start, host: match[2] ?? '' });
    }
  }
  return files;
}

/** Names of a signal's day folders, oldest first. */
export function dayFolders(directory: string, signal: Signal, list = names): string[] {
  return list(join(directory, signal)).filter((name) => DAY.test(name));
}

/** What can be listed: nobody who writes is stopped by the rest. For who reads there is `listed`. */
export function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/**
 * Makes a directory and those above it; true when it was not there. By hand, because Node's own recursion never
 * ends where a directory that exists refuses with ENOENT, as `/proc` does.
 */
export function makeDirectory(path: string, mode = 0o700): boolean {
  for (let attempt = 0; ; attempt++) {
    try {
      mkdirSync(path, mode);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return false;
      const above = dirname(path);
      // Above a drive that is not there (Windows) there is nothing to be made.
      if (code !== 'ENOENT' || attempt > 0 || above === path) throw error;
      makeDirectory(above, mode);
    }
  }
}

/**
 * Makes the directory what it should be: private, ignored by git, with an identity of its own. Throws what
 * `mkdir` throws; the rest is done as far as it can be. Called again it changes nothing.
 */
export function prepareDirectory(directory: string): void {
  const made = makeDirectory(directory);
  // A directory that was there and holds other things (SPOOR_DIR=.) must not vanish from its owner's git.
  if (made || basename(directory) === '.spoor' || names(directory).length === 0) createOnce(join(directory, '.gitignore'), () => '*\n');
  createOnce(join(directory, 'id'), newId);
}

/** Where an exporter writes that is used alone, without a configuration: what it is given, else `SPOOR_DIR`, else `.spoor`; absolute. */
export function directoryOfExporter(given: string | undefined): string {
  return resolve(given ?? (process.env.SPOOR_DIR || '.spoor'));
}

/** The directory's identity, a UUID; undefined where there is none (yet). */
export function directoryId(directory: string): string | undefined {
  try {
    const id = readFileSync(join(directory, 'id'), 'latin1').trim();
    return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The directory's identity, for who sends under it; a new one where the file holds none, as one that was written
 * on a full disk by an older version.
 * @throws what the file system says: one that only cannot be read now must not be replaced, or all series would begin anew
 */
export function ensureDirectoryId(directory: string): string {
  const path = join(directory, 'id');
  if (directoryId(directory) === undefined) {
    if (isThere(path)) readFileSync(path);
    closeSync(replaceFile(path, [Buffer.from(newId())]));
  }
  const id = directoryId(directory);
  if (id === undefined) throw new Error(`${path} cannot be read`);
  return id;
}

function newId(): string {
  return `${randomUuid()}\n`;
}

/** As far as it can be: lines matter more than these two files. */
function createOnce(path: string, content: () => string): void {
  try {
    if (isThere(path)) return;
    createWhole(path, content());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // No hard links here. On a full disk rather nothing than an empty file: the next one to prepare it tries again.
    if (code !== 'ENOSPC' && code !== 'EDQUOT') createSimply(path, content());
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function createSimply(path: string, content: string): void {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
  } catch {
    // It is there by now, or cannot be.
  }
}
