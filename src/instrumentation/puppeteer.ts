/** Puppeteer, for any OpenTelemetry SDK: `new NodeSDK({ instrumentations: [new PuppeteerInstrumentation()] })`. */
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import { watchEsModules } from './es-loads.ts';
import { SpoorInstrumentation } from './instrumentation.ts';
import { watchModules } from './module-loads.ts';
import { PUPPETEER_ES_FILE, PUPPETEER_FILE, PUPPETEER_REQUEST } from './puppeteer-loads.ts';
import { patchPuppeteer, watchPuppeteer } from './puppeteer-patch.ts';
import { PuppeteerWatcher } from './puppeteer-watcher.ts';
import { handlers } from './wrap.ts';

export type PuppeteerInstrumentationConfig = InstrumentationConfig;

/**
 * Numbers for every selector operation of Puppeteer (`puppeteer`, `puppeteer-core`; 24 and 25), and a span for each
 * action, wait and failure. Selectors are recorded without the texts in them; typed values and page content are not
 * recorded. It is found by its file when it is loaded after this: by `require` always, as an ES module from Node 22.15
 * and 23.5 on. Else give it to {@link instrumentPuppeteer}.
 */
export class PuppeteerInstrumentation extends SpoorInstrumentation<PuppeteerInstrumentationConfig> {
  readonly instrumentationName = 'spoor/puppeteer';

  constructor(config: PuppeteerInstrumentationConfig = {}) {
    super(config);
  }

  protected patch(): () => void {
    const watcher = new PuppeteerWatcher(() => this.tracer);
    const found = (exports: unknown): void => void patchPuppeteer(exports);
    const undoings = [watchPuppeteer(() => watcher), watchModules(PUPPETEER_REQUEST, PUPPETEER_FILE, found), watchEsModules(PUPPETEER_ES_FILE, found)];
    return () => undoings.forEach((undo) => undo());
  }
}

/**
 * Instruments the Puppeteer behind its module (`import * as puppeteer from 'puppeteer'`), its default export, or a
 * browser or page of it: where it cannot be found by its file, or was loaded before. Without an SDK of the app's, spoor
 * has to be started. Never throws. Given less than the module, `$eval`, `$$eval` and `evaluate` are not recorded.
 * @returns whether it is instrumented now; false for a Puppeteer of unknown internals, which one warning says
 */
export function instrumentPuppeteer(puppeteer: unknown): boolean {
  if (!handlers('puppeteer').watched) {
    const watcher = new PuppeteerWatcher(() => undefined);
    watchPuppeteer(() => watcher);
  }
  return patchPuppeteer(puppeteer);
}
