/** Which thread of the process this is. */

/** Undefined where the runtime is not Node. */
const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };

/** Whether Node has loaded one of its own modules in this thread, internal ones included. */
export function hasLoaded(builtin: string): boolean {
  return moduleLoadList?.includes(`NativeModule ${builtin}`) ?? false;
}

/** Every worker has it from its start; a main thread that does not use it would pay 2 ms and up to 90 KB. */
const workerThreads = moduleLoadList === undefined || hasLoaded('worker_threads') ? process.getBuiltinModule('node:worker_threads') : undefined;

export const isMainThread = workerThreads?.isMainThread ?? true;
/** 0 in the main thread. */
export const threadId = workerThreads?.threadId ?? 0;
/** What the thread was given by `setEnvironmentData`. */
export const environmentData = (key: string): unknown => workerThreads?.getEnvironmentData(key);
