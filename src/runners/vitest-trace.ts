/** A test of vitest as a span. */
import { isAbsolute, relative } from 'node:path';
import { ROOT_CONTEXT, context, isSpanContextValid, trace } from '@opentelemetry/api';
import { ATTR, TEST_ATTEMPT } from '../conventions.ts';
import { log } from '../log.ts';
import { startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import { redactTitle } from '../selectors/redaction.ts';

/** What is read of vitest's test context. */
interface TestContext {
  readonly task: {
    readonly name: string;
    readonly location?: { readonly line?: number };
    readonly file?: { readonly name?: string };
    readonly result?: { readonly state?: string; readonly retryCount?: number } | undefined;
    readonly suite?: unknown;
    /** It is expected to fail. */
    readonly fails?: boolean | undefined;
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
    const hasFailed = state === 'fail';
    // `test.fails`: vitest turns the result round later.
    const isFailure = state !== 'skip' && hasFailed !== (test.task.fails === true);
    operation.end({
      attributes: { [ATTR.TEST_STATUS]: hasFailed ? 'failed' : state === 'skip' ? 'skipped' : 'passed', [ATTR.TEST_RETRY]: retryCount, ...(state !== 'skip' && { [ATTR.TEST_CASE_RESULT_STATUS]: isFailure ? 'fail' : 'pass' }) },
      ...(isFailure && { error: { type: hasFailed ? 'test_failed' : 'unexpected_pass' } }),
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
