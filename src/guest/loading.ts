/**
 * Notices when the app first reaches for a module, so that a process that never does pays nothing: loading
 * `child_process` only to patch it costs 3 ms, which is most of what a preload may cost.
 *
 * Nothing of this leaves a frame on the app's stack where Node lets us choose: resolution hooks are over
 * before a module runs. Node before 22.15 has none that are synchronous; see loading-before-hooks.ts.
 */
import { fileURLToPath } from 'node:url';
import { API_FILE, BUILTINS, DRIVER_FILE, type Interests } from './interests.ts';
import { hasLoaded } from '../thread.ts';
import { watchLoads } from './loading-before-hooks.ts';
import { unseen } from './resolution-errors.ts';
import { type ApiCopy, HAND_OVER } from './slot.ts';

declare const require: NodeJS.Require;

type Resolved = { url: string; format?: string | null };
type Hooks = {
  resolve?(specifier: string, context: object, next: (specifier: string, context: object) => Resolved): Resolved;
  load?(url: string, context: object, next: (url: string, context: object) => { source?: unknown }): object;
};

/** `registerHooks` came with 22.15 and 23.5. */
function hasSynchronousHooks(): boolean {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  return major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 15);
}

const registerHooks = (hooks: Hooks): { deregister(): void } => (require('node:module') as unknown as { registerHooks: typeof registerHooks }).registerHooks(hooks);

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
      const resolved = unseen(next, specifier, context);
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
