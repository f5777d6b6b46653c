/**
 * Puts wrappers around `node:child_process`. It is in the bundle that every process preloads, so it imports
 * nothing of OpenTelemetry, and not `node:child_process` either, which takes 3 ms to load.
 */
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import { type Handler, install, wrapFunction, wrapInherited } from './wrap.ts';

/**
 * `spawn` itself is not here: all of Node's asynchronous functions, and `cluster`, go through
 * `ChildProcess.prototype.spawn`, and so do functions that the app took before the patch.
 * These are wrapped for what only they know: which one it is, `timeout` and `maxBuffer`, and the synchronous ones.
 */
const WRAPPED = ['exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync'] as const;

/** Names under which a handler sees methods of `ChildProcess.prototype`. */
export const PROTOTYPE_SPAWN = 'ChildProcess.spawn';
export const PROTOTYPE_UNREF = 'ChildProcess.unref';
export const PROTOTYPE_REMOVE_ALL = 'ChildProcess.removeAllListeners';
export const PROTOTYPE_SET_LIMIT = 'ChildProcess.setMaxListeners';
export const PROTOTYPE_GET_LIMIT = 'ChildProcess.getMaxListeners';

/**
 * From now on calls are shown to the handler that `load` gives; it is asked for at the first call.
 * @param childProcess what `require('node:child_process')` returns
 * @param isImported whether ES modules may have imported it already. What syncs their bindings is for all built-ins at once, and shows what the app has changed of others
 * @returns takes the handler back
 */
export function patchChildProcess(childProcess: typeof import('node:child_process'), load: () => Handler | undefined, isImported = true): () => void {
  return install('child_process', load, (current) => {
    const exports = childProcess as unknown as Record<string, Function>;
    for (const name of WRAPPED) exports[name] = wrapWithPromise(name, exports[name]!, current);
    const prototype = childProcess.ChildProcess.prototype as unknown as Record<string, Function>;
    prototype.spawn = wrapFunction(PROTOTYPE_SPAWN, prototype.spawn!, current);
    prototype.unref = wrapFunction(PROTOTYPE_UNREF, prototype.unref!, current);
    wrapInherited(prototype, 'removeAllListeners', PROTOTYPE_REMOVE_ALL, current);
    wrapInherited(prototype, 'setMaxListeners', PROTOTYPE_SET_LIMIT, current);
    wrapInherited(prototype, 'getMaxListeners', PROTOTYPE_GET_LIMIT, current);
    // Named imports of ES modules are bindings of their own.
    if (isImported) syncBuiltinESMExports();
  });
}

/** `util.promisify(exec)` is a function of its own, which calls Node's `exec` and not ours. */
function wrapWithPromise(name: string, original: Function, current: () => Handler | undefined): Function {
  const custom = Object.getOwnPropertyDescriptor(original, promisify.custom);
  if (typeof custom?.value !== 'function') return wrapFunction(name, original, current);
  const value = wrapFunction(name, custom.value as Function, current);
  return wrapFunction(name, original, current, { [promisify.custom]: { ...custom, value } });
}
