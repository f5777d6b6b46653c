/** Makes a selector operation of each outermost call of Puppeteer's. */
import type { Tracer } from '@opentelemetry/api';
import { runtime } from '../runtime.ts';
import { type Driver, type OperationClass, type SelectorDetails, type SelectorOperation, beginSelector } from '../selectors/selector-operation.ts';
import { puppeteerFailure } from './puppeteer-failure.ts';
import { copyOf, patchObject } from './puppeteer-patch.ts';
import { PageTraffic } from './puppeteer-traffic.ts';
import { withoutSelector } from './without-selector.ts';
import type { Outermost, Watcher } from './wrap-promise.ts';

/** As far as we use them. */
interface Page {
  url(): string;
  viewport?(): { width: number; height: number } | null;
  target?(): { _targetId?: string };
  _client?(): object;
  isClosed?(): boolean;
  browser?(): { readonly connected?: boolean };
}
interface Frame {
  url(): string;
  page(): Page;
  readonly _id?: string;
}

const WAITS = /^wait/;
const QUERIES = new Set(['$', '$$', '$eval', '$$eval', 'evaluate', 'isVisible', 'isHidden', 'isIntersectingViewport', 'boundingBox', 'boxModel', 'contentFrame']);
/** Those whose first argument is a selector, on whatever they are called. */
const FINDING = new Set(['$', '$$', '$eval', '$$eval', 'waitForSelector']);
/** Inner calls by which an operation does what it is for: it has waited until then. */
const ACTING = new Set(['click', 'hover', 'type', 'select']);
const REMEMBERED_HANDLES = 1000;

const classOf = (name: string): OperationClass => (WAITS.test(name) ? 'wait' : QUERIES.has(name) ? 'query' : 'action');

/** The selectors that handles were found by. */
const found = new WeakMap<object, string>();

export class PuppeteerWatcher implements Watcher {
  readonly #tracer: () => Tracer | undefined;
  readonly #drivers = new Map<string | undefined, Driver>();

  constructor(tracer: () => Tracer | undefined) {
    this.#tracer = tracer;
  }

  begin(name: string, self: unknown, args: readonly unknown[]): Outermost | undefined {
    try {
      if (typeof self !== 'object' || self === null) return undefined;
      return new PuppeteerCall(this.#driver(self), name, self, args);
    } catch {
      runtime()?.dropped('instrumentation_fault');
      return undefined;
    }
  }

  #driver(object: object): Driver {
    const version = copyOf(object)?.version;
    const tracer = this.#tracer();
    let driver = this.#drivers.get(version);
    if (driver === undefined || driver.tracer !== tracer) this.#drivers.set(version, (driver = { name: 'puppeteer', version, tracer }));
    return driver;
  }
}

class PuppeteerCall implements Outermost {
  readonly #name: string;
  readonly #started = performance.now();
  readonly #isLocator: boolean;
  readonly #options: { hidden?: unknown; visible?: unknown } | undefined;
  readonly #operation: SelectorOperation;
  #page: Page | undefined;
  #frame: Frame | undefined;
  #url: string | undefined;
  #traffic: PageTraffic | undefined;
  #requests = 0;
  #selector: string | undefined;
  /** Of a locator: what looks for its element, and how often it did. */
  #looker: unknown;
  #looks = 0;
  #actedAt: number | undefined;
  /** Undefined where only the error tells. */
  #wasFound: boolean | undefined;

