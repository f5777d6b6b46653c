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
import { isAbsolute, relative } from 'node:path';
import { ROOT_CONTEXT, context, isSpanContextValid, trace } from '@opentelemetry/api';
import { ATTR, TEST_ATTEMPT } from '../conventions.ts';
import { log } from '../log.ts';
import { startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import { redactTitle } from '../selectors/redaction.ts';
import { type RunReporterOptions, publishRun } from './publish-run.ts';
import type { TestResult } from './run-report.ts';

export type { RunReporterOptions } from './publish-run.ts';

/** What is read of vitest's test context. */
interface TestContext {
  readonly task: {
    readonly name: string;
    readonly location?: { readonly line?: number };
    readonly file?: { readonly name?: string };
    readonly result?: { readonly state?: string; readonly retryCount?: number } | undefined;
    readonly suite?: unknown;
    readonly meta: object;
  };
}

/**
 * For vitest's `aroundEach`: a test is a span, what it starts is in its trace, and when it fails its trace's id is
 * in the test's `meta`, and with the reporter an annotation in vitest's own reports. Without a recording spoor the
 * test just runs.
 */
export async function traced(runTest: () => Promise<void>, test: TestContext): Promise<void> {
  const operation = begin(test);
  if (operation === undefined) return runTest();
  try {
    await context.with(operation.context, runTest);
  } finally {
    const { state, retryCount = 0 } = test.task.result ?? {};
    const isFailure = state === 'fail';
    operation.end({
      attributes: { [ATTR.TEST_STATUS]: isFailure ? 'failed' : state === 'skip' ? 'skipped' : 'passed', [ATTR.TEST_RETRY]: retryCount, ...(state !== 'skip' && { [ATTR.TEST_CASE_RESULT_STATUS]: isFailure ? 'fail' : 'pass' }) },
      ...(isFailure && { error: { type: 'test_failed' } }),
    });
    // A test that has failed takes no annotation any more: the reporter makes one of this.
    if (isFailure) Object.assign(test.task.meta, { spoor: { traceId: operation.span.spanContext().traceId } });
  }
}

function begin({ task }: TestContext) {
  try {
    if (runtime() === undefined) return undefined;
    const started = trace.getSpanContext(runtime()!.rootContext);
    const names = [task.name];
    for (let suite = task.suite as { name?: string; suite?: unknown } | undefined; suite?.name; suite = suite.suite as typeof suite) names.unshift(suite.name);
    const { file, location } = task;
    const operation = startOperation(TEST_ATTEMPT, `test ${redactTitle(task.name)}`, {
      newTrace: true,
      parent: ROOT_CONTEXT,
      ...(started && { links: [{ context: started }] }),
      attributes: {
        [ATTR.TEST_CASE_NAME]: redactTitle(names.join(' › ')),
        ...(file?.name !== undefined && { [ATTR.CODE_FILE_PATH]: isAbsolute(file.name) ? relative('', file.name) : file.name }),
        ...(location?.line !== undefined && { [ATTR.CODE_LINE_NUMBER]: location.line }),
      },
    });
    return isSpanContextValid(operation.span.spanContext()) ? operation : undefined;
  } catch (error) {
    log('error', 'runners', 'test_span', `vitest: a test could not be traced: ${(error as Error).message}; it runs as ever`);
    return undefined;
  }
}

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
