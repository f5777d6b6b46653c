/** Which thread of the process this is. */

/** Whether Node has loaded one of its own modules in this thread, internal ones included. */
export function hasLoaded(builtin: string): boolean {
  return (process as unknown as { moduleLoadList: string[] }).moduleLoadList.includes(`NativeModule ${builtin}`);
}

/** Every worker has it from its start; a main thread that does not use it would pay 2 ms and up to 90 KB. */
const workerThreads = hasLoaded('worker_threads') ? process.getBuiltinModule('node:worker_threads') : undefined;

export const isMainThread = workerThreads?.isMainThread ?? true;
/** 0 in the main thread. */
export const threadId = workerThreads?.threadId ?? 0;
/** What the thread was given by `setEnvironmentData`. */
export const environmentData = (key: string): unknown => workerThreads?.getEnvironmentData(key);
