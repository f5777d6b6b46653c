/** Which files `spoor export` is about, and what they are called. */
import { lstatSync, statSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { collisionKey } from '../exports/names.ts';

export interface FoundFiles {
  readonly files: readonly { readonly name: string; readonly file: string }[];
  /** Arguments that found nothing. */
  readonly nothing: readonly string[];
  /** Two files that would have the same name somewhere. */
  readonly collision: readonly [string, string] | undefined;
}

/**
 * Files named one by one may be links and hidden; below folders and globs links are left out (they may lead
 * anywhere), and hidden ones unless asked for.
 */
export async function findFiles(args: readonly string[], cwd: string, includeHidden: boolean): Promise<FoundFiles> {
  const files = new Set<string>();
  const anchors: string[] = [];
  const nothing: string[] = [];
  for (const argument of args) {
    const { anchor, found } = await expand(argument, cwd, includeHidden);
    if (found.length === 0) nothing.push(argument);
    else anchors.push(anchor);
    for (const file of found) files.add(file);
  }
  const root = commonAncestor(anchors);
  const named = [...files].map((file) => ({ name: relative(root, file).split(sep).join('/'), file }));
  return { files: named, nothing, collision: collisionOf(named) };
}

async function expand(argument: string, cwd: string, dot: boolean): Promise<{ anchor: string; found: string[] }> {
  const path = resolve(cwd, argument);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) return { anchor: path, found: await below(path, '**/*', dot) };
  if (there !== undefined || !isDynamicPattern(argument)) return { anchor: dirname(path), found: there === undefined ? [] : [path] };
  // The part before the first one with a special character.
  const parts = argument.replaceAll('\\', '/').split('/');
  const fixed = parts.findIndex((part) => isDynamicPattern(part));
  const anchor = resolve(cwd, parts.slice(0, fixed).join('/') || (argument.startsWith('/') ? '/' : '.'));
  return { anchor, found: statSync(anchor, { throwIfNoEntry: false })?.isDirectory() ? await below(anchor, parts.slice(fixed).join('/'), dot) : [] };
}

async function below(cwd: string, pattern: string, dot: boolean): Promise<string[]> {
  const found = await glob(pattern, { cwd, dot, absolute: true, onlyFiles: true, followSymbolicLinks: false, expandDirectories: true });
  return found
    .map((file) => resolve(file))
    .filter((file) => lstatSync(file, { throwIfNoEntry: false })?.isFile())
    .sort();
}

function commonAncestor(folders: readonly string[]): string {
  const [first = '', ...rest] = folders;
  let common = first.split(sep);
  for (const folder of rest) {
    const parts = folder.split(sep);
    const end = common.findIndex((part, i) => part !== parts[i]);
    if (end >= 0) common = common.slice(0, end);
  }
  return common.join(sep) || sep;
}

function collisionOf(files: FoundFiles['files']): readonly [string, string] | undefined {
  const taken = new Map<string, string>();
  for (const { name } of files) {
    const key = collisionKey(name);
    const other = taken.get(key);
    if (other !== undefined) return [other, name];
    taken.set(key, name);
  }
  return undefined;
}
