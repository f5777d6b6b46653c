/** Makes an operation of each call that the patch of Playwright's client shows it. */
import { type Context, type Tracer, context, trace } from '@opentelemetry/api';
import { type Failure, failureOf } from '../selectors/failure.ts';
import { fingerprintLabel, fingerprintOf } from '../selectors/fingerprint.ts';
import { type Driver, type OperationClass, type SelectorOperation, beginSelector } from '../selectors/selector-operation.ts';
import { runtime } from '../runtime.ts';
import { CallAccount, CallLog } from './playwright-call-log.ts';
import { type CallOptions, type ClientPage, type Connection, type Owner, isInternal } from './playwright-internals.ts';
import { OPERATIONS, OWNERS, assertionName } from './playwright-operations.ts';
import { type PageState, pageState } from './playwright-page.ts';
import type { PlaywrightHandler, SentCall } from './playwright-patch.ts';

interface Params {
  readonly selector?: unknown;
  readonly source?: unknown;
  readonly strict?: unknown;
  readonly isNot?: unknown;
  readonly expression?: unknown;
  readonly info?: unknown;
}

export class PlaywrightOperations implements PlaywrightHandler {
  readonly #driver: Driver;
  readonly #logs = new WeakMap<Connection, CallLog | false>();
  /** Selectors by which element handles were found. */
  readonly #selectors = new WeakMap<object, string>();
  readonly #waits = new Map<string, Call>();
  readonly #testContext: () => Context | undefined;

  /** @param testContext of the test that runs now */
  constructor(version: string | undefined, tracer: () => Tracer | undefined, testContext: () => Context | undefined) {
    this.#driver = { name: 'playwright', version, get tracer() { return tracer(); } };
    this.#testContext = testContext;
  }

  begin(connection: Connection, object: Owner, method: string, params: unknown, rest: readonly unknown[]): SentCall | undefined {
    try {
      const found = OPERATIONS.get(method);
      if (found === undefined || !OWNERS.has(object?._type as string)) return undefined;
      if (found[0] === 'waitForEvent') return this.#wait(connection, object, (params as Params).info ?? params, isInternal(rest));
      if (isInternal(rest)) return undefined;
      const given = (params ?? {}) as Params;
      const call = new Call(this, connection, object, found[0] === 'expect' ? assertionName(given) : found[0], found[1], given);
      const log = this.#log(connection);
      if (log) call.listen(log, rest[0]);
      return call;
    } catch {
      // A fault of ours, or a Playwright of another shape: the call goes on unrecorded.
      runtime()?.dropped('instrumentation_fault');
      return undefined;
    }
  }

  start(operation: string, kind: OperationClass): SelectorOperation {
    const test = this.#testContext();
    return beginSelector(this.#driver, operation, kind, test !== undefined && trace.getSpan(context.active()) === undefined ? { parent: test } : undefined);
  }

  selectorOf(object: Owner, { selector, source }: Params): string | undefined {
    const own = typeof selector === 'string' ? selector : typeof source === 'string' ? source : undefined;
    const handle = object._type === 'ElementHandle' ? this.#selectors.get(object) : undefined;
    return handle === undefined || own === undefined ? (own ?? handle) : `${handle} >> ${own}`;
  }

  /** Handles that a query has found are its selector's. */
  remember(selector: string | undefined, result: unknown): number | undefined {
    const { element, elements } = (result ?? {}) as { element?: { _object?: object }; elements?: { _object?: object }[] };
    if (selector !== undefined && selector.length < 4096) {
      if (element?._object) this.#selectors.set(element._object, selector);
      if (Array.isArray(elements)) for (const { _object } of elements) if (_object) this.#selectors.set(_object, selector);
    }
    return Array.isArray(elements) ? elements.length : undefined;
  }

  #log(connection: Connection): CallLog | false {
    let log = this.#logs.get(connection);
    if (log === undefined) this.#logs.set(connection, (log = CallLog.of(connection) ?? false));
    return log;
  }

  /** A wait for an event tells when it begins and when it ends, in two messages of their own. */
  #wait(connection: Connection, object: Owner, info: unknown, internal: boolean): undefined {
    const { waitId, phase, event, error } = info as { waitId?: unknown; phase?: unknown; event?: unknown; error?: unknown };
    if (typeof waitId !== 'string') return;
    if (phase === 'before' && !internal && this.#waits.size < 10_000) {
      this.#waits.set(waitId, new Call(this, connection, object, event === '' ? 'waitForNavigation' : 'waitForEvent', 'wait', {}));
    } else if (phase === 'after') {
      const call = this.#waits.get(waitId);
      this.#waits.delete(waitId);
      if (typeof error === 'string') call?.failed({ name: /^Timeout \d+ms exceeded/.test(error) ? 'TimeoutError' : 'Error', message: error });
      else call?.succeeded(undefined);
    }
  }
}