  constructor(driver: Driver, name: string, self: object, args: readonly unknown[]) {
    this.#name = name;
    const kind = this.#settle(self);
    this.#isLocator = kind === 'locator';
    if (this.#isLocator) this.#wasFound = false;
    const hasSelector = FINDING.has(name) || ((kind === 'page' || kind === 'frame') && !WAITS.test(name));
    this.#selector = hasSelector ? (typeof args[0] === 'string' ? args[0] : undefined) : found.get(self);
    this.#options = name === 'waitForSelector' ? ((args[1] ?? undefined) as { hidden?: unknown } | undefined) : undefined;
    this.#operation = beginSelector(driver, name, classOf(name));
  }

  inner(name: string, self: unknown, args: readonly unknown[]): void {
    try {
      if (this.#isLocator && name === 'waitForSelector') {
        if (this.#looker === undefined) {
          this.#looker = self;
          this.#settle(self as object);
          if (typeof args[0] === 'string') this.#selector = args[0];
        }
        // A page has its frame look; that is no second time.
        if (self === this.#looker && args[0] === this.#selector) this.#looks++;
        return;
      }
      // Frames look for elements by a handle too: of the document.
      if (FINDING.has(name) || typeof self !== 'object' || self === null || !('remoteObject' in self)) return;
      this.#wasFound = true;
      if (this.#isLocator && ACTING.has(name)) this.#actedAt = performance.now();
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  /** Where it happens: known at once, but of a locator, which keeps that to itself. */
  #settle(self: object): Place['kind'] {
    const { page, frame, kind } = placeOf(self);
    this.#page = page;
    this.#frame = frame;
    this.#url = frame?.url();
    this.#traffic = page && PageTraffic.of(page);
    this.#requests = this.#traffic?.requests ?? 0;
    this.#traffic?.opened(this);
    return kind;
  }

  end(outcome: { readonly result: unknown } | { readonly error: unknown }): void {
    this.#traffic?.closed(this);
    try {
      if ('error' in outcome) {
        const { hidden, visible } = this.#options ?? {};
        this.#operation.end(puppeteerFailure(outcome.error, { found: this.#wasFound, isElementEnough: !hidden && !visible, isClosed: isClosed(this.#page) }), this.#details(), withoutSelector(outcome.error, this.#selector));
        return;
      }
      const { result } = outcome;
      this.#remember(result);
      const now = performance.now();
      const waitedUntil = WAITS.test(this.#name) ? now : this.#actedAt;
      this.#operation.end(undefined, {
        ...this.#details(),
        matches: Array.isArray(result) && this.#name === '$$' ? result.length : this.#name === '$' && result === null ? 0 : undefined,
        wait: waitedUntil === undefined ? undefined : (waitedUntil - this.#started) / 1000,
      });
    } catch {
      runtime()?.dropped('instrumentation_fault');
    }
  }

  /** The page is gone, and the call may never end. */
  crashed(): void {
    this.#operation.end({ type: 'target_crashed' }, this.#details());
  }

  #details(): SelectorDetails {
    const { userAgent, browserName, browserVersion } = this.#traffic ?? {};
    return {
      selector: this.#selector,
      url: this.#url,
      pageId: this.#page?.target?.()._targetId,
      frameId: this.#frame?._id,
      viewport: this.#page?.viewport?.(),
      userAgent,
      browserName,
      browserVersion,
      requests: this.#traffic && this.#traffic.requests - this.#requests,
      retries: this.#isLocator && this.#looks > 0 ? this.#looks - 1 : undefined,
    };
  }

  /** What is done with a handle later is done with its selector. */
  #remember(result: unknown): void {
    const selector = this.#selector;
    if (selector === undefined || (!FINDING.has(this.#name) && this.#name !== 'waitHandle')) return;
    for (const handle of Array.isArray(result) ? result.slice(0, REMEMBERED_HANDLES) : [result]) {
      if (typeof handle !== 'object' || handle === null || !('remoteObject' in handle)) continue;
      patchObject(handle);
      found.set(handle, selector);
    }
  }
}

function isClosed(page: Page | undefined): boolean {
  return page?.isClosed?.() === true || page?.browser?.().connected === false;
}

interface Place {
  readonly page?: Page;
  readonly frame?: Frame;
  readonly kind?: 'page' | 'frame' | 'handle' | 'locator';
}

/** The page and the frame of what a method is called on. Reads fields only; a disposed handle may throw. */
function placeOf(self: object): Place {
  try {
    if ('mainFrame' in self) return { page: self as unknown as Page, frame: (self as { mainFrame(): Frame }).mainFrame(), kind: 'page' };
    if ('parentFrame' in self) return { page: (self as unknown as Frame).page(), frame: self as unknown as Frame, kind: 'frame' };
    if ('remoteObject' in self) {
      const { frame } = self as unknown as { frame: Frame };
      return { page: frame.page(), frame, kind: 'handle' };
    }
    return { kind: 'locator' };
  } catch {
    return {};
  }
}
