/** The thread that sends, and what all that a process has of them know of each other. */
import { join } from 'node:path';
import { Worker, getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { DirectWorkerData } from './messages.ts';

export interface ThreadOptions {
  readonly data: Omit<DirectWorkerData, 'spoorInternal'>;
  readonly env: NodeJS.ProcessEnv;
  /** File of the worker. Default: `direct-worker.cjs` beside the bundle that this is in. */
  readonly file: string | undefined;
  readonly onGone: () => void;
}

/** Nothing of the app's is loaded there: no preload, no exec arguments; nor does it write to the app's streams. */
export function startThread({ data, env, file = join(__dirname, 'direct-worker.cjs'), onGone }: ThreadOptions): Worker {
  const workerData: DirectWorkerData = { spoorInternal: true, ...data };
  const worker = new Worker(file, { name: 'spoor export', workerData, env, execArgv: [], stdout: true, stderr: true });
  worker.on('error', onGone).on('exit', onGone);
  worker.unref();
  return worker;
}

/** Until when, on the steady clock, no worker of this process waits: one number for all threads. */
export function pause(): Float64Array {
  const key = 'spoor.export';
  const given = getEnvironmentData(key);
  if (given instanceof Float64Array) return given;
  const made = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  setEnvironmentData(key, made);
  return made;
}
