/**
 * For vitest (4 or later): `spoor/vitest`.
 *
 * ```js
 * // vitest.config.js
 * export default { test: { reporters: ['default', ['spoor/vitest', { to: 'github,dir:out' }]], setupFiles: ['./setup.js'] } };
 * // setup.js: each test is a span, and a failing one names its trace
 * import { aroundEach } from 'vitest';
 * import { traced } from 'spoor/vitest';
 * aroundEach(traced);
 * ```
 *
 * Run it with `spoor run -- vitest`, or with `spoor/register` preloaded, so that there is something to see.
 */
import { relative } from 'node:path';
import { log } from '../log.ts';
import { type RunReporterOptions, publishRun } from './publish-run.ts';
import type { TestResult } from './run-report.ts';

export type { RunReporterOptions } from './publish-run.ts';
export { traced } from './vitest-trace.ts';

/** What is read of vitest's reported tasks. */
interface TestCase {
  readonly name: string;
  readonly fullName: string;
  readonly module: { readonly relativeModuleId?: string; readonly moduleId: string };
  result(): { readonly state: string };
  diagnostic(): { readonly duration: number; readonly flaky?: boolean } | undefined;
  meta(): object;
  readonly task?: { readonly annotations?: { message: string; type: string }[] };
}

interface TestModule {
  readonly children: { allTests(): Iterable<TestCase> };
}

type Ends = { onTestRunEnd?: (...values: unknown[]) => unknown };

/** A vitest reporter that publishes the run: its outcome, what spoor saw, the ids of failing traces, and files. */
export default class SpoorReporter {
  readonly #options: RunReporterOptions;
  readonly #others: Promise<unknown>[] = [];
  #began = Date.now();

  constructor(options: RunReporterOptions = {}) {
    this.#options = options;
  }

  /** vitest ends all reporters at once, and the files that the others write are to be published. */
  onInit(vitest: object): void {
    for (const other of (vitest as { readonly reporters?: readonly Ends[] }).reporters ?? []) {
      const end = other?.onTestRunEnd;
      if ((other as unknown) === this || typeof end !== 'function') continue;
      other.onTestRunEnd = (...values) => {
        const ended = Reflect.apply(end, other, values);
        this.#others.push(Promise.resolve(ended));
        return ended;
      };
    }
  }

  onTestRunStart(): void {
    this.#began = Date.now();
  }

  /** The other reporters show it with the test. */
  onTestCaseResult(test: TestCase): void {
    try {
      const { traceId } = (test.meta() as { readonly spoor?: { readonly traceId?: string } }).spoor ?? {};
      if (traceId !== undefined && test.result().state === 'failed') test.task?.annotations?.push({ message: `spoor traces ${traceId}`, type: 'trace' });
    } catch (error) {
      log('error', 'runners', 'vitest_annotation', `vitest: a trace could not be named: ${(error as Error).message}`);
    }
  }

  async onTestRunEnd(modules: readonly TestModule[], _errors: unknown, reason: string): Promise<void> {
    let tests: TestResult[] = [];
    try {
      tests = modules.flatMap(({ children }) => Array.from(children.allTests(), result));
    } catch (error) {
      log('error', 'runners', 'vitest_results', `vitest: the results could not be read: ${(error as Error).message}`);
    }
    const ended = Date.now();
    // All have been called once this goes on.
    await Promise.resolve();
    await Promise.allSettled(this.#others.splice(0));
    await publishRun({ runner: 'vitest', status: reason, began: this.#began, ended, tests }, this.#options);
  }
}

function result(test: TestCase): TestResult {
  const { state } = test.result();
  const diagnostic = test.diagnostic();
  return {
    title: test.fullName.replaceAll(' > ', ' › '),
    file: test.module.relativeModuleId ?? relative('', test.module.moduleId),
    status: state === 'failed' ? 'failed' : state === 'passed' ? (diagnostic?.flaky ? 'flaky' : 'passed') : 'skipped',
    seconds: (diagnostic?.duration ?? 0) / 1_000,
  };
}
