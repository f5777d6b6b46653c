/** One outermost call of Puppeteer's as a selector operation: where it happens, what it looks for, what comes of it. */
import type { Context } from '@opentelemetry/api';
import { steady } from '../clock.ts';
import { given } from '../given.ts';
import { runtime } from '../runtime.ts';
import { type Driver, type SelectorDetails, type SelectorOperation, beginSelector } from '../selectors/selector-operation.ts';
import type { Outermost } from './call-scope.ts';
import { puppeteerFailure } from './puppeteer-failure.ts';
import { giveHandles, selectorOfHandle } from './puppeteer-handles.ts';
import { ACTING, FINDING, WAITS, classOf, selectorIn } from './puppeteer-operations.ts';
import { patchObject } from './puppeteer-patch.ts';
import { type Frame, type Page, type Place, isClosed, pageId, placeOf } from './puppeteer-place.ts';
import { PageTraffic } from './puppeteer-traffic.ts';
import { withoutSelector } from './without-selector.ts';

const hasSignal = (argument: unknown): boolean => typeof argument === 'object' && (argument as { signal?: unknown } | null)?.signal !== undefined;

export class PuppeteerCall implements Outermost {
  readonly #name: string;
  readonly #started: number;
  readonly #isLocator: boolean;
  readonly #options: { hidden?: unknown; visible?: unknown } | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #operation: SelectorOperation;
  #page: Page | undefined;
  #frame: Frame | undefined;
  #url: string | undefined;
  #traffic: PageTraffic | undefined;
  #requests: number | undefined;
  #selector: string | undefined;
  /** Of a locator: what looks for its element, and how often it did. */
  #looker: unknown;
  #looks = 0;
  #isRace = false;
  #actedAt: number | undefined;
  /** Undefined where only the error tells. */
  #wasFound: boolean | undefined;

  constructor(driver: Driver, name: string, self: object, args: readonly unknown[], started = steady()) {
    this.#name = name;
    this.#started = started;
    this.#operation = beginSelector(driver, name, classOf(name), { started });
    const kind = this.#settle(self);
    this.#isLocator = kind === 'locator';
    if (this.#isLocator) this.#wasFound = false;
    const hasSelector = FINDING.has(name) || ((kind === 'page' || kind === 'frame') && !WAITS.test(name));
    this.#selector = hasSelector ? selectorIn(args[0]) : selectorOfHandle(self);
    this.#options = name === 'waitForSelector' ? ((args[1] ?? undefined) as { hidden?: unknown } | undefined) : undefined;
    if (this.#isLocator || WAITS.test(name)) this.#signal = (args.find(hasSignal) as { signal: AbortSignal } | undefined)?.signal;
  }

  /** Where it happens: known at once, but of a locator when it looks for its element. */
  #settle(self: object): Place['kind'] {
    const { page, frame, kind } = placeOf(self);
    this.#page = page;
    this.#frame = frame;
    this.#url = given(() => frame?.url());
    this.#traffic = page && given(() => PageTraffic.of(page));
    this.#requests = this.#traffic?.requests;
    this.#traffic?.opened(this);
    return kind;
  }

  inner(name: string, self: unknown, args: readonly unknown[]): void {
    if (!this.#isLocator) return;
    try {
      if (name === 'waitForSelector') return void this.#looked(self, args[0]);
      // Frames look for elements by a handle too: of the document.
      if (FINDING.has(name) || typeof self !== 'object' || self === null || !('remoteObject' in self)) return;
      this.#wasFound = true;
      if (ACTING.has(name)) this.#actedAt = steady();
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  #looked(self: unknown, selector: unknown): void {
    if (this.#looker === undefined) {
      this.#looker = self;
      this.#settle(self as object);
      this.#selector = selectorIn(selector);
    } else if (selector !== this.#selector) {
      // A race of locators: which of them wins is not told.
      this.#isRace = true;
      this.#selector = undefined;
    }
    // A page has its frame look; that is no second time.
    if (self === this.#looker) this.#looks++;
  }

  end(outcome: { readonly result: unknown } | { readonly error: unknown }): void {
    try {
      if ('error' in outcome) {
        this.#traffic?.closed(this);
        const { hidden, visible } = this.#options ?? {};
        const failure = puppeteerFailure(outcome.error, { found: this.#wasFound, isElementEnough: !hidden && !visible, isClosed: isClosed(this.#page), isAborted: this.#signal?.aborted === true });
        this.#operation.end(failure, this.#details(undefined, undefined), withoutSelector(outcome.error, this.#selector));
        return;
      }
      this.#traffic?.closed(this);
      const { result } = outcome;
      const name = this.#name;
      const waitedUntil = WAITS.test(name) ? steady() : this.#actedAt;
      const matches = Array.isArray(result) && name === '$$' ? result.length : name === '$' && result === null ? 0 : undefined;
      this.#operation.end(undefined, this.#details(matches, waitedUntil === undefined ? undefined : (waitedUntil - this.#started) / 1000));
      // What is done with a handle later is done with its selector.
      giveHandles(result, this.#selector, patchObject);
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  get context(): Context | undefined {
    return this.#operation.context;
  }

  /** The page is gone, and the call may never end. */
  crashed(): void {
    this.#operation.end({ type: 'target_crashed' }, this.#details(undefined, undefined));
  }

  #details(matches: number | undefined, wait: number | undefined): SelectorDetails {
    const { userAgent, browserName, browserVersion, requests } = this.#traffic ?? {};
    return {
      selector: this.#selector,
      url: this.#url,
      pageId: this.#page && pageId(this.#page),
      frameId: this.#frame?._id,
      viewport: given(() => this.#page?.viewport?.()),
      userAgent,
      browserName,
      browserVersion,
      requests: requests === undefined || this.#requests === undefined ? undefined : requests - this.#requests,
      retries: this.#isLocator && !this.#isRace && this.#looks > 0 ? this.#looks - 1 : undefined,
      matches,
      wait,
    };
  }
}
