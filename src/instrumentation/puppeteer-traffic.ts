/**
 * What Puppeteer is told about a page anyway: the requests that it begins, its user agent in them, and that it
 * crashed. Nothing is asked for: the listeners are on the session that Puppeteer itself keeps, not on the page, where the app could count them.
 * Over WebDriver BiDi, as with Firefox, that session is told nothing; the user agent is known from the start.
 */
import { type Context, context } from '@opentelemetry/api';
import { selectorSettings } from '../selectors/settings.ts';
import type { Browser, Page } from './puppeteer-place.ts';
import { propagate } from './puppeteer-propagation.ts';

interface Session {
  on(event: string, listener: (event: unknown) => void): void;
}

interface RequestWillBeSent {
  readonly redirectResponse?: unknown;
  readonly request?: { readonly headers?: Readonly<Record<string, unknown>> };
}

interface Open {
  crashed(): void;
  /** In which what it causes is its child; undefined where it has no span. */
  readonly context: Context | undefined;
}

const known = new WeakMap<object, PageTraffic>();

export class PageTraffic {
  /** Requests begun since the first operation on the page; a redirect is not one more. Undefined where nobody tells. */
  requests: number | undefined;
  userAgent: string | undefined;
  browserName: string | undefined;
  browserVersion: string | undefined;
  readonly #open = new Set<Open>();

  static of(page: Page): PageTraffic | undefined {
    const session = page._client?.() as Partial<Session> | undefined;
    if (session === undefined || typeof session.on !== 'function') return undefined;
    let traffic = known.get(session);
    if (traffic === undefined) {
      known.set(session, (traffic = new PageTraffic(session as Session, page.browser?.())));
      const { propagation } = selectorSettings();
      const { cause } = traffic;
      if (propagation.length > 0) propagate(page, propagation, cause, context.active());
    }
    return traffic;
  }

  private constructor(session: Session, browser: Browser | undefined) {
    if (browser?.protocol === 'webDriverBiDi') {
      // Nothing is asked of the browser for it: it said so when the session began.
      browser.userAgent?.().then((agent) => this.#agent(agent), () => {});
      return;
    }
    this.requests = 0;
    session.on('Network.requestWillBeSent', (event) => this.#requested(event as RequestWillBeSent));
    session.on('Inspector.targetCrashed', () => {
      for (const one of this.#open) one.crashed();
      this.#open.clear();
    });
  }

  /** A request is an operation's only if no other is open on the page. */
  readonly cause = (): Context | undefined => {
    const [only] = this.#open.size === 1 ? this.#open : [];
    return only?.context;
  };

  opened(one: Open): void {
    this.#open.add(one);
  }

  closed(one: Open): void {
    this.#open.delete(one);
  }

  #requested({ redirectResponse, request }: RequestWillBeSent): void {
    if (redirectResponse === undefined) this.requests!++;
    if (this.userAgent === undefined) this.#agent(request?.headers?.['User-Agent']);
  }

  #agent(agent: unknown): void {
    if (typeof agent !== 'string') return;
    this.userAgent = agent.slice(0, 512);
    const [, name, version] = /\b(?:Headless)?(Chrome|Firefox|Edg)\/([\d.]+)/.exec(agent) ?? [];
    this.browserName = name?.toLowerCase();
    this.browserVersion = version;
  }
}
