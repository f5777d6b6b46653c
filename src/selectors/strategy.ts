/** One strategy, tried once: what it gives, how many that is, and whether the app takes it. */
import { context } from '@opentelemetry/api';
import { type Attempt, verdictOf } from './attempt.ts';
import { answered, isThenable, milliseconds } from './patience.ts';

/** What `find` is given. */
export type StrategyAttempt = Pick<Attempt, 'strategy' | 'index' | 'signal' | 'retry'>;

/** One way to find an element. */
export interface Strategy<T> {
  /** Such as `testid`, `role`, `css`. A metric attribute: few different ones. */
  readonly name: string;
  /**
   * Finds it. `null`, `undefined`, `false` and an empty list or set are "not found", as is an error; then the next
   * strategy is tried. `attempt.signal` is aborted when the time is over.
   */
  readonly find: (attempt: StrategyAttempt) => Found<T> | PromiseLike<Found<T>>;
  /** The selector that it uses: recorded without the texts and ids in it. */
  readonly selector?: string | undefined;
  /** How well it stands for one element, 0 to 1, for the estimated confidence. Default: by its name. */
  readonly weight?: number | undefined;
  /** Milliseconds after which the next strategy is tried. Default: that of `resolve`. */
  readonly timeout?: number | undefined;
}

export type Found<T> = T | null | undefined | false;

/** What the app asks of what was found. */
export interface Demands<T> {
  /** False, or what JavaScript takes for it: not what was meant, the next strategy is tried. So it is when it throws. `undefined` is no verdict. */
  readonly validate?: ((found: T, attempt: StrategyAttempt) => boolean | PromiseLike<boolean>) | undefined;
  /** Elements in what a strategy gave. Default: the length of a list or the size of a set, else 1. When it throws, the next strategy is tried. */
  readonly count?: ((found: T) => number | PromiseLike<number>) | undefined;
  /** The app's own confidence, 0 to 1. Undefined, an error, or no answer within a second: it is estimated. */
  readonly confidence?: number | ((found: T, attempt: StrategyAttempt) => number | undefined | PromiseLike<number | undefined>) | undefined;
  readonly expect?: 'one' | 'many' | undefined;
  /** Milliseconds for each attempt. Default, and 0: none; a strategy that never answers is waited for. One whose time is over has failed as if it had thrown a `TimeoutError`. */
  readonly timeout?: number | undefined;
}

export type Tried<T> = { readonly found: T } | { readonly thrown: unknown } | undefined;

/** Tries it and ends the attempt. Undefined: not found, not unique, or not valid. Never rejects. */
export function tryStrategy<T>(strategy: Strategy<T>, attempt: Attempt, demands: Demands<T>): Promise<Tried<T>> {
  const timeout = milliseconds(strategy.timeout ?? demands.timeout);
  const tried = examine(strategy, attempt, demands);
  return timeout === undefined ? tried : limited(tried, timeout, attempt);
}

async function examine<T>(strategy: Strategy<T>, attempt: Attempt, demands: Demands<T>): Promise<Tried<T>> {
  const { validate, count, confidence, expect } = demands;
  try {
    const given = context.with(attempt.context, strategy.find, strategy, attempt);
    const found = isThenable(given) ? await given : given;
    // Its time was over before, and the next strategy is being tried: nothing of the app is called any more.
    if (attempt.ended) return undefined;
    if (found === null || found === undefined || found === false) return void attempt.end({ found: 0 });
    // Callers in JavaScript give null for what they do not want.
    const matches = count === undefined || count === null ? lengthOf(found) : await context.with(attempt.context, count, demands, found);
    if (attempt.ended) return undefined;
    if (matches === 0 || (matches > 1 && expect !== 'many')) return void attempt.end({ found: matches });
    let validated: boolean | undefined;
    if (validate !== undefined && validate !== null) {
      const verdict = context.with(attempt.context, validate, demands, found, attempt);
      validated = verdictOf(isThenable(verdict) ? await verdict : verdict);
      if (attempt.ended) return undefined;
      if (validated === false) return void attempt.end({ found: matches, validated });
    }
    const sure = confidence === undefined ? undefined : await answered(() => (typeof confidence === 'function' ? context.with(attempt.context, confidence, demands, found, attempt) : confidence));
    return attempt.end({ found: matches, validated, confidence: sure }) ? { found } : undefined;
  } catch (thrown) {
    attempt.end({ error: thrown ?? 'nothing was thrown' });
    return { thrown };
  }
}

function lengthOf(found: unknown): number {
  if (Array.isArray(found)) return found.length;
  try {
    if (typeof found !== 'object' || !(Symbol.iterator in found!)) return 1;
    const { length, size } = found as { length?: unknown; size?: unknown };
    return typeof length === 'number' ? length : typeof size === 'number' ? size : 1;
  } catch {
    // A proxy that knows its own properties only: something was found.
    return 1;
  }
}

/** When `milliseconds` are over first, it is as if the strategy had thrown a `TimeoutError`. */
async function limited<T>(tried: Promise<Tried<T>>, milliseconds: number, attempt: Attempt): Promise<Tried<T>> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Tried<T>>((resolve) => {
    timer = setTimeout(() => {
      const thrown = new Error(`the strategy "${attempt.strategy}" did not answer within ${milliseconds} ms`);
      thrown.name = 'TimeoutError';
      attempt.end({ error: thrown });
      attempt.cancel(thrown);
      resolve({ thrown });
    }, milliseconds);
  });
  const first = await Promise.race([tried, over]);
  clearTimeout(timer);
  return first;
}
