/** One call of Playwright's client: what it asks for, what came of it, and what is known of where it happened. */
import { steady } from '../clock.ts';
import { runtime } from '../runtime.ts';
import { type Failure, failureOf } from '../selectors/failure.ts';
import type { OperationClass, SelectorOperation } from '../selectors/selector-operation.ts';
import { selectorSettings } from '../selectors/settings.ts';
import { CallAccount, type CallLog } from './playwright-call-log.ts';
import type { CallOptions, ClientPage, Connection, Owner } from './playwright-internals.ts';
import { type PageState, pageState } from './playwright-page.ts';
import type { SentCall } from './playwright-patch.ts';

/** The parameters that are read; values that are typed are never among them. */
export interface Params {
  readonly selector?: unknown;
  readonly source?: unknown;
  readonly strict?: unknown;
  readonly isNot?: unknown;
  readonly expression?: unknown;
  /** Of what a screenshot is expected to show. */
  readonly locator?: { readonly selector?: unknown } | undefined;
  /** Of a wait for an event, before 1.60. */
  readonly info?: unknown;
}

/** What all calls of one copy of Playwright share. */
export interface Operations {
  start(operation: string, kind: OperationClass): SelectorOperation;
  selectorOf(object: Owner, params: Params): string | undefined;
  /** @returns how many handles there are, where it is a list */
  remember(selector: string | undefined, result: unknown): number | undefined;
}

/** One call of Playwright's client, from when it is sent to its answer. */
export class PlaywrightCall implements SentCall {
  readonly #operations: Operations;
  readonly #connection: Connection;
  readonly #name: string;
  readonly #params: Params;
  readonly #kind: OperationClass;
  readonly #selector: string | undefined;
  /** It is for an element that was found before. */
  readonly #hasElement: boolean;
  readonly #frame: Owner | undefined;
  readonly #page: ClientPage | undefined;
  #state: PageState | undefined;
  readonly #url: string | undefined;
  readonly #requests: number | undefined;
  readonly #operation: SelectorOperation;
  readonly #started = steady();
  #log: CallLog | undefined;
  #id: string | undefined;
  #account: CallAccount | undefined;

