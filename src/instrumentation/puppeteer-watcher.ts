/** Makes a selector operation of each outermost call of Puppeteer's. */
import type { Context, Tracer } from '@opentelemetry/api';
import { steady } from '../clock.ts';
import { given } from '../given.ts';
import { runtime } from '../runtime.ts';
import { type Driver, type OperationClass, type SelectorDetails, type SelectorOperation, beginSelector, beginsWithSpan, recordRead } from '../selectors/selector-operation.ts';
import { driverOf } from '../selectors/selector-attributes.ts';
import { LOOK } from '../selectors/element-facts.ts';
import { selectorSettings } from '../selectors/settings.ts';
import type { Outermost } from './call-scope.ts';
import { puppeteerFailure } from './puppeteer-failure.ts';
import { giveHandles, selectorOfHandle } from './puppeteer-handles.ts';
import { copyOf, patchObject } from './puppeteer-patch.ts';
import { type Frame, type Page, type Place, isClosed, pageId, placeOf } from './puppeteer-place.ts';
import { PageTraffic } from './puppeteer-traffic.ts';
import { withoutSelector } from './without-selector.ts';
import type { Watcher } from './wrap-promise.ts';

const WAITS = /^wait/;
const QUERIES = new Set(['$', '$$', '$eval', '$$eval', 'evaluate', 'isVisible', 'isHidden', 'isIntersectingViewport', 'boundingBox', 'boxModel', 'contentFrame']);
/** Those whose first argument is a selector, on whatever they are called. */
const FINDING = new Set(['$', '$$', '$eval', '$$eval', 'waitForSelector']);
/** No operations, but the app is given handles by them. */
const GIVING = new Set(['evaluateHandle', 'frameElement', 'toElement']);
/** Inner calls by which an operation does what it is for: it has waited until then. */
const ACTING = new Set(['click', 'hover', 'type', 'select']);

const classOf = (name: string): OperationClass => (WAITS.test(name) ? 'wait' : QUERIES.has(name) ? 'query' : 'action');

export class PuppeteerWatcher implements Watcher {
  readonly #tracer: () => Tracer | undefined;
  readonly #driver = driverOf('puppeteer');

  constructor(tracer: () => Tracer | undefined) {
    this.#tracer = tracer;
  }

  begin(name: string, self: unknown, args: readonly unknown[]): Outermost | undefined {
    try {
      if (typeof self !== 'object' || self === null) return undefined;
      if (name === 'evaluate' && typeof args[0] === 'function' && LOOK in args[0]) return undefined;
      if (GIVING.has(name)) return { end: (outcome) => giveHandles('result' in outcome ? outcome.result : undefined, selectorOfHandle(self), patchObject) };
      // How Puppeteer itself waits, in `reload()` and the like.
      if (name === 'waitForNavigation' && (args[0] as { ignoreSameDocumentNavigation?: unknown } | undefined)?.ignoreSameDocumentNavigation === true) return undefined;
      // Where the trace goes on into requests, a read has to be open on its page: it may be what makes the page ask.
      if (QUERIES.has(name) && !beginsWithSpan('query') && selectorSettings().propagation.length === 0) return this.#read(name, self, args);
      return this.#call(name, self, args);
    } catch {
      runtime()?.dropped('instrumentation_fault');
      return undefined;
    }
  }

  #call(name: string, self: object, args: readonly unknown[], started?: number): PuppeteerCall {
    return new PuppeteerCall(this.#driver(copyOf(self)?.version, this.#tracer()), name, self, args, started);
  }

  /** Numbers alone, unless it fails: then it is looked where it was. In a browser's pauses code is cold, so there is as little of it as can be. */
  #read(name: string, self: object, args: readonly unknown[]): Outermost {
    const started = steady();
    return {
      end: (outcome) => {
        try {
          if ('error' in outcome) return this.#call(name, self, args, started).end(outcome);
          const { result } = outcome;
          recordRead('puppeteer', name, started);
          giveHandles(result, FINDING.has(name) ? textOf(args[0]) : selectorOfHandle(self), patchObject);
        } catch {
          runtime()?.dropped('instrumentation_fault');
        }
      },
    };
  }
}

const hasSignal = (argument: unknown): boolean => typeof argument === 'object' && (argument as { signal?: unknown } | null)?.signal !== undefined;
const textOf = (argument: unknown): string | undefined => (typeof argument === 'string' ? argument : undefined);

class PuppeteerCall implements Outermost {
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
    this.#selector = hasSelector ? textOf(args[0]) : selectorOfHandle(self);
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
      this.#selector = textOf(selector);
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
