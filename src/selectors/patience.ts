/** How long is waited: for what the app has given a time, and for what only telemetry wants to know. */
import { clearTimeout, setTimeout } from 'node:timers';

/** A timer of Node's with more than that fires at once. */
const LONGEST = 2 ** 31 - 1;

/** Milliseconds. A handle of a page that is going away may never answer. */
export const PATIENCE = 1_000;

/** A time in milliseconds, as a timer takes it; undefined where it is none. */
export function milliseconds(given: unknown): number | undefined {
  return typeof given === 'number' && given > 0 ? Math.min(given, LONGEST) : undefined;
}

/** The answer to what does not matter to the app, which it must not stop: undefined where it throws, or takes longer than a second. */
export async function answered<T>(question: () => T | PromiseLike<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = question();
    if (!isThenable(answer)) return answer;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, PATIENCE, undefined);
    });
    return await Promise.race([answer, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as Partial<PromiseLike<T>>).then === 'function';
}