class Call implements SentCall {
  readonly #operations: PlaywrightOperations;
  readonly #connection: Connection;
  readonly #name: string;
  readonly #params: Params;
  readonly #kind: OperationClass;
  readonly #selector: string | undefined;
  readonly #frame: Owner | undefined;
  readonly #page: ClientPage | undefined;
  readonly #state: PageState | undefined;
  readonly #url: string | undefined;
  readonly #requests: number | undefined;
  readonly #operation: SelectorOperation;
  readonly #started = performance.now();
  #log: CallLog | undefined;
  #id: string | undefined;
  #account: CallAccount | undefined;

  constructor(operations: PlaywrightOperations, connection: Connection, object: Owner, name: string, kind: OperationClass, params: Params) {
    this.#operations = operations;
    this.#connection = connection;
    this.#name = name;
    this.#params = params;
    this.#kind = kind;
    this.#kind = kind;
    this.#selector = operations.selectorOf(object, params);
    const frame = (this.#frame = object._type === 'Frame' ? object : object._type === 'Page' ? object._mainFrame : object._frame);
    const page = (this.#page = object._type === 'Page' ? object : frame?._page);
    this.#url = frame?._url;
    this.#operation = operations.start(name, kind);
    if (page !== undefined) {
      const state = (this.#state = pageState(page, connection));
      this.#requests = state.requests;
      state.open.add(this.#operation);
    }
  }

  /** Has the server's account of this call written down. */
  listen(log: CallLog, options: unknown): void {
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
      // Before 1.60 an assertion that does not hold is no rejection.
      const { matches, timedOut, log } = (result ?? {}) as { matches?: unknown; timedOut?: unknown; log?: unknown };
      const broken = this.#kind === 'assertion' && typeof matches === 'boolean' && matches === (this.#params.isNot === true);
      this.#end(broken ? assertionFailure(timedOut === true, this.#wasFound(Array.isArray(log) ? log.join('\n') : '')) : undefined, result, undefined);
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  failed(error: unknown): void {
    try {
      const { name, details, message } = error as { name?: string; details?: { timedOut?: boolean }; message?: string };
      const isExpectation = this.#kind === 'assertion' && name === 'ExpectError';
      const failure = isExpectation && !/strict mode violation/.test(message ?? '') ? assertionFailure(details?.timedOut === true, this.#wasFound(message ?? '')) : failureOf(error, this.#account?.heard ? this.#account.found : undefined);
      // What was waited for did not come: the element did nothing wrong.
      this.#end(this.#kind === 'wait' && failure.type === 'not_actionable' ? { type: 'timeout' } : failure, undefined, error);
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  #wasFound(log: string): boolean {
    return this.#account?.heard ? this.#account.found : /resolved to /.test(log);
  }

  #matches(result: unknown, handles: number | undefined, account: CallAccount | undefined): number | undefined {
    const { value, element } = (result ?? {}) as { value?: unknown; element?: unknown };
    if (this.#name === 'count') return typeof value === 'number' ? value : undefined;
    // A strict operation that succeeded has found one, unless it was content with none.
    const isStrict = this.#params.strict === true && !(this.#kind === 'wait' ? element === undefined : MAY_MISS.has(this.#name));
    return handles ?? account?.matches ?? (isStrict ? 1 : undefined);
  }

  /** Seconds, to the microsecond: an action was waited with until its element was ready, everything else to its end. */
  #waited(isFailure: boolean, ready: number): number | undefined {
    if (this.#kind === 'query') return undefined;
    const until = this.#kind === 'action' && !isFailure ? ready : performance.now();
    return Math.round((until - this.#started) * 1000) / 1e6;
  }

  #end(failure: Failure | undefined, result: unknown, error: unknown): void {
    const account = this.#account?.heard ? this.#account : undefined;
    if (this.#id !== undefined) this.#log?.close(this.#id);
    this.#state?.open.delete(this.#operation);
    const handles = this.#kind === 'query' || this.#kind === 'wait' ? this.#operations.remember(this.#selector, result) : undefined;
    const element = account?.takeElement();
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
        fingerprint: element && fingerprintLabel(fingerprintOf(element)),
      },
      error,
    );
  }
}

/** Queries that do not wait for an element. */
const MAY_MISS: ReadonlySet<string> = new Set(['isVisible', 'isHidden', 'querySelector', 'evalOnSelectorAll']);

function assertionFailure(timedOut: boolean, found: boolean): Failure {
  return { type: timedOut && !found ? 'not_found' : 'assertion_failed' };
}
