/**
 * Notices when the app first reaches for a module, so that a process that never does pays nothing: loading
 * `child_process` only to patch it costs 3 ms, which is most of what a preload may cost.
 *
 * Nothing of this leaves a frame on the app's stack where Node lets us choose: resolution hooks are over
 * before a module runs. Node before 22.15 has none that are synchronous; see `watchLoads`.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLAYWRIGHT_FILE, PLAYWRIGHT_REQUEST } from '../instrumentation/playwright-loads.ts';
import { PUPPETEER_FILE, PUPPETEER_REQUEST } from '../instrumentation/puppeteer-loads.ts';
import { SELENIUM_FILE, SELENIUM_REQUEST } from '../instrumentation/selenium-loads.ts';
import { type ApiCopy, HAND_OVER } from './slot.ts';

declare const require: NodeJS.Require;
declare const module: NodeJS.Module;
declare const __filename: string;

export interface Interests {
  childProcess(): void;
  workerThreads(): void;
  /** A browser driver: its exports, or it is about to be loaded. */
  driver(file: string, exports?: unknown): void;
  api(copy: ApiCopy): void;
}

const API = '@opentelemetry/api';
const API_FILE = /[\\/]@opentelemetry[\\/]api[\\/](?:build[\\/]src[\\/]index\.js|dist[\\/]index\.[cm]js)$/;

/** `cluster` and `test` start processes with what they take from `child_process` when they load. */
const BUILTINS: Readonly<Record<string, 'childProcess' | 'workerThreads'>> = {
  child_process: 'childProcess',
  cluster: 'childProcess',
  test: 'childProcess',
  worker_threads: 'workerThreads',
};

const either = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => source).join('|'));
const DRIVER_FILE = either(PLAYWRIGHT_FILE, PUPPETEER_FILE, SELENIUM_FILE);
const DRIVER_REQUEST = either(PLAYWRIGHT_REQUEST, PUPPETEER_REQUEST, SELENIUM_REQUEST);

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;
type Resolved = { url: string; format?: string | null };
type Hooks = {
  resolve?(specifier: string, context: object, next: (specifier: string, context: object) => Resolved): Resolved;
  load?(url: string, context: object, next: (url: string, context: object) => { source?: unknown }): object;
};
type Internals = { _load: Load; _resolveFilename(...args: Parameters<Load>): string; registerHooks(hooks: Hooks): { deregister(): void } };

/** Node's loader. `require('node:module')` gives the same, and costs Node 20 as much as all else here. */
const Module = module.constructor as unknown as Internals;

/** `registerHooks` came with 22.15 and 23.5. */
function hasSynchronousHooks(): boolean {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  return major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 15);
}

const registerHooks: Internals['registerHooks'] = (hooks) => (require('node:module') as unknown as Internals).registerHooks(hooks);

/** Whether Node has loaded one of its own modules in this thread, internal ones included. */
export function hasLoaded(builtin: string): boolean {
  return (process as unknown as { moduleLoadList: string[] }).moduleLoadList.includes(`NativeModule ${builtin}`);
}

export function watchLoading(interests: Interests): void {
  const waiting = new Set<string>(['childProcess', 'workerThreads']);
  /** Once each; what the callback itself loads comes by here again. */
  const reached = (specifier: string): void => {
    const interest = BUILTINS[specifier.startsWith('node:') ? specifier.slice(5) : specifier];
    if (interest !== undefined && waiting.delete(interest)) interests[interest]();
  };

  // What was loaded before us, where the app itself loads us.
  for (const name of ['child_process', 'worker_threads']) if (hasLoaded(name)) reached(name);
  for (const file of Object.keys(require.cache)) {
    const loaded = require.cache[file]?.loaded ? (require.cache[file].exports as ApiCopy) : undefined;
    if (loaded && API_FILE.test(file)) interests.api(loaded);
    else if (loaded && DRIVER_FILE.test(file)) interests.driver(file, loaded);
  }

  watchGetBuiltinModule(reached);
  if (hasSynchronousHooks()) watchResolutions(reached, interests);
  else watchLoads(reached, interests);
}

function watchGetBuiltinModule(reached: (specifier: string) => void): void {
  const original = process.getBuiltinModule as ((id: string) => object | undefined) | undefined;
  if (typeof original !== 'function') return;
  const getBuiltinModule = (id: string): object | undefined => {
    if (typeof id === 'string') reached(id);
    return original.call(process, id);
  };
  Object.defineProperty(process, 'getBuiltinModule', { ...Object.getOwnPropertyDescriptor(process, 'getBuiltinModule'), value: getBuiltinModule });
}

/** Node >= 22.15: every `require` and `import`, of built-ins too, is resolved by way of the hook. */
function watchResolutions(reached: (specifier: string) => void, interests: Interests): void {
  const seen = new Set<string>();
  registerHooks({
    resolve(specifier, context, next) {
      if (typeof specifier === 'string') reached(specifier);
      const resolved = next(specifier, context);
      if (DRIVER_FILE.test(resolved.url) && !seen.has(resolved.url)) {
        seen.add(resolved.url);
        interests.driver(fileURLToPath(resolved.url));
      } else if (API_FILE.test(resolved.url) && !seen.has(resolved.url)) {
        seen.add(resolved.url);
        if (resolved.url.endsWith('.mjs')) handOverOnLoad(resolved.url);
        // Loaded a moment early, and whole, so that nothing has to stand around the app's own loading of it.
        else adoptFile(fileURLToPath(resolved.url), interests);
      }
      return resolved;
    },
  });
}

function adoptFile(file: string, interests: Interests): void {
  let copy: ApiCopy;
  try {
    copy = require(file) as ApiCopy;
  } catch {
    return; // The app will get the same error.
  }
  interests.api(copy);
}

/** An ES module cannot be got at from outside while it is imported: it hands itself over in a line of its own. */
function handOverOnLoad(wanted: string): void {
  const hooks = registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (url !== wanted) return loaded;
      hooks.deregister();
      const { source } = loaded;
      if (typeof source !== 'string' && !(source instanceof Uint8Array)) return loaded;
      const text = typeof source === 'string' ? source : Buffer.from(source).toString('utf8');
      return { ...loaded, source: `${text}\nimport * as __spoorApi from ${JSON.stringify(url)};${HAND_OVER('__spoorApi')};\n` };
    },
  });
}

/**
 * Node before 22.15: `Module._load` sees every `require`, and imports of CommonJS files, but no import of a
 * built-in. So the built-ins are patched at once where the program is an ES module, and else as soon as it has
 * got to where it could import one.
 */
function watchLoads(reached: (specifier: string) => void, interests: Interests): void {
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
  replaceAfterMain(original, load);

  const everything = (): void => Object.keys(BUILTINS).forEach(reached);
  if (startsAsModule()) return everything();
  process.nextTick(() => {
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
function replaceAfterMain(original: Load, load: Load): void {
  let beforeMain = hasScript() && require.main === undefined;
  Object.defineProperty(Module, '_load', {
    configurable: true,
    enumerable: true,
    get() {
      if (!beforeMain) return load;
      beforeMain = false;
      return original;
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
