/** Resolves a selector: its strategies one after the other until one finds it, then the action on what was found. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@opentelemetry/api';
import type { SelectorPlace } from './about.ts';
import { factsOf } from './element-facts.ts';
import type { ElementFacts } from './fingerprint.ts';
import { answered, milliseconds } from './patience.ts';
import { type Resolution, begin } from './resolution.ts';
import { type Demands, type Strategy, tryStrategy } from './strategy.ts';

export interface ResolveOptions<T> extends SelectorPlace, Demands<T> {
  /** In the order in which they are tried. At least one. */
  readonly strategies: readonly Strategy<T>[];
  /** How often all of them are tried again when none has found it. Default: 0. */
  readonly retries?: number | undefined;
  /** Milliseconds before that. Default: 0. */
  readonly retryDelay?: number | undefined;
  /**
   * What the element found looks like, to tell when a selector begins to find another one: given by the app, or
   * `evaluate`: asked of the page, once, before the action (handles of Playwright, Puppeteer and Selenium).
   * Default: drift is not measured. Nor is it when this throws, or does not answer within a second.
   */
  readonly fingerprint?: 'evaluate' | ((found: T) => ElementFacts | undefined | PromiseLike<ElementFacts | undefined>) | undefined;
  /** Default: the active context. */
  readonly parent?: Context | undefined;
}

/** How it was found. */
export interface FoundBy {
  readonly strategy: string;
  readonly attempts: number;
  /** Whether another strategy than the first found it. */
  readonly fallback: boolean;
}

/** What `resolve` rejects with when no strategy threw, and none found it. */
export class SelectorNotFoundError extends Error {
  override readonly name = 'SelectorNotFoundError';
  readonly selector: string;
  /** The strategies that were tried. */
  readonly strategies: readonly string[];

  constructor(selector: string, strategies: readonly string[]) {
    super(`no strategy found "${shown(selector)}" (tried: ${strategies.map(shown).join(', ')})`);
    this.selector = selector;
    this.strategies = strategies;
  }
}

export async function resolveSelector<T, R>(name: string, options: ResolveOptions<T>, action?: (found: T, by: FoundBy) => R | PromiseLike<R>): Promise<T | R> {
  const strategies: unknown = options?.strategies;
  if (!isStrategies<T>(strategies)) throw new TypeError(`selectors.resolve(${typeof name === 'string' ? JSON.stringify(name) : typeof name}): strategies must be a list of { name, find }, at least one`);
  const names = strategies.map((strategy) => strategy.name);
  const resolution = begin(name, options, names);
  try {
    let last: { readonly thrown: unknown } | undefined;
    const { retries = 0, retryDelay = 0 } = options;
    const rounds = typeof retries === 'number' && retries > 0 ? retries : 0;
    const delay = milliseconds(retryDelay);
    for (let round = 0; round <= rounds; round++) {
      if (round > 0) {
        resolution.retried();
        if (delay !== undefined) await sleep(delay);
      }
      for (const strategy of strategies) {
        const tried = await tryStrategy(strategy, resolution.attempt(strategy.name, strategy), options);
        if (tried === undefined) continue;
        if ('found' in tried) return await finish(resolution, tried.found, options.fingerprint, action);
        last = tried;
      }
    }
    resolution.end();
    // What a strategy threw is what the app's own code expects to catch.
    throw last === undefined ? new SelectorNotFoundError(name, names) : last.thrown;
  } catch (error) {
    // Where no strategy has found it, it has ended. Else what the action threw, or a getter of the options.
    resolution.end({ error: error ?? 'nothing was thrown' });
    throw error;
  }
}

/** What is called from JavaScript may be given names that are no texts. */
function shown(name: unknown): string {
  return typeof name === 'string' ? name : '(unnamed)';
}

function isStrategies<T>(given: unknown): given is readonly Strategy<T>[] {
  return Array.isArray(given) && given.length > 0 && given.every((one) => typeof (one as Partial<Strategy<T>> | undefined | null)?.find === 'function');
}

async function finish<T, R>(resolution: Resolution, found: T, fingerprint: ResolveOptions<T>['fingerprint'], action: ((found: T, by: FoundBy) => R | PromiseLike<R>) | undefined): Promise<T | R> {
  if (fingerprint !== undefined && fingerprint !== null) {
    const facts = await resolution.with(() => (fingerprint === 'evaluate' ? factsOf(found) : answered(() => fingerprint(found))));
    if (facts !== undefined) resolution.saw(facts);
  }
  if (action === undefined) {
    resolution.end();
    return found;
  }
  const { winner = '', attempts, isFallback } = resolution;
  const by: FoundBy = { strategy: winner, attempts, fallback: isFallback };
  const result = await resolution.with(() => action(found, by));
  resolution.end();
  return result;
}
