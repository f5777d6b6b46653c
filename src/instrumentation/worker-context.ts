/**
 * Trace context into a worker, by `setEnvironmentData`: the one road that is open for every worker, also with
 * an environment of its own, `SHARE_ENV` or `execArgv: []`, and that shows in nothing of the app's:
 * not in `workerData`, `process.env` or `process.argv`.
 */
import { environmentData, isMainThread } from '../thread.ts';

const KEY = 'spoor.context';

/** What workers that are made from now on start with. A copy is taken when a worker is made. */
export function giveWorkers(carrier: Record<string, string> | undefined): void {
  process.getBuiltinModule('node:worker_threads').setEnvironmentData(KEY, carrier);
}

/** What this thread was given: TRACEPARENT, TRACESTATE, BAGGAGE. Undefined in the main thread and in an untraced worker. */
export function givenToWorker(): Record<string, string> | undefined {
  const given: unknown = isMainThread ? undefined : environmentData(KEY);
  return typeof given === 'object' && given !== null ? (given as Record<string, string>) : undefined;
}
