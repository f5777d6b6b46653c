/**
 * The handlers of spoor's own runtime for browser drivers. A bundle of its own, `dist/driver-handlers.cjs`, which loads with the first call of a
 * driver: most processes that spawn drive no browser, and would pay for it.
 */
import { runtime } from '../runtime.ts';
import { PlaywrightOperations } from './playwright-handler.ts';
import type { PlaywrightHandler } from './playwright-patch.ts';
import { currentTest, watchTests } from './playwright-test.ts';
import { PuppeteerWatcher } from './puppeteer-watcher.ts';
import { SeleniumWatcher } from './selenium-watcher.ts';
import type { Watcher } from './wrap-promise.ts';

export interface DriverHandlers {
  /** One for each version that is loaded. */
  playwright(version: string | undefined): PlaywrightHandler;
  /** @param runner the module that has `test` */
  playwrightTest(runner: unknown): void;
  readonly puppeteer: Watcher;
  readonly selenium: Watcher;
}

let own: DriverHandlers | undefined;

/** Undefined when there is nothing to record to, or the configuration wants no instrumentations. */
export function driverHandlers(): DriverHandlers | undefined {
  const config = runtime()?.config;
  if (config === undefined || config.instrumentations === 'none') return undefined;
  own ??= {
    playwright: (version) => new PlaywrightOperations(version, () => undefined, currentTest),
    playwrightTest: (runner) => watchTests(runner, () => undefined),
    puppeteer: new PuppeteerWatcher(() => undefined),
    selenium: new SeleniumWatcher(() => undefined),
  };
  return own;
}
