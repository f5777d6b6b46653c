/**
 * Puts a wrapper around `Worker` of `node:worker_threads`. In the bundle that every process preloads: it
 * imports neither OpenTelemetry nor the module itself, which takes 2 ms to load.
 */
import { syncBuiltinESMExports } from 'node:module';
import { type Handler, install, wrapClass, wrapFunction, wrapInherited } from './wrap.ts';

/** Names under which a handler sees the constructor, and methods of `Worker.prototype`. */
export const WORKER = 'Worker';
export const WORKER_TERMINATE = 'Worker.terminate';
const WORKER_UNREF = 'Worker.unref';
export const WORKER_REMOVE_ALL = 'Worker.removeAllListeners';
export const WORKER_SET_LIMIT = 'Worker.setMaxListeners';
export const WORKER_GET_LIMIT = 'Worker.getMaxListeners';

/**
 * From now on workers are shown to the handler that `load` gives; it is asked for at the first one.
 * @param workerThreads what `require('node:worker_threads')` returns
 * @param isImported whether ES modules may have imported it already. What syncs their bindings is for all built-ins at once, and shows what the app has changed of others
 * @returns takes the handler back
 */
export function patchWorkerThreads(workerThreads: typeof import('node:worker_threads'), load: () => Handler | undefined, isImported = true): () => void {
  return install('worker_threads', load, (current) => {
    const exports = workerThreads as { Worker: Function & { prototype: object } };
    const prototype = exports.Worker.prototype as Record<string, Function>;
    prototype.terminate = wrapFunction(WORKER_TERMINATE, prototype.terminate!, current);
    prototype.unref = wrapFunction(WORKER_UNREF, prototype.unref!, current);
    wrapInherited(prototype, 'removeAllListeners', WORKER_REMOVE_ALL, current);
    wrapInherited(prototype, 'setMaxListeners', WORKER_SET_LIMIT, current);
    wrapInherited(prototype, 'getMaxListeners', WORKER_GET_LIMIT, current);
    exports.Worker = wrapClass(WORKER, exports.Worker, current);
    if (isImported) syncBuiltinESMExports();
  });
}
