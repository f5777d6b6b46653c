/** The handlers of spoor's own runtime, for what is preloaded: the register bundle asks for them at the first call. */
import { runtime } from '../runtime.ts';
import { ChildProcessHandler } from './child-process-handler.ts';
import { PlaywrightOperations } from './playwright-handler.ts';
import type { PlaywrightHandler } from './playwright-patch.ts';
import { currentTest, watchTests } from './playwright-test.ts';
import { PuppeteerWatcher } from './puppeteer-watcher.ts';
import { SeleniumWatcher } from './selenium-watcher.ts';
import { settings } from './settings.ts';
import { WorkerHandler } from './worker-handler.ts';
import type { Watcher } from './wrap-promise.ts';
import type { Handler } from './wrap.ts';

export interface OwnHandlers {
  readonly childProcess: Handler;
  readonly worker: Handler;
  /** One for each version that is loaded. */
  playwright(version: string | undefined): PlaywrightHandler;
  /** @param runner the module that has `test` */
  playwrightTest(runner: unknown): void;
  readonly puppeteer: Watcher;
  readonly selenium: Watcher;
}

let own: OwnHandlers | undefined;

/** Undefined when there is nothing to record to, or the configuration wants no instrumentations. */
export function ownHandlers(): OwnHandlers | undefined {
  const config = runtime()?.config;
  if (config === undefined || config.instrumentations === 'none') return undefined;
  if (own === undefined) {
    const decided = settings({}, undefined);
    own = {
      childProcess: new ChildProcessHandler(() => decided),
      worker: new WorkerHandler(() => decided),
      playwright: (version) => new PlaywrightOperations(version, () => undefined, currentTest),
      playwrightTest: (runner) => watchTests(runner, () => undefined),
      puppeteer: new PuppeteerWatcher(() => undefined),
      selenium: new SeleniumWatcher(() => undefined),
    };
  }
  return own;
}
