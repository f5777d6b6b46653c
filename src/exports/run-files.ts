/** The files in which a publish tells of itself: what they are called, where they are, and those that are folded from its journal. */
import { closeSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { replaceFile } from '../store/replace.ts';
import type { Manifest } from './manifest.ts';
import { sums } from './sums.ts';

export const JOURNAL = 'journal.jsonl';
export const MANIFEST = 'manifest.json';
export const SUMS = 'SHA256SUMS';
export const LOCK = '.lock';

/** The absolute path of a manifest that may be named by its folder. */
export function manifestAt(path: string, cwd = ''): string {
  const at = resolve(cwd, path);
  return path.endsWith('/') || statSync(at, { throwIfNoEntry: false })?.isDirectory() ? join(at, MANIFEST) : at;
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

/** Of a publish that is complete. The sums first: who finds the manifest complete finds them too. */
export function writeManifest(path: string, manifest: Manifest): void {
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
