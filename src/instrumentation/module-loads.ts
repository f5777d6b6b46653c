/**
 * Shows modules of packages as they are loaded, by `require` or by an import of a CommonJS file: both pass
 * `Module._load`, on every Node that we run on. Imported by the preloaded bundle.
 */
import { createRequire } from 'node:module';

/** A module is there. Never throws. */
export type Found = (exports: unknown, file: string) => void;

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;
interface Internals {
  _load: Load;
  _resolveFilename(request: string, parent: unknown, isMain: boolean): string;
  readonly _cache: Record<string, { readonly loaded: boolean; readonly exports: unknown } | undefined>;
}

declare const require: NodeJS.Require | undefined;

/** The bundles are CommonJS, the package's own modules are not. */
const Module = (typeof require === 'function' ? require : createRequire(import.meta.url))('node:module') as unknown as Internals;

/**
 * Calls `found` for each module that is wanted: those that are there already, and those that are loaded from now on.
 * @param request what a request for one looks like: no other is looked at further
 * @param file path of one
 * @returns ends it
 */
export function watchModules(request: RegExp, file: RegExp, found: Found): () => void {
  for (const path of Object.keys(Module._cache)) if (file.test(path) && Module._cache[path]?.loaded) found(Module._cache[path].exports, path);
  return wrapLoad((args, exports) => {
    const path = typeof args[0] === 'string' && request.test(args[0]) ? resolved(args) : undefined;
    if (path !== undefined && file.test(path)) found(exports, path);
  });
}

const awaited = new Map<string, Found>();
let stop: (() => void) | undefined;

/** Calls `found` when the module of this file is there: now, or at the end of the load that has begun. */
export function awaitModule(file: string, found: Found): void {
  if (awaited.has(file)) return;
  awaited.set(file, found);
  // By `require`: it is on its way, and there when what runs now is over. By an import: a later load.
  stop ??= wrapLoad(settle);
  settle();
  if (awaited.size > 0) process.nextTick(settle);
}

function settle(): void {
  for (const [file, found] of awaited) {
    const cached = Module._cache[file];
    if (!cached?.loaded) continue;
    awaited.delete(file);
    found(cached.exports, file);
  }
  if (awaited.size > 0) return;
  stop?.();
  stop = undefined;
}

function wrapLoad(loaded: (args: Parameters<Load>, exports: unknown) => void): () => void {
  const original = Module._load;
  let isWatching = true;
  const _load: Load = function (this: unknown, ...args) {
    const exports = Reflect.apply(original, this, args);
    if (isWatching) loaded(args, exports);
    return exports;
  };
  Module._load = _load;
  return () => {
    isWatching = false;
    if (Module._load === _load) Module._load = original;
  };
}

/** Node has resolved it a moment ago and remembers. */
function resolved(args: Parameters<Load>): string | undefined {
  try {
    return Module._resolveFilename(...args);
  } catch {
    return undefined;
  }
}
