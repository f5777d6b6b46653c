/** One call of a writer, walled in: whatever it does, there is an answer, in time. */
import { LONGEST_TIMER } from '../setting.ts';
import { errorCode, errorText } from './faults.ts';

/** Milliseconds of a write to a service that takes all artifacts at once, or much at a time. GitHub's own action allows five minutes without progress. */
export const LONG_TIMEOUT = 600_000;

/** A timeout that a timer takes; what is none is `otherwise`. */
export function timeoutOf(milliseconds: number | undefined, otherwise: number): number {
  return typeof milliseconds === 'number' && milliseconds > 0 ? Math.min(milliseconds, LONGEST_TIMER) : otherwise;
}

export type Attempted<T> = { readonly value: T } | { readonly errorCode: string; readonly error: string };

/**
 * Calls `action` and waits for its answer for `timeout` ms at most. What it throws, rejects with, or answers when
 * it is too late disturbs nothing.
 * @param action is given the signal as a function: a signal is made when the writer first looks at it
 */
export function attempt<T>(action: (signal: () => AbortSignal) => T | Promise<T>, timeout: number, cancelled: AbortSignal | undefined): Promise<Attempted<T>> {
  return new Promise((resolve) => {
    let controller: AbortController | undefined;
    let stopped: Error | undefined;
    const stop = (code: string, message: string): void => {
      stopped = Object.assign(new Error(message), { code, name: code === 'timeout' ? 'TimeoutError' : 'AbortError' });
      controller?.abort(stopped);
      settle({ errorCode: code, error: message });
    };
    const onCancel = (): void => stop('cancelled', 'the publish was cancelled');
    const timer = setTimeout(() => stop('timeout', `no answer within ${timeout} ms`), timeout);
    const settle = (answer: Attempted<T>): void => {
      clearTimeout(timer);
      cancelled?.removeEventListener('abort', onCancel);
      resolve(answer);
    };
    if (cancelled?.aborted) return onCancel();
    cancelled?.addEventListener('abort', onCancel);
    const signal = (): AbortSignal => {
      controller ??= new AbortController();
      if (stopped && !controller.signal.aborted) controller.abort(stopped);
      return controller.signal;
    };
    const failed = (error: unknown): void => settle({ errorCode: errorCode(error), error: errorText(error) });
    try {
      const answer = action(signal);
      if (isThenable(answer)) answer.then((value) => settle({ value }), failed);
      else settle({ value: answer });
    } catch (error) {
      failed(error);
    }
  });
}

function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function';
}
