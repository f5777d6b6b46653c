/** What is known of a page without asking it, and how many requests it has begun. */
import type { SelectorOperation } from '../selectors/selector-operation.ts';
import type { ClientContext, ClientPage, Connection } from './playwright-internals.ts';

export class PageState {
  readonly browserName: string | undefined;
  readonly browserVersion: string | undefined;
  readonly userAgent: string | undefined;
  /** The operations that are under way on it: a request may be the child of one. */
  readonly open = new Set<SelectorOperation>();
  /** Undefined where nobody tells. */
  requests: number | undefined;

  constructor(page: ClientPage) {
    const { _browser: browser, _options: options } = page._browserContext ?? {};
    this.browserName = text(browser?._name ?? browser?._initializer?.name);
    this.browserVersion = text(browser?._initializer?.version);
    this.userAgent = text(options?.userAgent);
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const pages = new WeakMap<object, PageState>();
/** The same, by the server's object. */
const served = new WeakMap<object, PageState>();
const contexts = new WeakSet<object>();

export function pageState(page: ClientPage, connection: Connection): PageState {
  let state = pages.get(page);
  if (state === undefined) {
    pages.set(page, (state = new PageState(page)));
    countRequests(page, state, connection);
  }
  return state;
}

interface ServerRequest {
  frame?(): { _page?: object } | null;
}
interface ServerContext {
  on?(event: 'request', listener: (request: ServerRequest) => void): unknown;
}

/**
 * Where the server is in this process, it has the browser's events anyway: one more listener there costs no
 * message. Over a connection an event that the app does not listen to is not even sent, and is not asked for.
 */
function countRequests(page: ClientPage, state: PageState, connection: Connection): void {
  try {
    if (typeof connection.toImpl !== 'function') return;
    const context = page._browserContext as ClientContext;
    const serverPage = connection.toImpl(page) as object;
    const serverContext = connection.toImpl(context) as ServerContext;
    if (typeof serverContext.on !== 'function') return;
    served.set(serverPage, state);
    state.requests = 0;
    if (contexts.has(serverContext)) return;
    contexts.add(serverContext);
    serverContext.on('request', (request) => {
      try {
        const owner = request.frame?.()?._page;
        const counted = owner === undefined ? undefined : served.get(owner);
        if (counted?.requests !== undefined) counted.requests++;
      } catch {
        // A worker's request has no frame, and says so by throwing.
      }
    });
  } catch {
    state.requests = undefined;
  }
}
