/**
 * Under Playwright Test each attempt of a test is a span. A worker tells its runner when an attempt begins and
 * ends; we listen to that, so that no hook, step or fixture of ours is in anyone's report.
 */
import { type Context, ROOT_CONTEXT, type Tracer, context, trace } from '@opentelemetry/api';
import { ATTR, TEST_ATTEMPT } from '../conventions.ts';
import { withCorrelation } from '../correlation.ts';
import { atExit } from '../listeners.ts';
import { type Operation, startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import { redactTitle } from '../selectors/redaction.ts';
import { relative } from 'node:path';

/** What is read of Playwright Test's `test.info()`. */
interface TestInfo {
  readonly title?: unknown;
  readonly titlePath?: unknown;
  readonly file?: unknown;
  readonly line?: unknown;
  readonly retry?: unknown;
  readonly project?: { readonly name?: unknown };
  readonly config?: { readonly rootDir?: unknown };
}

interface Message {
  readonly method?: unknown;
  readonly params?: { readonly method?: unknown; readonly params?: { readonly testId?: unknown; readonly status?: unknown; readonly expectedStatus?: unknown } };
}

let current: { readonly id: unknown; readonly operation: Operation; readonly leave: () => void } | undefined;

/** Context of the test that runs now. */
export function currentTest(): Context | undefined {
  return current?.operation.context;
}

const WATCHED = Symbol.for('spoor.patch.playwright-test');

/** @param runner the module that has `test` */
export function watchTests(runner: unknown, tracer: () => Tracer | undefined): void {
  try {
    const { test } = runner as { test?: { info?: () => TestInfo } };
    const send = process.send as (NodeJS.Process['send'] & { [WATCHED]?: true }) | undefined;
    if (typeof test?.info !== 'function' || typeof send !== 'function' || send[WATCHED]) return;
    const info = test.info.bind(test);
    const watching = function (this: unknown, ...args: unknown[]): unknown {
      observe(args[0] as Message, info, tracer);
      return Reflect.apply(send, this, args);
    };
    Object.defineProperties(watching, { ...Object.getOwnPropertyDescriptors(send), [WATCHED]: { value: true } });
    atExit(interrupt);
    Object.defineProperty(process, 'send', { ...Object.getOwnPropertyDescriptor(process, 'send'), value: watching });
  } catch {
    runtime()?.dropped('instrumentation_fault');
  }
}

function observe(message: Message, info: () => TestInfo, tracer: () => Tracer | undefined): void {
  try {
    if (message?.method !== '__dispatch__') return;
    const { method, params } = message.params ?? {};
    if (method === 'testBegin') begin(params?.testId, info(), tracer());
    else if (method === 'testEnd' && current !== undefined && current.id === params?.testId) end(params?.status, params?.expectedStatus);
  } catch {
    runtime()?.dropped('instrumentation_fault');
  }
}

function begin(id: unknown, info: TestInfo, tracer: Tracer | undefined): void {
  interrupt();
  const { title, titlePath, file, line, retry, project, config } = info;
  const own = runtime();
  // The trace that started this worker has many tests: each gets one of its own, which knows where it comes from.
  const started = own ? withCorrelation(own.rootContext) : context.active();
  const spawn = trace.getSpanContext(started);
  const titles = Array.isArray(titlePath) ? titlePath.slice(1).map(String) : [String(title)];
  const operation = startOperation(TEST_ATTEMPT, `test ${redactTitle(String(title))}`, {
    newTrace: true,
    parent: own ? trace.deleteSpan(started) : ROOT_CONTEXT,
    ...(spawn && { links: [{ context: spawn }] }),
    attributes: {
      [ATTR.TEST_CASE_NAME]: redactTitle(titles.join(' › ')),
      ...(typeof file === 'string' && { [ATTR.CODE_FILE_PATH]: typeof config?.rootDir === 'string' ? relative(config.rootDir, file) : file }),
      ...(typeof line === 'number' && { [ATTR.CODE_LINE_NUMBER]: line }),
      ...(typeof retry === 'number' && { [ATTR.TEST_RETRY]: retry }),
      ...(typeof project?.name === 'string' && project.name !== '' && { [ATTR.TEST_PROJECT]: redactTitle(project.name) }),
    },
    tracer,
  });
  // One test at a time in a worker: whatever begins meanwhile and has no other parent is the test's.
  const before = own?.rootContext;
  if (own) own.rootContext = operation.context;
  current = {
    id,
    operation,
    leave: () => {
      if (own && before) own.rootContext = before;
      current = undefined;
    },
  };
}

/** The worker ends, or goes on, without having told of the end of the test. */
function interrupt(): void {
  try {
    if (current !== undefined) end('interrupted', undefined);
  } catch {
    runtime()?.dropped('instrumentation_fault');
  }
}

/** What the runner calls a failed attempt. A status that was expected is no error. */
const ERRORS: Readonly<Record<string, string>> = { failed: 'test_failed', timedOut: 'timeout', interrupted: 'interrupted', passed: 'unexpected_pass' };

function end(status: unknown, expected: unknown): void {
  const { operation, leave } = current!;
  leave();
  const word = typeof status === 'string' ? status : 'unknown';
  const isFailure = word !== 'skipped' && word !== expected;
  operation.end({
    attributes: { [ATTR.TEST_STATUS]: word, ...(word !== 'skipped' && { [ATTR.TEST_CASE_RESULT_STATUS]: isFailure ? 'fail' : 'pass' }) },
    ...(isFailure && { error: { type: ERRORS[word] ?? word } }),
  });
}
