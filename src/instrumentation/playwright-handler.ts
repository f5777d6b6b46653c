/** Makes an operation of each call that the patch of Playwright's client shows it. */
import { type Context, type Tracer, context, trace } from '@opentelemetry/api';
import { type Driver, type OperationClass, type SelectorOperation, beginSelector } from '../selectors/selector-operation.ts';
import { runtime } from '../runtime.ts';
import { selectorSettings } from '../selectors/settings.ts';
import { type Operations, type Params, PlaywrightCall } from './playwright-call.ts';
import { CallLog } from './playwright-call-log.ts';
import { type Connection, type Owner, isInternal } from './playwright-internals.ts';
import { CONTEXT_MAKERS, OPERATIONS, OWNERS, assertionName } from './playwright-operations.ts';
import type { PlaywrightHandler, SentCall } from './playwright-patch.ts';
import { Routing } from './playwright-routing.ts';

export class PlaywrightOperations implements PlaywrightHandler, Operations {
  readonly #driver: Driver;
  readonly #logs = new WeakMap<Connection, CallLog | false>();
  /** Selectors by which element handles were found. */
  readonly #selectors = new WeakMap<object, string>();
  readonly #waits = new Map<string, PlaywrightCall>();
  readonly #testContext: () => Context | undefined;
  #routing: Routing | undefined;

  /** @param testContext of the test that runs now */
  constructor(version: string | undefined, tracer: () => Tracer | undefined, testContext: () => Context | undefined) {
    this.#driver = { name: 'playwright', version, get tracer() { return tracer(); } };
    this.#testContext = testContext;
  }

  begin(connection: Connection, object: Owner, method: string, params: unknown, rest: readonly unknown[]): SentCall | undefined {
    try {
      const found = OPERATIONS.get(method);
      if (CONTEXT_MAKERS.has(method)) return this.#route(connection);
      if (found === undefined || !OWNERS.has(object?._type as string)) return undefined;
      if (found[0] === 'waitForEvent') return this.#wait(connection, object, (params as Params).info ?? params, isInternal(rest));
      if (isInternal(rest)) return undefined;
      const given = (params ?? {}) as Params;
      const call = new PlaywrightCall(this, connection, object, found[0] === 'expect' ? assertionName(given) : found[0], found[1], given);
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

  selectorOf(object: Owner, { selector, source, locator }: Params): string | undefined {
    const own = typeof selector === 'string' ? selector : typeof source === 'string' ? source : typeof locator?.selector === 'string' ? locator.selector : undefined;
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

  /** Where the trace is to go on into the page's requests. */
  #route(connection: Connection): SentCall | undefined {
    const { propagation } = selectorSettings();
    if (propagation.length === 0) return undefined;
    const routing = (this.#routing ??= new Routing(propagation, this.#testContext));
    return { sent() {}, succeeded: (result) => routing.made(result, connection), failed() {} };
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
      this.#waits.set(waitId, new PlaywrightCall(this, connection, object, event === '' ? 'waitForNavigation' : 'waitForEvent', 'wait', {}));
    } else if (phase === 'after') {
      const call = this.#waits.get(waitId);
      this.#waits.delete(waitId);
      if (typeof error === 'string') call?.failed({ name: /^Timeout \d+ms exceeded/.test(error) ? 'TimeoutError' : 'Error', message: error });
      else call?.succeeded(undefined);
    }
  }
}

