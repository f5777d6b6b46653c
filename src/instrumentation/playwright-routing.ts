/**
 * The trace goes on into the page's own requests, to the origins that a person has named. By routing, because
 * `setExtraHTTPHeaders` makes a browser ask other origins for leave first, and fail. Only where it is asked for:
 * while a context has routes the browser's cache is off, and each request is slower.
 */
import { type Context, type SpanContext, context } from '@opentelemetry/api';
import { traceHeaders } from '../carrier.ts';
import { given } from '../given.ts';
import { runtime } from '../runtime.ts';
import type { ClientPage, Connection } from './playwright-internals.ts';
import { pageState } from './playwright-page.ts';
import { addressesOf, firstSpan } from './propagation.ts';

interface Request {
  headers(): Record<string, string>;
  frame(): { page(): ClientPage };
}
interface Route {
  request(): Request;
  fallback(options?: { headers: Record<string, string> }): Promise<void>;
}
interface BrowserContext {
  route(url: RegExp, handler: (route: Route) => unknown): Promise<unknown>;
  _wrapApiCall?(call: () => Promise<unknown>, options: { internal: true }): Promise<unknown>;
}

/** @param test context of the test that runs */
export class Routing {
  readonly #origins: RegExp;
  readonly #test: () => Context | undefined;

  constructor(origins: readonly string[], test: () => Context | undefined) {
    this.#origins = addressesOf(origins);
    this.#test = test;
  }

  /** The result of a call that made a context. In the async context of the call. Never throws. */
  made(result: unknown, connection: Connection): void {
    try {
      const { context: made, defaultContext } = (result ?? {}) as { context?: { _object?: BrowserContext }; defaultContext?: { _object?: BrowserContext } };
      const browserContext = (made ?? defaultContext)?._object;
      if (typeof browserContext?.route !== 'function') return;
      const active = context.active();
      const route = (): Promise<unknown> => browserContext.route(this.#origins, (one) => this.#handle(one, connection, active));
      // No step of the test runner's, nor in a trace of Playwright's: nobody asked for this route by a call.
      const routed = typeof browserContext._wrapApiCall === 'function' ? browserContext._wrapApiCall(route, { internal: true }) : route();
      // The context may be closed before it has its route.
      routed.catch(() => {});
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  /** What the app's own routes have left over: they were there later, so they come first. */
  async #handle(route: Route, connection: Connection, active: Context): Promise<void> {
    let headers: Record<string, string> | undefined;
    try {
      const request = route.request();
      const parent = this.#parent(pageOf(request), connection, active);
      if (parent !== undefined) headers = { ...request.headers(), ...traceHeaders(parent) };
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
    // The page may be gone.
    await route.fallback(headers && { headers }).catch(() => {});
  }

  /** Route handlers have no async context, so an operation is the cause only if it is the only one on the page. */
  #parent(page: ClientPage | undefined, connection: Connection, active: Context): SpanContext | undefined {
    const open = page === undefined ? undefined : pageState(page, connection).open;
    const [only] = open?.size === 1 ? open : [];
    return firstSpan([only?.context, this.#test(), active, runtime()?.rootContext]);
  }
}

/** A service worker's request has no frame, and says so by throwing. */
function pageOf(request: Request): ClientPage | undefined {
  return given(() => request.frame().page());
}
