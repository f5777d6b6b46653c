/** What is read of Playwright's own objects. All of it may be absent in another version, and is looked at as such. */

export interface Owner {
  readonly _type?: string;
  readonly _guid?: string;
  /** Of a frame. */
  readonly _url?: string;
  readonly _page?: ClientPage;
  /** Of an element handle. */
  readonly _frame?: Owner;
  /** Of a page. */
  readonly _mainFrame?: Owner;
}

export interface ClientPage extends Owner {
  readonly _viewportSize?: { readonly width: number; readonly height: number } | null;
  readonly _browserContext?: ClientContext;
}

export interface ClientContext extends Owner {
  readonly _browser?: (Owner & { readonly _name?: string; readonly _initializer?: { readonly version?: string; readonly name?: string } }) | null;
  readonly _options?: { readonly userAgent?: string; readonly viewport?: { readonly width: number; readonly height: number } | null };
}

export interface Connection {
  sendMessageToServer(object: Owner, method: string, params: unknown, ...rest: unknown[]): Promise<unknown>;
  readonly _objects?: Map<string, Owner>;
  /** 1.60 and later: ids with a random prefix. */
  readonly _nextCallId?: () => string;
  /** Before. */
  readonly _lastId?: number;
  /** There only where the server is in this process: its object for one of the client's. */
  readonly toImpl?: (object: unknown) => unknown;
}

/** What 1.53 and later give with a call; before it was three arguments, the first of them the name of the API. */
export interface CallOptions {
  readonly internal?: boolean;
  callId?: string | undefined;
}

/** Whether a call is Playwright's own, and no one's that the app made. */
export function isInternal(rest: readonly unknown[]): boolean {
  const [first] = rest;
  return typeof first === 'object' && first !== null ? (first as CallOptions).internal === true : typeof first !== 'string';
}

/** The connection behind any of Playwright's objects: the module, a browser type, a browser, a context, a page, a frame, a locator. */
export function connectionOf(object: unknown): Connection | undefined {
  for (const candidate of candidates(object)) {
    const connection = (candidate as { _connection?: unknown } | null | undefined)?._connection;
    if (typeof connection === 'object' && connection !== null && typeof (connection as Connection).sendMessageToServer === 'function') return connection as Connection;
  }
  return undefined;
}

function* candidates(object: unknown): Generator<unknown> {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return;
  for (const one of [object, (object as { default?: unknown }).default]) {
    yield one;
    if (one === undefined || one === null) continue;
    const { chromium, firefox, _frame, playwright, inprocess } = one as Record<string, unknown>;
    yield chromium;
    yield firefox;
    // Of a locator; the bundle of 1.60 and later.
    yield _frame;
    yield playwright;
    yield (inprocess as { playwright?: unknown } | undefined)?.playwright;
  }
}
