/**
 * One selector that an app's own engine resolves: its span, an attempt for each strategy that is tried, and its
 * numbers. The engine tells what happens; nothing here throws into it.
 */
import { type Context, context } from '@opentelemetry/api';
import { steady } from '../clock.ts';
import { SELECTOR_OPERATION } from '../conventions.ts';
import { type Operation, startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import { type PageCost, type SelectorPlace, driverAndPage, shortText } from './about.ts';
import { Attempt, type AttemptEnd, type AttemptOf, failureOfAttempt, over, told, verdictOf } from './attempt.ts';
import { remember } from './confidence.ts';
import type { Failure } from './failure.ts';
import { type ElementFacts, type Fingerprint, fingerprintOf } from './fingerprint.ts';
import { callHooks, hasHooks } from './hooks.ts';
import { type KnownName, knownName } from './known-names.ts';
import { observeFingerprint } from './observe-fingerprint.ts';
import { endOperation } from './resolution-end.ts';

export interface StartSelectorOptions extends SelectorPlace {
  /** What is done. A metric attribute: few different ones. Default: `resolve`. */
  readonly operation?: string | undefined;
  /** Names of the strategies in the order in which they are tried; default: as they are. */
  readonly strategies?: readonly string[] | undefined;
  /** For an operation without attempts: the strategy that it uses. */
  readonly strategy?: string | undefined;
  /** How many elements it is for. Default: `one`, and more are `ambiguous`. */
  readonly expect?: 'one' | 'many' | undefined;
  /** Default: the active context. */
  readonly parent?: Context | undefined;
}

export interface EndSelectorOptions extends AttemptEnd, PageCost {
  /** What is known of the element found, for its drift. Texts are not kept. */
  readonly element?: ElementFacts | undefined;
}

const MAX_STRATEGIES = 64;
const NONE: readonly string[] = [];
const zero = (): number => 0;

/** Never throws: where a getter of the options does, it is recorded without them. @param names those of the strategies, if they are not in the options */
export function begin(name: string, options: Omit<StartSelectorOptions, 'strategies'> & { readonly strategies?: unknown }, names?: readonly string[]): Resolution {
  try {
    return new Resolution(name, options, names ?? options.strategies);
  } catch {
    return new Resolution(name, {}, names);
  }
}

export class Resolution implements AttemptOf {
  readonly known: KnownName;
  readonly shownName: string;
  readonly operationName: string;
  readonly driver: string;
  readonly page: string | undefined;
  readonly expected: 'one' | 'many';
  readonly place: SelectorPlace;
  /** In the order in which they are tried, and seconds that each has taken. */
  strategies: readonly string[];
  readonly times: number[];
  attempts = 0;
  retries = 0;
  switches = 0;
  /** An attempt failed by an error, not only by finding nothing. */
  hadError = false;
  /** The strategy that found it, and what came of that attempt. */
  winner: string | undefined;
  found: AttemptEnd | undefined;
  /** Another strategy than the first found it. */
  isFallback = false;
  /** Weight of the winner, where the app gave one. */
  weight: number | undefined;
  /** Seconds from the start until it was found. */
  wait: number | undefined;
  failure: Failure | undefined;
  fingerprint: Fingerprint | undefined;
  drift: number | undefined;
  readonly #operation: Operation;
  readonly #started: number;
  #context: Context | undefined;
  #last: Attempt | undefined;

  constructor(name: string, options: Omit<StartSelectorOptions, 'strategies'>, strategies: unknown) {
    const { driver, page } = driverAndPage(options);
    this.known = knownName(typeof name === 'string' && name !== '' ? name : '(unnamed)');
    this.shownName = this.known.shown;
    this.operationName = typeof options.operation === 'string' && /^[\w.:-]{1,64}$/.test(options.operation) ? options.operation : 'resolve';
    this.driver = driver;
    this.page = page;
    this.expected = options.expect === 'many' ? 'many' : 'one';
    this.place = options;
    this.strategies = Array.isArray(strategies) ? strategies.slice(0, MAX_STRATEGIES).map((one) => shortText(one) ?? '(unnamed)') : NONE;
    this.times = this.strategies === NONE ? [] : this.strategies.map(zero);
    this.winner = shortText(options.strategy);
    const spanName = this.operationName === 'resolve' ? this.known.resolve : `${this.operationName} ${this.shownName}`;
    // A span, say, is no context.
    this.#operation = startOperation(SELECTOR_OPERATION, spanName, typeof options.parent?.getValue === 'function' ? { parent: options.parent } : {});
    this.#started = steady();
    if (hasHooks()) callHooks('start', { name: this.shownName, operation: this.operationName, driver, context: this.context });
  }

  /** Holds the operation's span. */
  get context(): Context {
    return (this.#context ??= this.#operation.context);
  }

  get traceId(): string {
    return this.#operation.span.spanContext().traceId;
  }

  get ended(): boolean {
    return this.#operation.ended;
  }

  /** Runs `fn` with the operation's span as the active one. */
  with<T>(fn: () => T): T {
    return context.with(this.context, fn);
  }

  attempt(strategy: string, options: { readonly selector?: string | undefined; readonly weight?: number | undefined } = {}): Attempt {
    const name = shortText(strategy) ?? '(unnamed)';
    const last = this.#last;
    const place = this.#placeOf(name, last);
    let selector: string | undefined;
    this.weight = undefined;
    try {
      selector = options?.selector;
      this.weight = options?.weight;
    } catch {
      // A getter of the app's threw: it is tried all the same.
    }
    const attempt = new Attempt(this, name, ++this.attempts, place, selector);
    this.#last = attempt;
    const isSwitch = last !== undefined && (last.place !== place || last.strategy !== name);
    if (isSwitch) this.switches++;
    if (hasHooks()) {
      const of = { name: this.shownName };
      if (isSwitch) callHooks('fallback', { ...of, from: last.strategy, to: name, because: this.failure?.type ?? 'unknown' });
      callHooks('attempt', { ...of, strategy: name, index: attempt.index, context: attempt.context });
    }
    return attempt;
  }

  /** Of several strategies of one name, the next after the last that was tried. One that was not declared is added. */
  #placeOf(name: string, last: Attempt | undefined): number {
    const next = last === undefined ? -1 : this.strategies.indexOf(name, last.place + 1);
    const place = next < 0 ? this.strategies.indexOf(name) : next;
    if (place >= 0) return place;
    if (this.strategies.length < MAX_STRATEGIES) {
      this.strategies = [...this.strategies, name];
      return this.times.push(0) - 1;
    }
    return MAX_STRATEGIES;
  }

  retried(): void {
    this.retries++;
  }

  attempted({ strategy, place }: Attempt, result: AttemptEnd, failure: Failure | undefined, seconds: number): void {
    if (place < MAX_STRATEGIES) this.times[place]! += seconds;
    remember(this.known.tries, strategy, failure === undefined);
    if (result.error !== undefined) this.hadError = true;
    this.#validated(strategy, result);
    this.failure = failure;
    if (failure !== undefined || this.ended) return;
    this.winner = strategy;
    this.found = result;
    this.isFallback = place > 0;
    this.wait = (steady() - this.#started) / 1000;
  }

  #validated(strategy: string | undefined, result: AttemptEnd): void {
    const passed = verdictOf(result.validated);
    if (passed !== undefined && hasHooks()) callHooks('validate', { name: this.shownName, strategy, passed });
  }

  /** What the element found looks like. */
  saw(facts: ElementFacts): void {
    try {
      this.fingerprint = fingerprintOf(facts);
      this.drift = observeFingerprint(this.shownName, this.fingerprint);
    } catch {
      // Facts with getters that throw: nothing is known of the element.
    }
  }

  /** Ends the operation; what is told here goes before what its attempts told. Only the first call counts: true for it, false for any other. */
  end(given: EndSelectorOptions = {}): boolean {
    if (this.ended) return false;
    try {
      const options = told(given);
      if (options.element !== undefined && options.element !== null) this.saw(options.element);
      this.#validated(this.winner, options);
      // What the end says goes before what the attempt said.
      const result = this.found === undefined ? options : { ...options, ...over(this.found, options) };
      const failure = this.#failureAt(options, result);
      // Not what was meant, after all: only an error leaves what was found as it was.
      if (failure !== undefined && result.error === undefined) this.wait = undefined;
      endOperation(this, this.#operation, failure, result);
    } catch {
      runtime()?.dropped('selector_fault');
      this.#operation.end({ error: { type: 'unknown' } });
    }
    return true;
  }

  /** An attempt that found it is enough; without attempts, what the end says. */
  #failureAt(options: EndSelectorOptions, result: EndSelectorOptions): Failure | undefined {
    if (options.error === undefined && this.attempts > 0 && this.found === undefined && !options.found) return this.failure ?? { type: 'not_found' };
    return failureOfAttempt(result, this.expected);
  }
}
