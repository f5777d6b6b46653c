/**
 * For Playwright Test: `spoor/playwright`.
 *
 * ```js
 * // playwright.config.js
 * export default { reporter: [['html', { open: 'never' }], ['spoor/playwright', { to: 'github,dir:out', files: 'playwright-report/**' }]] };
 * // fixtures.js
 * import { test as base } from '@playwright/test';
 * import { collecting } from 'spoor/playwright';
 * export const test = base.extend(collecting((page) => page.evaluate(() => globalThis.appState)));
 * ```
 *
 * Run it with `spoor run -- playwright test`, so that there is something to see.
 */
import { relative } from 'node:path';
import { trace } from '@opentelemetry/api';
import { log } from '../log.ts';
import { runtime } from '../runtime.ts';
import { type RunReporterOptions, publishRun } from './publish-run.ts';
import type { TestResult } from './run-report.ts';

export type { RunReporterOptions } from './publish-run.ts';

/** What is used of Playwright Test's `TestInfo`. */
interface TestInfo {
  readonly status?: string | undefined;
  readonly expectedStatus: string;
  readonly annotations: { type: string; description?: string }[];
  attach(name: string, options: { readonly body: string; readonly contentType: string }): Promise<void>;
}

export interface CollectingOptions {
  /** The attachment's name. Default: `page-state`. */
  readonly name?: string | undefined;
  /** Milliseconds that collecting may take. Default 5,000. */
  readonly timeout?: number | undefined;
}

/** Longer than this, an attachment is cut. */
const MAX_STATE = 4 << 20;

/**
 * Fixtures for `test.extend`: after each test with a page, what `collect` returns is attached to the test's report
 * as JSON (a text as it is, `undefined` not at all); a failing test is annotated with its trace. `page` is overridden rather than
 * used by an automatic fixture, which would open a browser for every test. What goes wrong in `collect` is an
 * annotation: it changes no test's status.
 */
export function collecting<Page>(collect: (page: Page) => unknown, { name = 'page-state', timeout = 5_000 }: CollectingOptions = {}) {
  return {
    page: async ({ page }: { page: Page }, use: (page: Page) => Promise<void>, info: TestInfo): Promise<void> => {
      await use(page);
      await attachState(() => collect(page), name, timeout, info);
    },
    spoorTrace: [
      // Playwright reads the names of the fixtures that it needs here: none.
      // oxlint-disable-next-line no-empty-pattern
      async ({}: object, use: (value: undefined) => Promise<void>, info: TestInfo): Promise<void> => {
        await use(undefined);
        nameTrace(info);
      },
      { auto: true, box: true },
    ] as [(none: object, use: (value: undefined) => Promise<void>, info: TestInfo) => Promise<void>, { auto: true; box: true }],
  };
}

async function attachState(collect: () => unknown, name: string, timeout: number, info: TestInfo): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${timeout} ms`)), timeout);
    });
    const state = await Promise.race([Promise.resolve().then(collect), late]);
    if (state === undefined) return;
    const [body, contentType] = typeof state === 'string' ? [state, 'text/plain'] : [JSON.stringify(state, null, 2), 'application/json'];
    await info.attach(name, { body: body.slice(0, MAX_STATE), contentType });
  } catch (error) {
    info.annotations.push({ type: 'spoor', description: `${name} could not be collected: ${String((error as Error)?.message ?? error).split('\n')[0]!.slice(0, 300)}` });
  } finally {
    clearTimeout(timer);
  }
}

/** The trace of the test, which the instrumentation of Playwright Test has begun in this worker. */
function nameTrace(info: TestInfo): void {
  const own = runtime();
  const span = own && trace.getSpanContext(own.rootContext);
  if (span !== undefined && info.status !== info.expectedStatus) info.annotations.push({ type: 'trace', description: `spoor traces ${span.traceId}` });
}

/** What is read of Playwright Test's suites. */
interface TestCase {
  readonly location?: { readonly file: string };
  readonly results: readonly { readonly duration: number }[];
  titlePath(): string[];
  outcome(): 'skipped' | 'expected' | 'unexpected' | 'flaky';
}

interface Suite {
  allTests(): TestCase[];
}

/** A Playwright Test reporter that publishes the run: its outcome, what spoor saw, the ids of failing traces, and files. */
export default class SpoorReporter {
  readonly #options: RunReporterOptions;
  #suite: Suite | undefined;
  #root = '';
  #began = Date.now();
  #status = 'unknown';

  constructor(options: RunReporterOptions = {}) {
    this.#options = options;
  }

  /** So that Playwright keeps its own output. */
  printsToStdio(): boolean {
    return false;
  }

  onBegin(config: { readonly rootDir?: string }, suite: Suite): void {
    this.#suite = suite;
    this.#root = config.rootDir ?? '';
    this.#began = Date.now();
  }

  onEnd({ status }: { readonly status: string }): void {
    this.#status = status;
  }

  /** After every reporter's end: the HTML report is there by now. */
  async onExit(): Promise<void> {
    let tests: TestResult[] = [];
    try {
      tests = (this.#suite?.allTests() ?? []).map((test) => result(test, this.#root));
    } catch (error) {
      log('error', 'runners', 'playwright_results', `playwright: the results could not be read: ${(error as Error).message}`);
    }
    await publishRun({ runner: 'playwright', status: this.#status, began: this.#began, ended: Date.now(), tests }, this.#options);
  }
}

const STATUS = { expected: 'passed', unexpected: 'failed', flaky: 'flaky', skipped: 'skipped' } as const;

function result(test: TestCase, root: string): TestResult {
  // Of the whole path, without the root suite, the project and the file.
  const titles = test.titlePath().slice(3);
  return {
    title: titles.join(' › '),
    file: test.location && relative(root, test.location.file),
    status: STATUS[test.outcome()],
    seconds: test.results.reduce((sum, { duration }) => sum + duration, 0) / 1_000,
  };
}