  constructor(operations: Operations, connection: Connection, object: Owner, name: string, kind: OperationClass, params: Params) {
    this.#operations = operations;
    this.#connection = connection;
    this.#name = name;
    this.#params = params;
    this.#kind = kind;
    this.#selector = operations.selectorOf(object, params);
    this.#hasElement = object._type === 'ElementHandle' && params.selector === undefined;
    const frame = (this.#frame = object._type === 'Frame' ? object : object._type === 'Page' ? object._mainFrame : object._frame);
    const page = (this.#page = object._type === 'Page' ? object : frame?._page);
    this.#url = frame?._url;
    this.#operation = operations.start(name, kind);
    // A read without a span needs none of this: it has to cost next to nothing. But it may be what makes the page ask.
    if (page !== undefined && (this.#operation.hasSpan || selectorSettings().propagation.length > 0)) {
      const state = (this.#state = pageState(page, connection));
      this.#requests = state.requests;
      state.open.add(this.#operation);
    }
  }

  /** Has the server's account of this call written down, where it has one. */
  listen(log: CallLog, options: unknown): void {
    if (!this.#operation.hasSpan && AT_ONCE.has(this.#name)) return;
    this.#log = log;
    this.#account = new CallAccount();
    const { _nextCallId: next } = this.#connection;
    if (typeof next === 'function' && typeof options === 'object' && options !== null && (options as CallOptions).callId === undefined) {
      // As Playwright itself would in the next moment; these options are made for this call alone.
      this.#id = (options as CallOptions).callId = next();
    } else if (typeof next === 'function') this.#id = (options as CallOptions | undefined)?.callId;
  }

  sent(): void {
    if (this.#log === undefined || this.#account === undefined) return;
    if (this.#id === undefined && typeof this.#connection._lastId === 'number') this.#id = `call@${this.#connection._lastId}`;
    if (this.#id !== undefined) this.#log.open(this.#id, this.#account);
  }

  succeeded(result: unknown): void {
    try {
      // Before 1.60 an assertion that does not hold is no rejection; one about a screenshot says so by a message.
      const { matches, timedOut, log, errorMessage } = (result ?? {}) as { matches?: unknown; timedOut?: unknown; log?: unknown; errorMessage?: unknown };
      const broken = this.#kind === 'assertion' && (typeof matches === 'boolean' ? matches === (this.#params.isNot === true) : typeof errorMessage === 'string');
      this.#end(broken ? this.#assertionFailure(timedOut === true, errorMessage, Array.isArray(log) ? log.join('\n') : '') : undefined, result, undefined);
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  failed(error: unknown): void {
    try {
      const { name, details, message = '' } = error as { name?: string; details?: { timedOut?: boolean; customErrorMessage?: unknown }; message?: string };
      const isExpectation = this.#kind === 'assertion' && (name === 'ExpectError' || typeof details?.customErrorMessage === 'string');
      const failure = isExpectation ? this.#assertionFailure(details?.timedOut === true, details?.customErrorMessage ?? message, message) : failureOf(error, this.#hasElement || (this.#account?.heard ? this.#account.found : undefined));
      // What was waited for did not come: the element did nothing wrong.
      this.#end(this.#kind === 'wait' && failure.type === 'not_actionable' ? { type: 'timeout' } : failure, undefined, error);
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  #assertionFailure(timedOut: boolean, message: unknown, log: string): Failure {
    const failure = failureOf({ message });
    if (BEFORE_LOOKING.has(failure.type)) return failure;
    const wasFound = this.#selector === undefined || (this.#account?.heard ? this.#account.found : /resolved to /.test(log));
    return { type: (timedOut || failure.type === 'timeout') && !wasFound ? 'not_found' : 'assertion_failed' };
  }

  #matches(result: unknown, handles: number | undefined, account: CallAccount | undefined): number | undefined {
    const { value, element } = (result ?? {}) as { value?: unknown; element?: unknown };
    if (this.#name === 'count') return typeof value === 'number' ? value : undefined;
    if (this.#name === 'querySelector' && element === undefined) return 0;
    // A strict operation that succeeded has found one, unless it was content with none.
    const isStrict = this.#params.strict === true && !(this.#kind === 'wait' ? element === undefined : AT_ONCE.has(this.#name));
    return handles ?? account?.matches ?? (isStrict ? 1 : undefined);
  }

  /** Seconds, to the microsecond: until the element was ready for the action or the read; a wait and an assertion, to the end. */
  #waited(isFailure: boolean, ready: number): number | undefined {
    if (AT_ONCE.has(this.#name)) return undefined;
    const until = (this.#kind === 'action' || this.#kind === 'query') && !isFailure ? ready : steady();
    return Math.round((until - this.#started) * 1000) / 1e6;
  }

  #end(failure: Failure | undefined, result: unknown, error: unknown): void {
    const account = this.#account?.heard ? this.#account : undefined;
    if (this.#id !== undefined) this.#log?.close(this.#id);
    this.#state?.open.delete(this.#operation);
    const handles = this.#kind === 'query' || this.#kind === 'wait' ? this.#operations.remember(this.#selector, result) : undefined;
    if (account === undefined && failure === undefined && !this.#operation.hasSpan) {
      this.#operation.end();
      return;
    }
    if (this.#page !== undefined) this.#state ??= pageState(this.#page, this.#connection);
    this.#operation.end(
      failure,
      {
        selector: this.#selector,
        url: this.#url,
        pageId: this.#page?._guid,
        frameId: this.#frame?._guid,
        browserName: this.#state?.browserName,
        browserVersion: this.#state?.browserVersion,
        userAgent: this.#state?.userAgent,
        viewport: this.#page?._viewportSize,
        requests: this.#requests === undefined || this.#state?.requests === undefined ? undefined : this.#state.requests - this.#requests,
        matches: failure ? account?.matches : this.#matches(result, handles, account),
        retries: account && Math.max(0, account.retries - (failure && this.#kind === 'assertion' ? 1 : 0)),
        wait: account && this.#waited(failure !== undefined, account.ready),
        element: account?.takeElement(),
      },
      error,
    );
  }
}

/** Queries that do not wait for an element: they may find none. */
const AT_ONCE: ReadonlySet<string> = new Set(['count', 'isVisible', 'isHidden', 'querySelector', 'querySelectorAll', 'evalOnSelectorAll']);

/** What keeps an assertion from being made. */
const BEFORE_LOOKING: ReadonlySet<string> = new Set(['ambiguous', 'invalid_selector', 'target_closed', 'target_crashed']);
