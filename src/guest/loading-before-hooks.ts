/**
 * Node before 22.15: `Module._load` sees every `require`, and imports of CommonJS files, but no import of a
 * built-in. So the built-ins are patched at once where the program is an ES module, and else as soon as it has
 * got to where it could import one.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { API, API_FILE, BUILTINS, DRIVER_FILE, DRIVER_REQUEST, type Interests } from './interests.ts';
import { hasLoaded, isMainThread } from '../thread.ts';
import type { ApiCopy } from './slot.ts';

declare const require: NodeJS.Require;
declare const module: NodeJS.Module;
declare const __filename: string;

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

/** Node's loader. `require('node:module')` gives the same, and costs Node 20 as much as all else here. */
const Module = module.constructor as unknown as { _load: Load; _resolveFilename(...args: Parameters<Load>): string };

export function watchLoads(reached: (specifier: string) => void, interests: Interests): void {
  const original = Module._load;
  const showsStacks = TEST_RUNNER.test(process.argv[1] ?? '');
  const load: Load = function _load(this: unknown, ...args) {
    const [request] = args;
    if (typeof request === 'string') reached(request);
    const exports = showsStacks ? withoutOurFrames(() => Reflect.apply(original, this, args)) : Reflect.apply(original, this, args);
    if (request === API || (typeof request === 'string' && API_FILE.test(request))) interests.api(exports as ApiCopy);
    else if (typeof request === 'string' && DRIVER_REQUEST.test(request)) {
      const file = Module._resolveFilename(...args);
      if (DRIVER_FILE.test(file)) interests.driver(file, exports);
    }
    return exports;
  };
  const isModule = startsAsModule();
  replaceAfterMain(original, load, isModule);

  const everything = (): void => Object.keys(BUILTINS).forEach(reached);
  if (isModule) return everything();
  // Not a tick: after one Node runs what the script leaves to microtasks from a function of its own, which is a line in the stacks of their errors.
  void Promise.resolve().then(() => {
    // The script has run. It has begun to import something, or lives on and may: or else it is over.
    const importing = hasLoaded('internal/modules/esm/translators');
    if (importing || process.getActiveResourcesInfo().length > 0) everything();
    else setImmediate(everything).unref();
  });
}

/** Playwright Test catches what test files throw while they load, and shows where from. */
const TEST_RUNNER = /[\\/](?:\.bin[\\/]playwright|(?:playwright|@playwright[\\/]test)[\\/]cli\.js|playwright[\\/]lib[\\/][^:]*)$/;

/**
 * Only where errors are caught: for one that is not, Node prints the line that threw it last, which would be ours.
 */
function withoutOurFrames(load: () => unknown): unknown {
  try {
    return load();
  } catch (error) {
    try {
      const { stack } = error as Error;
      const kept = stack?.split('\n').filter((line) => !(line.startsWith('    at ') && line.includes(__filename)));
      if (kept && kept.length < stack!.split('\n').length) (error as Error).stack = kept.join('\n');
    } catch {
      // A frozen error, or none: it stays as it is.
    }
    throw error;
  }
}

/**
 * The main script is loaded by the original, so that the stacks of its errors are as without us. Node reads
 * the property for each load, and does so for the script first; others that patch it simply replace it.
 */
function replaceAfterMain(original: Load, load: Load, isModule: boolean): void {
  let beforeMain = !isModule && require.main === undefined;
  // Which in a worker, and in Node 22, has its name of the property alone.
  if ((!isMainThread || !process.version.startsWith('v20.')) && original.name === '') Reflect.defineProperty(original, 'name', { value: '_load', configurable: true });
  Object.defineProperty(Module, '_load', {
    configurable: true,
    enumerable: true,
    get() {
      // Other preloads come first.
      if (!beforeMain || module.isPreloading) return load;
      beforeMain = false;
      // A worker knows its script only when it runs it.
      return hasScript() && (isMainThread || !startsAsModule()) ? original : load;
    },
    set(value: Load) {
      Object.defineProperty(Module, '_load', { value, configurable: true, enumerable: true, writable: true });
    },
  });
}

function hasScript(): boolean {
  return process.argv[1] !== undefined && process.argv[1] !== '-' && (process as { _eval?: string })._eval === undefined;
}

const MODULE_OPTIONS = /--(?:import|loader|experimental-loader|input-type|experimental-default-type|test)\b/;

/** Whether the program is an ES module from its first line, by Node's own rules. */
function startsAsModule(): boolean {
  if (MODULE_OPTIONS.test(`${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`)) return true;
  if (!hasScript()) return false;
  try {
    const main = realpathSync(require.resolve(process.argv[1]!));
    const extension = extname(main);
    if (extension === '.mjs') return true;
    if (extension === '.cjs') return false;
    return nearestPackageType(dirname(main)) === 'module';
  } catch {
    return false;
  }
}

function nearestPackageType(directory: string): unknown {
  for (let folder = directory; ; folder = dirname(folder)) {
    try {
      return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { type?: unknown }).type;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || folder === dirname(folder)) return undefined;
    }
  }
}
