/**
 * Where in the browser an object of Puppeteer's is. Nothing is asked of the browser: these are fields. Over WebDriver
 * BiDi, as with Firefox, a page that is gone throws at most questions.
 */
import { given } from '../given.ts';

/** As far as we use them. */
export interface Page {
  url(): string;
  mainFrame?(): Frame;
  viewport?(): { width: number; height: number } | null;
  target?(): { _targetId?: string };
  _client?(): object;
  isClosed?(): boolean;
  browser?(): Browser;
}

export interface Browser {
  readonly connected?: boolean;
  readonly protocol?: string;
  userAgent?(): Promise<string>;
}

export interface Frame {
  url(): string;
  page(): Page;
  readonly _id?: string;
}

export interface Place {
  readonly kind: 'page' | 'frame' | 'handle' | 'locator';
  /** Not of a locator, which keeps it to itself. */
  readonly page?: Page;
  readonly frame?: Frame;
}

const LOCATOR: Place = { kind: 'locator' };

export function placeOf(self: object): Place {
  try {
    if ('mainFrame' in self) return { kind: 'page', page: self as unknown as Page, frame: (self as { mainFrame(): Frame }).mainFrame() };
    if ('parentFrame' in self) return { kind: 'frame', page: (self as unknown as Frame).page(), frame: self as unknown as Frame };
    if ('remoteObject' in self) {
      const { frame } = self as unknown as { frame: Frame };
      return { kind: 'handle', page: frame.page(), frame };
    }
    return LOCATOR;
  } catch {
    // Disposed of: it has no place any more.
    return { kind: 'handle' };
  }
}

/** The page, or the whole browser. */
export function isClosed(page: Page | undefined): boolean {
  return given(() => page?.isClosed?.()) === true || given(() => page?.browser?.().connected) === false;
}

/** The browser's own: over the DevTools protocol its target's, over WebDriver BiDi its context's, which is also its main frame's. */
export function pageId(page: Page): string | undefined {
  return given(() => page.target?.()._targetId) ?? given(() => page.mainFrame?.()._id);
}
