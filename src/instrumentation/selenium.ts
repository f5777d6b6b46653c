/** Selenium, for any OpenTelemetry SDK: `new NodeSDK({ instrumentations: [new SeleniumInstrumentation()] })`. */
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import { SpoorInstrumentation } from './instrumentation.ts';
import { watchModules } from './module-loads.ts';
import { SELENIUM_FILE, SELENIUM_REQUEST } from './selenium-loads.ts';
import { patchSelenium, watchSelenium } from './selenium-patch.ts';
import { SeleniumWatcher } from './selenium-watcher.ts';
import { handlers } from './wrap.ts';

export type SeleniumInstrumentationConfig = InstrumentationConfig;

/**
 * Numbers for every selector operation of selenium-webdriver 4, and a span for each action, wait and failure. Selectors
 * are recorded without the texts in them; typed values and page content are not recorded. It is found by its file;
 * bundled into the app, give it to {@link instrumentSelenium}.
 */
export class SeleniumInstrumentation extends SpoorInstrumentation<SeleniumInstrumentationConfig> {
  readonly instrumentationName = 'spoor/selenium';

  constructor(config: SeleniumInstrumentationConfig = {}) {
    super(config);
  }

  protected patch(): () => void {
    const watcher = new SeleniumWatcher(() => this.tracer);
    const undoings = [watchSelenium(() => watcher), watchModules(SELENIUM_REQUEST, SELENIUM_FILE, (exports) => patchSelenium(exports))];
    return () => undoings.forEach((undo) => undo());
  }
}

/**
 * Instruments the Selenium behind its module (`import * as selenium from 'selenium-webdriver'`) or a driver of it, where
 * it cannot be found by its file: bundled into the app. Without an SDK of the app's, spoor has to be started. Never throws.
 * @returns whether it is instrumented now; false for a Selenium of unknown internals, which one warning says
 */
export function instrumentSelenium(selenium: unknown): boolean {
  if (!handlers('selenium').watched) {
    const watcher = new SeleniumWatcher(() => undefined);
    watchSelenium(() => watcher);
  }
  return patchSelenium(selenium);
}
