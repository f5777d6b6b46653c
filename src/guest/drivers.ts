/**
 * What `spoor/register` loads when the app loads a browser driver: a bundle of its own, because most processes never
 * do, and those that spawn would pay for it.
 */
import { watchEsModules } from '../instrumentation/es-loads.ts';
import { type Found, awaitModule } from '../instrumentation/module-loads.ts';
import { playwrightVersion } from '../instrumentation/playwright-loads.ts';
import { type PlaywrightHandler, patchPlaywright } from '../instrumentation/playwright-patch.ts';
import { PUPPETEER_ES_FILE, PUPPETEER_FILE } from '../instrumentation/puppeteer-loads.ts';
import { patchPuppeteer, watchPuppeteer } from '../instrumentation/puppeteer-patch.ts';
import { SELENIUM_FILE } from '../instrumentation/selenium-loads.ts';
import { patchSelenium, watchSelenium } from '../instrumentation/selenium-patch.ts';
import type { DriverHandlers } from '../instrumentation/own-drivers.ts';
import { part } from '../part.ts';
import { runtime } from '../runtime.ts';

declare const require: NodeJS.Require;

/** Kept, because `require` is no cheap call, and each operation asks. */
let handlers: DriverHandlers | undefined;

/** Loads the runtime and the handlers: at the first operation. */
const own = (): DriverHandlers | undefined => (runtime() ? (handlers ??= part(() => require('./driver-handlers.cjs') as typeof import('../instrumentation/own-drivers.ts'))?.driverHandlers()) : undefined);

/** A browser driver is there, or about to be. */
export function instrumentDriver(file: string, exports?: unknown): void {
  const found = PUPPETEER_FILE.test(file) ? puppeteer : SELENIUM_FILE.test(file) ? selenium : playwright;
  if (exports !== undefined) found(exports, file);
  else if (PUPPETEER_ES_FILE.test(file)) watchEsPuppeteer();
  else awaitModule(file, found);
}

const playwright: Found = (exports, file) => {
  let handler: PlaywrightHandler | undefined;
  patchPlaywright(exports, () => (handler ??= own()?.playwright(playwrightVersion(file))), 'register');
  // In a worker of the test runner: it needs the runtime from its first test on.
  const { test } = exports as { test?: unknown };
  if (test !== undefined && process.send !== undefined) own()?.playwrightTest(exports);
};

const puppeteer: Found = (exports) => {
  once('puppeteer', () => watchPuppeteer(() => own()?.puppeteer, true));
  patchPuppeteer(exports);
};

const watchEsPuppeteer = (): void => once('ES modules of Puppeteer', () => watchEsModules(PUPPETEER_ES_FILE, puppeteer));

const selenium: Found = (exports) => {
  once('selenium', () => watchSelenium(() => own()?.selenium, true));
  patchSelenium(exports);
};

const done = new Set<string>();
function once(what: string, work: () => unknown): void {
  if (done.has(what)) return;
  done.add(what);
  work();
}
