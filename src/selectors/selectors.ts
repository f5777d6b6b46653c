/** The API for engines that find elements of a page by name. */
import { Attempt, type AttemptEnd } from './attempt.ts';
import { type SelectorHooks, addHooks } from './hooks.ts';
import { type EndSelectorOptions, type Resolution, type StartSelectorOptions, begin } from './resolution.ts';
import { type FoundBy, type ResolveOptions, resolveSelector } from './resolve.ts';

/** A selector that an engine resolves by itself, from `selectors.start` to `end`. */
export type SelectorOperation = Pick<Resolution, 'context' | 'traceId' | 'ended' | 'with' | 'end'> & {
  /** A strategy is tried now; end it before the next. */
  attempt(strategy: string, options?: { readonly selector?: string | undefined; readonly weight?: number | undefined }): SelectorAttempt;
};

/** One strategy, being tried. */
export type SelectorAttempt = Pick<Attempt, 'strategy' | 'index' | 'context' | 'with' | 'retry' | 'end'>;

/**
 * Tries the strategies in their order until one finds the element.
 *
 * Rejects, when none finds it, with the last error that one of them threw, unchanged, else with a
 * `SelectorNotFoundError`. A list of strategies that is none: `TypeError`.
 * @returns what was found
 */
function resolve<T>(name: string, options: ResolveOptions<T>): Promise<T>;
/**
 * The same, then runs the action on what was found, within the selector's span. Rejects with what it threw, unchanged.
 * @returns what the action returns
 */
function resolve<T, R>(name: string, options: ResolveOptions<T>, action: (found: T, by: FoundBy) => R | PromiseLike<R>): Promise<R>;
function resolve<T, R>(name: string, options: ResolveOptions<T>, action?: (found: T, by: FoundBy) => R | PromiseLike<R>): Promise<T | R> {
  return resolveSelector(name, options, action);
}

/**
 * For engines that find elements of a page by name, with several strategies to fall back on.
 *
 * ```js
 * await selectors.resolve('checkout.submit', {
 *   strategies: [
 *     { name: 'testid', find: () => page.$('[data-testid=submit]') },
 *     { name: 'css', find: () => page.$('form button') },
 *   ],
 * }, (button) => button.click());
 * ```
 *
 * One span for the selector, one below it for each strategy that was tried, and their numbers. What the app's
 * callbacks return and throw passes unchanged; telemetry that fails is dropped and counted.
 */
export const selectors = {
  resolve,

  /**
   * For engines that cannot wrap a callback: begins an operation, which the engine ends. Never throws. One that is
   * not ended leaves nothing.
   */
  start(name: string, options: StartSelectorOptions = {}): SelectorOperation {
    return begin(name, options ?? {});
  },

  /** Calls the hooks for each selector that `resolve` or `start` begins. Returns a function that ends this. */
  use(hooks: SelectorHooks): () => void {
    return addHooks(hooks);
  },
};

export type { AttemptEnd, EndSelectorOptions, FoundBy, ResolveOptions, SelectorHooks, StartSelectorOptions };
