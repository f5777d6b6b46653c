/** One strategy, tried once: a span of its own below that of the selector, so that its time is its own. */
import { type Attributes, type Context, context } from '@opentelemetry/api';
import { ATTR, SELECTOR_OPERATION } from '../conventions.ts';
import { type Operation, startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import { scrubError } from './error-text.ts';
import { type Failure, failureOf } from './failure.ts';
import type { KnownName } from './known-names.ts';
import { describeSelector } from './selector-text.ts';
import { selectorSettings } from './settings.ts';
import { withSpan } from './span-context.ts';

/** What came of an attempt. */
export interface AttemptEnd {
  /** Elements found. Default: 1; with an error, unknown. */
  readonly found?: number | undefined;
  /** What the attempt threw; null: nothing. Only its kind is recorded (`error.type`). */
  readonly error?: unknown;
  /** Whether what was found is what was meant. False: the attempt failed with `validation_failed`. */
  readonly validated?: boolean | undefined;
  /** The app's own confidence, 0 to 1. */
  readonly confidence?: number | undefined;
}

/** The selector that the attempt is for. */
export interface AttemptOf {
  readonly known: KnownName;
  readonly driver: string;
  readonly page: string | undefined;
  readonly expected: 'one' | 'many';
  readonly context: Context;
  retried(): void;
  attempted(attempt: Attempt, result: AttemptEnd, failure: Failure | undefined, seconds: number): void;
}

export class Attempt {
  readonly strategy: string;
  /** 1 is the first. */
  readonly index: number;
  /** Place of the strategy among those of the selector: its name may be that of another. */
  readonly place: number;
  readonly #of: AttemptOf;
  readonly #selector: string | undefined;
  readonly #operation: Operation;
  #context: Context | undefined;
  #canceller: AbortController | undefined;

  constructor(of: AttemptOf, strategy: string, index: number, place: number, selector: string | undefined) {
    this.strategy = strategy;
    this.index = index;
    this.place = place;
    this.#of = of;
    this.#selector = selector;
    this.#operation = startOperation(SELECTOR_OPERATION, of.known.attempt, { parent: of.context });
  }

  /** Holds the attempt's span. */
  get context(): Context {
    return (this.#context ??= withSpan(this.#of.context, this.#operation.span));
  }

  /** Aborted when the attempt's time is over, with the reason. */
  get signal(): AbortSignal {
    return (this.#canceller ??= new AbortController()).signal;
  }

  get ended(): boolean {
    return this.#operation.ended;
  }

  /** Runs `fn` with the attempt's span as the active one. */
  with<T>(fn: () => T): T {
    return context.with(this.context, fn);
  }

  /** The engine tries the same strategy again, within this attempt. */
  retry(): void {
    if (!this.#operation.ended) this.#of.retried();
  }

  /** Ends the attempt. Only the first call counts: true for it, false for any other. */
  end(given: AttemptEnd = {}): boolean {
    if (this.#operation.ended) return false;
    try {
      const result = told(given);
      const failure = failureOfAttempt(result, this.#of.expected);
      const attributes = this.#attributes(result, failure);
      endAs(this.#operation, this.#of.known, attributes, failure);
      this.#of.attempted(this, result, failure, this.#operation.seconds ?? 0);
    } catch {
      runtime()?.dropped('selector_fault');
      this.#operation.end({ attributes: { [ATTR.SELECTOR_OPERATION]: 'attempt' }, error: { type: 'unknown' } });
    }
    return true;
  }

  /** Its time is over: whoever listens to the signal may stop. */
  cancel(reason: Error): void {
    this.#canceller?.abort(reason);
  }

  #attributes(result: AttemptEnd, failure: Failure | undefined): Attributes {
    const { known, driver, page } = this.#of;
    const attributes: Attributes = {
      [ATTR.SELECTOR_OPERATION]: 'attempt',
      [ATTR.SELECTOR_NAME]: known.shown,
      [ATTR.SELECTOR_STRATEGY]: this.strategy,
      [ATTR.SELECTOR_DRIVER]: driver,
      [ATTR.SELECTOR_OUTCOME]: failure === undefined ? 'completed' : 'failed',
      [ATTR.SELECTOR_ATTEMPT]: this.index,
    };
    if (failure !== undefined) attributes[ATTR.ERROR_TYPE] = failure.type;
    if (page !== undefined) attributes[ATTR.SELECTOR_PAGE] = page;
    const matches = failure?.matches ?? matchesOf(result);
    if (matches !== undefined) attributes[ATTR.SELECTOR_MATCH_COUNT] = matches;
    const validated = verdictOf(result.validated);
    if (validated !== undefined) attributes[ATTR.SELECTOR_VALIDATED] = validated;
    if (typeof this.#selector === 'string') {
      const { text, hash, engine } = describeSelector(this.#selector, driver);
      attributes[ATTR.SELECTOR_TEXT] = text;
      attributes[ATTR.SELECTOR_HASH] = hash;
      attributes[ATTR.SELECTOR_ENGINE] = engine;
    }
    if (result.error !== undefined && selectorSettings().recordErrors) Object.assign(attributes, scrubError(result.error, selectorSettings()));
    return attributes;
  }
}

/** Ends an operation on a selector: its span has the name, its numbers perhaps that of all others. */
export function endAs(operation: Operation, { shown, counted }: KnownName, attributes: Attributes, error: Failure | undefined): void {
  if (shown === counted) return void operation.end({ attributes, error });
  operation.span.setAttributes(attributes);
  operation.end({ numbers: { ...attributes, [ATTR.SELECTOR_NAME]: counted }, error });
}

/** What is called from JavaScript may be given null: for all of it, and as callbacks have it for no error. */
export function told<T extends AttemptEnd>(given: T | null | undefined): Partial<T> {
  if (given === null || given === undefined) return {};
  return given.error === null ? { ...given, error: undefined } : given;
}

/** What came of an attempt, where nothing else was told since. */
export function over(attempt: AttemptEnd, since: AttemptEnd): AttemptEnd {
  const { found = attempt.found, validated = attempt.validated, confidence = attempt.confidence } = since;
  return { found, validated, confidence };
}

/** Elements found, as far as anybody knows. */
export function matchesOf({ found, error }: AttemptEnd): number | undefined {
  if (typeof found === 'number') return Number.isSafeInteger(found) && found >= 0 ? found : undefined;
  return error === undefined ? 1 : undefined;
}

export function failureOfAttempt(result: AttemptEnd, expected: 'one' | 'many'): Failure | undefined {
  if (result.error !== undefined) return failureWithCause(result.error);
  const matches = matchesOf(result);
  if (matches === 0) return { type: 'not_found' };
  if (expected === 'one' && matches !== undefined && matches > 1) return { type: 'ambiguous', matches };
  return verdictOf(result.validated) === false ? { type: 'validation_failed' } : undefined;
}

/** As JavaScript takes what a validation gives; nothing is no verdict. */
export function verdictOf(given: unknown): boolean | undefined {
  return given === undefined ? undefined : Boolean(given);
}

/** Puppeteer's waits fail with an error of their own, whose cause says that there is nothing to wait for any more. */
function failureWithCause(error: unknown): Failure {
  try {
    const { cause } = error as { cause?: unknown };
    const failure = cause === undefined ? undefined : failureOf(cause);
    if (failure !== undefined && GONE.has(failure.type)) return failure;
  } catch {
    // Errors of the app may be anything.
  }
  return failureOf(error);
}

const GONE: ReadonlySet<string> = new Set(['target_closed', 'target_crashed', 'detached']);
