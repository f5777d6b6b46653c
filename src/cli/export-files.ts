/** Which files `spoor export` is about, and what they are called. */
import { type Dirent, type Stats, lstatSync, readdir, statSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { collisionKey } from '../exports/names.ts';

export interface FoundFiles {
  readonly files: readonly { readonly name: string; readonly file: string }[];
  /** Arguments that found nothing. */
  readonly nothing: readonly string[];
  /** Paths with names that are no UTF-8, as far as they can be shown: nothing can be opened by them. */
  readonly unnamable: readonly string[];
  /** Folders that cannot be listed: nobody knows what is in them. */
  readonly unlisted: readonly Unlisted[];
  /** Two files that would have the same name somewhere. */
  readonly collision: readonly [string, string] | undefined;
}

export interface Unlisted {
  readonly path: string;
  readonly code: string;
}

/**
 * Files named one by one may be links and hidden; below folders and globs links are left out (they may lead
 * anywhere), and hidden ones unless asked for.
 */
export async function findFiles(args: readonly string[], cwd: string, includeHidden: boolean): Promise<FoundFiles> {
  const files = new Set<string>();
  const anchors: string[] = [];
  const nothing: string[] = [];
  const unnamable = new Set<string>();
  const unlisted = new Map<string, Unlisted>();
  for (const argument of args) {
    const { anchor, found, bad = [], closed = [] } = await expand(argument, cwd, includeHidden);
    for (const path of bad) unnamable.add(path);
    for (const one of closed) unlisted.set(one.path, one);
    if (found.length === 0) nothing.push(argument);
    else anchors.push(anchor);
    for (const file of found) files.add(file);
  }
  const root = commonAncestor(anchors);
  const named = [...files].map((file) => ({ name: relative(root, file).split(sep).join('/'), file }));
  return { files: named, nothing, unnamable: [...unnamable], unlisted: [...unlisted.values()], collision: collisionOf(named) };
}

interface Found {
  readonly anchor: string;
  readonly found: readonly string[];
  readonly bad?: readonly string[];
  readonly closed?: readonly Unlisted[];
}

async function expand(argument: string, cwd: string, dot: boolean): Promise<Found> {
  const path = resolve(cwd, argument);
  const there = statOf(path);
  if (there?.isDirectory()) return below(path, '**/*', dot);
  // Where it parts no folders, a backslash takes from what follows its meaning.
  const pattern = sep === '/' ? argument : argument.replaceAll('\\', '/');
  const isDynamic = isDynamicPattern(pattern);
  if (there !== undefined || (!isDynamic && !pattern.includes('\\'))) return { anchor: dirname(path), found: there === undefined ? [] : [path] };
  // The part before the first one with a special character; braces may hold several parts.
  const parts = pattern.split('/');
  const fixed = isDynamic ? Math.max(0, parts.findIndex((part) => isDynamicPattern(part) || (/\{[^}]*$/.test(part) && argument.includes('}')))) : parts.length - 1;
  const anchor = resolve(cwd, parts.slice(0, fixed).join('/').replace(/\\(.)/g, '$1') || (argument.startsWith('/') ? '/' : '.'));
  return statOf(anchor)?.isDirectory() ? below(anchor, parts.slice(fixed).join('/'), dot) : { anchor, found: [] };
}

/** Undefined also for what can be no file: a link to itself, a name that is too long. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

async function below(cwd: string, pattern: string, dot: boolean): Promise<Found> {
  const closed: Unlisted[] = [];
  // It passes over what it cannot list without a word.
  const list = (path: string, options: { readonly withFileTypes: true }, done: (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void): void =>
    readdir(path, options, (error, entries) => {
      if (error !== null && error.code !== 'ENOENT') closed.push({ path: resolve(path), code: error.code ?? error.message });
      done(error, entries);
    });
  const paths = (await glob(pattern, { cwd, dot, absolute: true, onlyFiles: false, followSymbolicLinks: false, expandDirectories: true, fs: { readdir: list as typeof readdir } })).map((path) => resolve(path));
  const kinds = new Map(paths.map((path) => [path, lstatSync(path, { throwIfNoEntry: false })]));
  return {
    anchor: cwd,
    found: paths.filter((path) => kinds.get(path)?.isFile()).sort(),
    // Node puts this character where it cannot read a name.
    bad: paths.filter((path) => kinds.get(path) === undefined && path.includes('\ufffd')),
    closed,
  };
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
