/** Playwright, for any OpenTelemetry SDK: `new NodeSDK({ instrumentations: [new PlaywrightInstrumentation()] })`. */
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import { SpoorInstrumentation } from './instrumentation.ts';
import { watchModules } from './module-loads.ts';
import { PlaywrightOperations } from './playwright-handler.ts';
import { PLAYWRIGHT_FILE, PLAYWRIGHT_REQUEST, playwrightVersion } from './playwright-loads.ts';
import { patchPlaywright } from './playwright-patch.ts';
import { currentTest, watchTests } from './playwright-test.ts';

export type PlaywrightInstrumentationConfig = InstrumentationConfig;

/**
 * Numbers for every selector operation of Playwright (`playwright-core`, `playwright`, `@playwright/test` from 1.40),
 * and a span for each action, wait, assertion and failure. Under Playwright Test each attempt of a test is a span, and
 * their parent. Selectors are recorded without the texts in them; typed values and page content are not recorded.
 * Bundled into the app, Playwright is not found: give one of its objects to {@link instrumentPlaywright}.
 */
export class PlaywrightInstrumentation extends SpoorInstrumentation<PlaywrightInstrumentationConfig> {
  readonly instrumentationName = 'spoor/playwright';

  constructor(config: PlaywrightInstrumentationConfig = {}) {
    super(config);
  }

  protected patch(): () => void {
    const undoings: (() => void)[] = [];
    const found = (exports: unknown, file: string): void => {
      const undo = patchPlaywright(exports, handlerOf(() => playwrightVersion(file), () => this.tracer), this);
      if (undo) undoings.push(undo);
      watchTests(exports, () => this.tracer);
    };
    undoings.push(watchModules(PLAYWRIGHT_REQUEST, PLAYWRIGHT_FILE, found));
    return () => undoings.splice(0).forEach((undo) => undo());
  }
}

/**
 * Instruments the Playwright behind any of its objects (the module, a browser type, a browser, a context, a page),
 * where it cannot be found by its file: bundled into the app. Without an SDK of the app's, spoor has to be started.
 * Never throws. One that is instrumented already stays as it is.
 * @returns whether it is instrumented now; false for a Playwright of unknown internals, which one warning says
 */
export function instrumentPlaywright(playwright: unknown): boolean {
  const undo = patchPlaywright(playwright, handlerOf(() => undefined, () => undefined), 'by hand');
  watchTests(playwright, () => undefined);
  return undo !== undefined;
}

function handlerOf(version: () => string | undefined, tracer: ConstructorParameters<typeof PlaywrightOperations>[1]): () => PlaywrightOperations {
  let handler: PlaywrightOperations | undefined;
  return () => (handler ??= new PlaywrightOperations(version(), tracer, currentTest));
}
