/**
 * What Puppeteer is told about a page anyway: the requests that it begins, its user agent in them, and that it
 * crashed. Nothing is asked for: the listeners are on the session that Puppeteer itself keeps, not on the page, where the app could count them.
 */
interface Session {
  on(event: string, listener: (event: unknown) => void): void;
}

interface RequestWillBeSent {
  readonly redirectResponse?: unknown;
  readonly request?: { readonly headers?: Readonly<Record<string, unknown>> };
}

interface Open {
  crashed(): void;
}

const known = new WeakMap<object, PageTraffic>();

export class PageTraffic {
  /** Requests begun since the first operation on the page; a redirect is not one more. */
  requests = 0;
  userAgent: string | undefined;
  browserName: string | undefined;
  browserVersion: string | undefined;
  readonly #open = new Set<Open>();

  static of(page: { _client?(): object }): PageTraffic | undefined {
    const session = page._client?.() as Partial<Session> | undefined;
    if (session === undefined || typeof session.on !== 'function') return undefined;
    let traffic = known.get(session);
    if (traffic === undefined) known.set(session, (traffic = new PageTraffic(session as Session)));
    return traffic;
  }

  private constructor(session: Session) {
    session.on('Network.requestWillBeSent', (event) => this.#requested(event as RequestWillBeSent));
    session.on('Inspector.targetCrashed', () => {
      for (const one of this.#open) one.crashed();
      this.#open.clear();
    });
  }

  opened(one: Open): void {
    this.#open.add(one);
  }

  closed(one: Open): void {
    this.#open.delete(one);
  }

  #requested({ redirectResponse, request }: RequestWillBeSent): void {
    if (redirectResponse === undefined) this.requests++;
    const agent = this.userAgent === undefined ? request?.headers?.['User-Agent'] : undefined;
    if (typeof agent !== 'string') return;
    this.userAgent = agent.slice(0, 512);
    const [, name, version] = /\b(?:Headless)?(Chrome|Firefox|Edg)\/([\d.]+)/.exec(agent) ?? [];
    this.browserName = name?.toLowerCase();
    this.browserVersion = version;
  }
}
