/**
 * Every name that spoor puts on a span, a metric or a resource: one place, nothing else in it.
 *
 * Names follow the OpenTelemetry semantic conventions wherever one exists (CLI spans, GenAI agent spans,
 * `error.type`); the rest is under `spoor.`. `docs/reference.md` is generated from this file.
 */

/** Instrumentation scope of everything that spoor records. The version is that of the package. */
export const SCOPE = { name: 'spoor', version: '0.1.0' } as const;

/** OpenTelemetry's `SpanKind`, by number, so that this file imports nothing. */
const SPAN_KIND = { INTERNAL: 0, CLIENT: 2 } as const;

export const ATTR = {
  ERROR_TYPE: 'error.type',
  SERVICE_INSTANCE_ID: 'service.instance.id',
  HOST_NAME: 'host.name',
  THREAD_ID: 'thread.id',
  PROCESS_CREATION_TIME: 'process.creation.time',
  PROCESS_EXECUTABLE_NAME: 'process.executable.name',
  PROCESS_PID: 'process.pid',
  PROCESS_EXIT_CODE: 'process.exit.code',
  PROCESS_COMMAND_ARGS: 'process.command_args',
  GEN_AI_OPERATION_NAME: 'gen_ai.operation.name',
  GEN_AI_PROVIDER_NAME: 'gen_ai.provider.name',
  GEN_AI_AGENT_NAME: 'gen_ai.agent.name',
  GEN_AI_AGENT_ID: 'gen_ai.agent.id',
  GEN_AI_REQUEST_MODEL: 'gen_ai.request.model',
  GEN_AI_TOKEN_TYPE: 'gen_ai.token.type',
  GEN_AI_USAGE_INPUT_TOKENS: 'gen_ai.usage.input_tokens',
  GEN_AI_USAGE_OUTPUT_TOKENS: 'gen_ai.usage.output_tokens',
  METRIC_OVERFLOW: 'otel.metric.overflow',
  CORRELATION_ID: 'spoor.correlation.id',
  SEQUENCE: 'spoor.sequence',
  FINAL: 'spoor.final',
  PROCESS_SPACE: 'spoor.process.space',
  RUNTIME_ID: 'spoor.runtime.id',
  RUNTIMES: 'spoor.runtimes',
  SPAWN_KIND: 'spoor.spawn.kind',
  SPAWN_ID: 'spoor.spawn.id',
  SPAWN_ARGUMENT_COUNT: 'spoor.spawn.argument_count',
  SPAWN_SHELL: 'spoor.spawn.shell',
  SPAWN_DETACHED: 'spoor.spawn.detached',
  SPAWN_SIGNAL: 'spoor.spawn.signal',
  SPAWN_THREAD_ID: 'spoor.spawn.thread_id',
  SPAWN_ROLE: 'spoor.spawn.role',
  SPAWN_TASK: 'spoor.spawn.task',
  SPAWN_SOURCE: 'spoor.spawn.source',
  SPAWN_PARENT_ID: 'spoor.spawn.parent_id',
  SPAWN_OUTCOME: 'spoor.spawn.outcome',
  /** On a line in `starts/`: another process will end it, so the one that began it need not be there. */
  SPAWN_ENDS_ELSEWHERE: 'spoor.spawn.ends_elsewhere',
  SPAWN_TOOL_USAGE: 'spoor.spawn.tool_usage',
  // selector operations
  URL_FULL: 'url.full',
  USER_AGENT_ORIGINAL: 'user_agent.original',
  USER_AGENT_NAME: 'user_agent.name',
  USER_AGENT_VERSION: 'user_agent.version',
  EXCEPTION_MESSAGE: 'exception.message',
  EXCEPTION_STACKTRACE: 'exception.stacktrace',
  CODE_FILE_PATH: 'code.file.path',
  CODE_LINE_NUMBER: 'code.line.number',
  TEST_CASE_NAME: 'test.case.name',
  TEST_CASE_RESULT_STATUS: 'test.case.result.status',
  TEST_STATUS: 'spoor.test.status',
  TEST_RETRY: 'spoor.test.retry',
  TEST_PROJECT: 'spoor.test.project',
  SELECTOR_OPERATION: 'spoor.selector.operation',
  SELECTOR_NAME: 'spoor.selector.name',
  SELECTOR_STRATEGY: 'spoor.selector.strategy',
  SELECTOR_DRIVER: 'spoor.selector.driver',
  SELECTOR_DRIVER_VERSION: 'spoor.selector.driver_version',
  SELECTOR_OUTCOME: 'spoor.selector.outcome',
  SELECTOR_FAILURES_ONLY: 'spoor.selector.failures_only',
  SELECTOR_TEXT: 'spoor.selector.text',
  SELECTOR_HASH: 'spoor.selector.hash',
  SELECTOR_ENGINE: 'spoor.selector.engine',
  SELECTOR_FINGERPRINT: 'spoor.selector.fingerprint',
  SELECTOR_MATCH_COUNT: 'spoor.selector.match_count',
  SELECTOR_RETRY_COUNT: 'spoor.selector.retry_count',
  SELECTOR_WAIT_TIME: 'spoor.selector.wait_time',
  SELECTOR_REQUEST_COUNT: 'spoor.selector.request_count',
  SELECTOR_PAGE_ID: 'spoor.selector.page_id',
  SELECTOR_FRAME_ID: 'spoor.selector.frame_id',
  SELECTOR_VIEWPORT: 'spoor.selector.viewport',
  SELECTOR_PAGE: 'spoor.selector.page',
  SELECTOR_TITLE: 'spoor.selector.title',
  SELECTOR_SESSION: 'spoor.selector.session',
  SELECTOR_TAB: 'spoor.selector.tab',
  SELECTOR_EXPECTED: 'spoor.selector.expected',
  SELECTOR_STRATEGIES: 'spoor.selector.strategies',
  SELECTOR_STRATEGY_TIMES: 'spoor.selector.strategy_times',
  SELECTOR_PRIMARY: 'spoor.selector.primary',
  SELECTOR_SECONDARY: 'spoor.selector.secondary',
  SELECTOR_ATTEMPT: 'spoor.selector.attempt',
  SELECTOR_ATTEMPT_COUNT: 'spoor.selector.attempt_count',
  SELECTOR_SWITCH_COUNT: 'spoor.selector.switch_count',
  SELECTOR_FALLBACK: 'spoor.selector.fallback',
  SELECTOR_VALIDATED: 'spoor.selector.validated',
  SELECTOR_RECOVERED: 'spoor.selector.recovered',
  SELECTOR_CONFIDENCE: 'spoor.selector.confidence',
  SELECTOR_CONFIDENCE_SOURCE: 'spoor.selector.confidence.source',
  SELECTOR_DRIFT: 'spoor.selector.drift',
  SELECTOR_MEMORY: 'spoor.selector.memory',
  SELECTOR_CPU_TIME: 'spoor.selector.cpu_time',
  SELECTOR_DOM_OPERATIONS: 'spoor.selector.dom_operations',
  // exports
  EXPORT_RUN_ID: 'spoor.export.run.id',
  EXPORT_WRITER: 'spoor.export.writer',
  EXPORT_ARTIFACT_TYPE: 'spoor.export.artifact_type',
  EXPORT_OUTCOME: 'spoor.export.outcome',
  EXPORT_SKIP_REASON: 'spoor.export.skip_reason',
  EXPORT_ARTIFACTS: 'spoor.export.artifacts',
  EXPORT_WRITTEN: 'spoor.export.written',
  EXPORT_FAILED: 'spoor.export.failed',
  EXPORT_SKIPPED: 'spoor.export.skipped',
  EXPORT_HANDED_OVER: 'spoor.export.handed_over',
  EXPORT_ATTEMPTS: 'spoor.export.attempts',
  ARTIFACT_FILENAME: 'artifact.filename',
  ARTIFACT_HASH: 'artifact.hash',
  CICD_PIPELINE_NAME: 'cicd.pipeline.name',
  CICD_PIPELINE_RUN_ID: 'cicd.pipeline.run.id',
  CICD_PIPELINE_RUN_URL_FULL: 'cicd.pipeline.run.url.full',
  CICD_PIPELINE_TASK_NAME: 'cicd.pipeline.task.name',
  CICD_PIPELINE_TASK_RUN_ID: 'cicd.pipeline.task.run.id',
  CICD_PIPELINE_TASK_RUN_URL_FULL: 'cicd.pipeline.task.run.url.full',
  VCS_REPOSITORY_URL_FULL: 'vcs.repository.url.full',
  VCS_REF_HEAD_NAME: 'vcs.ref.head.name',
  VCS_REF_HEAD_REVISION: 'vcs.ref.head.revision',
  VCS_CHANGE_ID: 'vcs.change.id',
  // shipping
  SHIP_SIGNAL: 'spoor.ship.signal',
  REASON: 'reason',
} as const;

export type AttributeName = (typeof ATTR)[keyof typeof ATTR];

/** What an attribute says, for the reference and for whoever reads a span. */
export interface AttributeNote {
  /** `resource`: on the process; `line`: on the scope of a metrics line; `metric`: never on a span. */
  readonly on: 'span' | 'metric' | 'resource' | 'line';
  readonly type: 'string' | 'int' | 'double' | 'boolean' | 'string[]' | 'double[]' | 'map';
  readonly description: string;
  /** When it is there. */
  readonly present: string;
}

/** One note for each name in `ATTR`; the compiler holds the two together. Plain keys, so that bundles drop it. */
export const ATTRIBUTES: Readonly<Record<AttributeName, AttributeNote>> = {
  'error.type': { on: 'span', type: 'string', description: 'Why it failed: `exit_code`, `signal:SIGKILL`, `timeout`, `aborted`, `ENOENT`, `ERR_CHILD_PROCESS_STDIO_MAXBUFFER`, the name of an error, or what the app gave. The same on span and metric.', present: 'on failure only' },
  'service.instance.id': { on: 'resource', type: 'string', description: 'Random id of one runtime: each process and each worker thread has its own. What `OTEL_RESOURCE_ATTRIBUTES` says, where it does.', present: 'always' },
  'host.name': { on: 'resource', type: 'string', description: 'Name of the host.', present: 'always' },
  'thread.id': { on: 'resource', type: 'int', description: 'Thread id of the worker that wrote the line.', present: 'in worker threads' },
  'process.creation.time': { on: 'resource', type: 'string', description: 'When the process started, ISO 8601.', present: 'always' },
  'process.executable.name': { on: 'span', type: 'string', description: 'Base name of what was executed; the shell for shell commands.', present: 'on child processes' },
  'process.pid': { on: 'span', type: 'int', description: "Process id of the child; in a resource, the writing process's own.", present: 'when the child started' },
  'process.exit.code': { on: 'span', type: 'int', description: 'Exit code.', present: 'when it exited by itself' },
  'process.command_args': { on: 'span', type: 'string[]', description: 'The arguments, scrubbed of what looks like a secret.', present: 'with `SPOOR_RECORD_ARGUMENTS=true` only' },
  'gen_ai.operation.name': { on: 'span', type: 'string', description: '`invoke_agent`.', present: 'on agents' },
  'gen_ai.provider.name': { on: 'span', type: 'string', description: 'Who serves the model.', present: 'when given' },
  'gen_ai.agent.name': { on: 'span', type: 'string', description: 'Name of the agent.', present: 'on agents' },
  'gen_ai.agent.id': { on: 'span', type: 'string', description: 'Id of the agent.', present: 'when given' },
  'gen_ai.request.model': { on: 'span', type: 'string', description: 'Model that was asked for.', present: 'when given' },
  'gen_ai.token.type': { on: 'metric', type: 'string', description: '`input` or `output`.', present: 'always' },
  'gen_ai.usage.input_tokens': { on: 'span', type: 'int', description: 'Tokens read.', present: 'when given' },
  'gen_ai.usage.output_tokens': { on: 'span', type: 'int', description: 'Tokens written.', present: 'when given' },
  'otel.metric.overflow': { on: 'metric', type: 'boolean', description: 'The series that all attribute sets over the cap (`SPOOR_MAX_SERIES`) are folded into.', present: 'on that series only' },
  'spoor.correlation.id': { on: 'span', type: 'string', description: 'Ties together the spans of one piece of work across processes: the trace id unless the app sets one.', present: "always, other libraries' spans included" },
  'spoor.sequence': { on: 'span', type: 'int', description: 'Which operation of its runtime this was, by the order of the ends, from 1. On a metrics line: the last operation whose numbers are in it or before it.', present: "always, on spoor's own" },
  'spoor.process.space': { on: 'resource', type: 'string', description: 'Kernel, pid namespace and when the process started in ticks since boot, `<kernel>:<namespace>:<start>`. Among processes with the same first two, which the containers of a pod do not share, a pid means the same; with the third it names a process for good, whatever becomes of the clock.', present: 'always' },
  'spoor.runtime.id': { on: 'resource', type: 'string', description: 'Random id of one runtime, as `service.instance.id` is where nobody sets that.', present: 'where `OTEL_RESOURCE_ATTRIBUTES` has a `service.instance.id`' },
  'spoor.final': { on: 'line', type: 'boolean', description: 'The last line of a runtime that came to its end: nothing is missing from its numbers.', present: 'on the line written at exit' },
  'spoor.runtimes': { on: 'line', type: 'map', description: 'The last sequence number of each runtime that is folded into this line.', present: 'on compacted lines' },
  'spoor.spawn.kind': { on: 'span', type: 'string', description: 'How it was started: `exec`, `execFile`, `spawn`, `fork`, `execSync`, `execFileSync`, `spawnSync`, `worker`, `agent`.', present: 'always' },
  'spoor.spawn.id': { on: 'span', type: 'string', description: 'Id of the spawn, also in the ledger.', present: 'on agents' },
  'spoor.spawn.argument_count': { on: 'span', type: 'int', description: 'Number of arguments. The arguments themselves are not recorded by default.', present: 'on child processes' },
  'spoor.spawn.shell': { on: 'span', type: 'boolean', description: 'It was run by a shell.', present: 'when so' },
  'spoor.spawn.detached': { on: 'span', type: 'boolean', description: 'It was started detached, so it may outlive its parent; its span ends with the start.', present: 'when so' },
  'spoor.spawn.signal': { on: 'span', type: 'string', description: 'Signal that ended it.', present: 'when a signal ended it' },
  'spoor.spawn.thread_id': { on: 'span', type: 'int', description: "The worker's thread id.", present: 'on workers' },
  'spoor.spawn.role': { on: 'span', type: 'string', description: 'What the agent was started as, such as `builder` (prior systems call it caste).', present: 'when given' },
  'spoor.spawn.task': { on: 'span', type: 'string', description: 'What the agent was asked to do, of bounded length. Never a metric attribute.', present: 'when given' },
  'spoor.spawn.source': { on: 'span', type: 'string', description: 'What chose the model: a rule, a default, a person.', present: 'when given' },
  'spoor.spawn.parent_id': { on: 'span', type: 'string', description: 'Id of the spawn that started this one.', present: 'when given' },
  'spoor.spawn.outcome': { on: 'span', type: 'string', description: '`completed`, `failed`, `blocked` or `abandoned`; separate from the status of the span.', present: 'on agents that ended' },
  'spoor.spawn.ends_elsewhere': { on: 'span', type: 'boolean', description: 'On a line in `starts/` only: `spoor spawn end` will end it, so the process that began it need not be there.', present: 'agents begun with `spoor spawn start`' },
  'spoor.spawn.tool_usage': { on: 'span', type: 'string', description: 'How often the agent used which tool, as JSON.', present: 'when given' },
  // selector operations
  'url.full': { on: 'span', type: 'string', description: 'Address of the page, without credentials, values of the query, and fragment; of a `data:` URL the media type only.', present: 'when the driver knows it without asking the browser' },
  'user_agent.original': { on: 'span', type: 'string', description: 'The user agent that the context was given.', present: 'when the app set one' },
  'user_agent.name': { on: 'span', type: 'string', description: 'Name of the browser, such as `chromium`.', present: 'when the driver knows it' },
  'user_agent.version': { on: 'span', type: 'string', description: 'Version of the browser.', present: 'when the driver knows it' },
  'exception.message': { on: 'span', type: 'string', description: 'What the error said: scrubbed, without quoted texts and without the call log.', present: 'on failure, with `SPOOR_RECORD_SELECTOR_ERRORS=true` only' },
  'exception.stacktrace': { on: 'span', type: 'string', description: 'Where the error came from: its frames alone.', present: 'on failure, with `SPOOR_RECORD_SELECTOR_ERRORS=true` only' },
  'code.file.path': { on: 'span', type: 'string', description: "The test's file, relative to the root of the tests.", present: 'on tests' },
  'code.line.number': { on: 'span', type: 'int', description: "The test's line.", present: 'on tests' },
  'test.case.name': { on: 'span', type: 'string', description: 'Titles of the test and of the groups that it is in.', present: 'on tests' },
  'test.case.result.status': { on: 'span', type: 'string', description: '`pass` or `fail`: whether the attempt did what was expected of it.', present: 'on tests that ran' },
  'spoor.test.status': { on: 'span', type: 'string', description: "The test runner's own word: `passed`, `failed`, `timedOut`, `skipped`, `interrupted`.", present: 'on tests' },
  'spoor.test.retry': { on: 'span', type: 'int', description: 'Which attempt this was: 0 the first.', present: 'on tests' },
  'spoor.test.project': { on: 'span', type: 'string', description: 'Project of the test.', present: 'when it has a name' },
  'spoor.selector.operation': { on: 'span', type: 'string', description: 'What was done: `click`, `fill`, `waitForSelector`, `to.be.visible`, `count` … A method of the driver, never a text of the app.', present: 'on selector operations' },
  'spoor.selector.name': { on: 'span', type: 'string', description: 'Name under which the app resolves the selector; its hash with `SPOOR_HASH_SELECTOR_NAMES=true`.', present: 'when the app gave one' },
  'spoor.selector.strategy': { on: 'span', type: 'string', description: 'Strategy that was tried, or that succeeded.', present: 'when the app has strategies' },
  'spoor.selector.driver': { on: 'span', type: 'string', description: '`playwright`, `puppeteer`, `selenium`, or what the app named.', present: 'on selector operations' },
  'spoor.selector.driver_version': { on: 'span', type: 'string', description: "The driver's version.", present: 'when the driver tells it' },
  'spoor.selector.outcome': { on: 'span', type: 'string', description: '`completed` or `failed`; separate from the status of the span.', present: 'on selector operations' },
  'spoor.selector.failures_only': { on: 'span', type: 'boolean', description: 'Operations like this one have no span when they go well: how many did is in the numbers only.', present: 'on cheap reads that failed; with `SPOOR_SELECTOR_SPANS=failures` on all that failed' },
  'spoor.selector.text': { on: 'span', type: 'string', description: 'The selector, with every text in it, digits and ids replaced, and cut at 256 characters.', present: 'when there is a selector' },
  'spoor.selector.hash': { on: 'span', type: 'string', description: 'Stable hash of the selector as it is in `spoor.selector.text`, before the cut. The same in every process and version.', present: 'when there is a selector' },
  'spoor.selector.engine': { on: 'span', type: 'string', description: '`css`, `xpath`, `role`, `text`, `testid`, `label`, `placeholder`, `alt`, `title`, `aria`, `link` …: of the last part that finds something.', present: 'when there is a selector' },
  'spoor.selector.fingerprint': { on: 'span', type: 'string', description: 'What was found: tag, role, test id and stable classes of the element, without any text.', present: 'when the driver tells it' },
  'spoor.selector.match_count': { on: 'span', type: 'int', description: 'Elements that the selector found.', present: 'when the driver tells it' },
  'spoor.selector.retry_count': { on: 'span', type: 'int', description: "Times that the driver tried again, by its own account.", present: 'when the driver tells it' },
  'spoor.selector.wait_time': { on: 'span', type: 'double', description: 'Seconds until the element was there and could be acted on.', present: 'when the driver tells it' },
  'spoor.selector.request_count': { on: 'span', type: 'int', description: 'Network requests that the page began during the operation.', present: 'when the driver reports requests anyway' },
  'spoor.selector.page_id': { on: 'span', type: 'string', description: "The driver's id of the page.", present: 'when there is one' },
  'spoor.selector.frame_id': { on: 'span', type: 'string', description: "The driver's id of the frame.", present: 'when there is one' },
  'spoor.selector.viewport': { on: 'span', type: 'string', description: 'Size that the page was given, such as `1280x720`.', present: 'when the driver knows it' },
  'spoor.selector.page': { on: 'span', type: 'string', description: 'Name that the app gives the page, such as `checkout`. At most 100 different ones a process, then `(other)`.', present: 'when given' },
  'spoor.selector.title': { on: 'span', type: 'string', description: 'Title of the page, scrubbed, without quoted texts and digits.', present: 'when given' },
  'spoor.selector.session': { on: 'span', type: 'string', description: "The app's id of the browser session.", present: 'when given' },
  'spoor.selector.tab': { on: 'span', type: 'string', description: "The app's id of the tab.", present: 'when given' },
  'spoor.selector.expected': { on: 'span', type: 'string', description: '`one` or `many` elements.', present: 'on `resolve`' },
  'spoor.selector.strategies': { on: 'span', type: 'string[]', description: 'Names of the strategies, in the order in which they are tried.', present: 'on `resolve`' },
  'spoor.selector.strategy_times': { on: 'span', type: 'double[]', description: 'Seconds that each of them took, in the same order; 0 for those not tried.', present: 'on `resolve`' },
  'spoor.selector.primary': { on: 'span', type: 'string', description: 'The strategy tried first.', present: 'on `resolve`' },
  'spoor.selector.secondary': { on: 'span', type: 'string', description: 'The strategy tried when the first finds nothing.', present: 'on `resolve` with several strategies' },
  'spoor.selector.attempt': { on: 'span', type: 'int', description: 'Which attempt of its `resolve` this was: 1 the first.', present: 'on `attempt`' },
  'spoor.selector.attempt_count': { on: 'span', type: 'int', description: 'Attempts that were made.', present: 'on `resolve`' },
  'spoor.selector.switch_count': { on: 'span', type: 'int', description: 'How often another strategy was tried than just before.', present: 'on `resolve`' },
  'spoor.selector.fallback': { on: 'span', type: 'boolean', description: 'Whether another strategy than the first found it.', present: 'on `resolve` that found something' },
  'spoor.selector.validated': { on: 'span', type: 'boolean', description: "Whether what was found passed the app's validation.", present: 'when the app validates' },
  'spoor.selector.recovered': { on: 'span', type: 'boolean', description: 'Whether it was found after all, when an attempt had failed with an error or was repeated.', present: 'on `resolve` with such an attempt' },
  'spoor.selector.confidence': { on: 'span', type: 'double', description: 'How sure it is that the right element was found, 0 to 1.', present: 'on `resolve` that found something' },
  'spoor.selector.confidence.source': { on: 'span', type: 'string', description: '`reported` by the app, or `estimated`: weight of the strategy × uniqueness × how often it has found this selector. The same on span and metric.', present: 'with a confidence' },
  'spoor.selector.drift': { on: 'span', type: 'double', description: 'How much what was found differs from what was found before, 0 to 1. Above 0.5: found, but something else.', present: 'when there is a fingerprint, and an earlier one' },
  'spoor.selector.memory': { on: 'span', type: 'int', description: 'Bytes that the page used.', present: 'when the app reports it' },
  'spoor.selector.cpu_time': { on: 'span', type: 'double', description: 'Seconds of CPU that the page used meanwhile.', present: 'when the app reports it' },
  'spoor.selector.dom_operations': { on: 'span', type: 'int', description: 'Changes of the document meanwhile.', present: 'when the app reports it' },
  // exports
  'spoor.export.run.id': { on: 'span', type: 'string', description: 'Id of the publish; its manifest is in `exports/<id>/`.', present: 'on exports' },
  'spoor.export.writer': { on: 'span', type: 'string', description: 'What wrote: `filesystem`, `command`, `github` …', present: 'on writes' },
  'spoor.export.artifact_type': { on: 'span', type: 'string', description: 'What kind of thing was written, as the app says: `report`, `transcript` …; `mixed` where several went as one.', present: 'on writes' },
  'spoor.export.outcome': { on: 'span', type: 'string', description: '`written`, `failed`, `skipped` or `handed_over` (an agent uploads it later). On a publish: `written` when nothing failed, else `failed`.', present: 'on exports' },
  'spoor.export.skip_reason': { on: 'span', type: 'string', description: 'Why it was not tried or not done: `command_not_found`, `unavailable` …', present: 'on skipped writes' },
  'spoor.export.artifacts': { on: 'span', type: 'int', description: 'How many artifacts.', present: 'on publishes, and on writes of several as one' },
  'spoor.export.written': { on: 'span', type: 'int', description: 'Writes that were done.', present: 'on publishes' },
  'spoor.export.failed': { on: 'span', type: 'int', description: 'Writes that failed.', present: 'on publishes' },
  'spoor.export.skipped': { on: 'span', type: 'int', description: 'Writes that were skipped.', present: 'on publishes' },
  'spoor.export.handed_over': { on: 'span', type: 'int', description: 'Writes that an agent does later.', present: 'on publishes' },
  'spoor.export.attempts': { on: 'span', type: 'int', description: 'How often it was tried.', present: 'on writes that were tried again' },
  'artifact.filename': { on: 'span', type: 'string', description: 'Name of the artifact.', present: 'on writes of one artifact' },
  'artifact.hash': { on: 'span', type: 'string', description: 'SHA-256 of the artifact, in hexadecimal.', present: 'on writes of one artifact whose bytes were read' },
  'cicd.pipeline.name': { on: 'span', type: 'string', description: 'Name of the pipeline or workflow.', present: 'on publishes in CI' },
  'cicd.pipeline.run.id': { on: 'span', type: 'string', description: 'Id of the run of the pipeline.', present: 'on publishes in CI' },
  'cicd.pipeline.run.url.full': { on: 'span', type: 'string', description: 'Address of the run.', present: 'on publishes in CI' },
  'cicd.pipeline.task.name': { on: 'span', type: 'string', description: 'Name of the job.', present: 'on publishes in CI' },
  'cicd.pipeline.task.run.id': { on: 'span', type: 'string', description: 'Id of the run of the job.', present: 'on publishes in CI' },
  'cicd.pipeline.task.run.url.full': { on: 'span', type: 'string', description: 'Address of the run of the job.', present: 'on publishes in CI' },
  'vcs.repository.url.full': { on: 'span', type: 'string', description: 'Address of the repository, without credentials.', present: 'on publishes in CI' },
  'vcs.ref.head.name': { on: 'span', type: 'string', description: 'Branch or tag that was built.', present: 'on publishes in CI' },
  'vcs.ref.head.revision': { on: 'span', type: 'string', description: 'Commit that was built.', present: 'on publishes in CI' },
  'vcs.change.id': { on: 'span', type: 'string', description: 'Number of the pull or merge request.', present: 'on publishes for one' },
  // shipping
  'spoor.ship.signal': { on: 'metric', type: 'string', description: 'What is sent: `traces` or `metrics`.', present: 'always' },
  reason: { on: 'metric', type: 'string', description: 'Why items were dropped.', present: 'always' },
};

/** One metric. `attributes` is the whole list of attributes that may become metric attributes. */
export interface Instrument {
  readonly name: string;
  readonly type: 'histogram' | 'counter' | 'updowncounter' | 'gauge';
  /** UCUM unit. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly string[];
}

/** What spoor observes: how its span is named, and which numbers it leaves. */
export interface OperationKind {
  readonly name: string;
  /** The span's name, as a pattern for the reference; the instrumentation makes the name itself. */
  readonly spanName: string;
  readonly spanKind: number;
  readonly description: string;
  /** Seconds from start to end. */
  readonly duration: Instrument;
  /** How many are running, if that is counted. */
  readonly active?: Instrument;
  /** Whether its start is a line on disk too, so that a reader knows what was running when a process died. */
  readonly logsStart: boolean;
}

const SPAWN_ATTRIBUTES = [
  ATTR.SPAWN_KIND,
  ATTR.PROCESS_EXECUTABLE_NAME,
  ATTR.SPAWN_ROLE,
  ATTR.GEN_AI_REQUEST_MODEL,
  ATTR.SPAWN_SOURCE,
] as const;

export const SPAWN_DURATION: Instrument = {
  name: 'spoor.spawn.duration',
  type: 'histogram',
  unit: 's',
  description: 'Time from the start of a child process, worker or agent to its end.',
  attributes: [...SPAWN_ATTRIBUTES, ATTR.SPAWN_OUTCOME, ATTR.ERROR_TYPE],
};

export const SPAWN_ACTIVE: Instrument = {
  name: 'spoor.spawn.active',
  type: 'updowncounter',
  unit: '{spawn}',
  description: 'Child processes, workers and agents that are running.',
  attributes: SPAWN_ATTRIBUTES,
};

export const TOKEN_USAGE: Instrument = {
  name: 'gen_ai.client.token.usage',
  type: 'histogram',
  unit: '{token}',
  description: 'Tokens that an agent used.',
  attributes: [
    ATTR.GEN_AI_OPERATION_NAME,
    ATTR.GEN_AI_PROVIDER_NAME,
    ATTR.GEN_AI_REQUEST_MODEL,
    ATTR.GEN_AI_TOKEN_TYPE,
    ATTR.SPAWN_ROLE,
  ],
};

export const TELEMETRY_DROPPED: Instrument = {
  name: 'spoor.telemetry.dropped',
  type: 'counter',
  unit: '{item}',
  description: 'Spans, numbers and ledger records that could not be kept, by reason.',
  attributes: [ATTR.REASON],
};

export const PROCESS_SPAWN: OperationKind = {
  name: 'process',
  spanName: '{process.executable.name}',
  spanKind: SPAN_KIND.CLIENT,
  description: 'A child process, from its start to its exit.',
  duration: SPAWN_DURATION,
  active: SPAWN_ACTIVE,
  logsStart: true,
};

export const WORKER_SPAWN: OperationKind = {
  name: 'worker',
  spanName: 'worker {file name}',
  spanKind: SPAN_KIND.INTERNAL,
  description: 'A worker thread, from its start to its exit.',
  duration: SPAWN_DURATION,
  active: SPAWN_ACTIVE,
  logsStart: true,
};

export const AGENT_SPAWN: OperationKind = {
  name: 'agent',
  spanName: 'invoke_agent {gen_ai.agent.name}',
  spanKind: SPAN_KIND.INTERNAL,
  description: 'An agent that an orchestrator started, from the decision to the outcome.',
  duration: SPAWN_DURATION,
  active: SPAWN_ACTIVE,
  logsStart: true,
};

// selector operations

const SELECTOR_ATTRIBUTES = [ATTR.SELECTOR_OPERATION, ATTR.SELECTOR_NAME, ATTR.SELECTOR_STRATEGY, ATTR.SELECTOR_DRIVER, ATTR.SELECTOR_PAGE, ATTR.SELECTOR_OUTCOME, ATTR.ERROR_TYPE] as const;

export const SELECTOR_DURATION: Instrument = {
  name: 'spoor.selector.duration',
  type: 'histogram',
  unit: 's',
  description: 'Time from the call of a selector operation to its end, waiting included.',
  attributes: SELECTOR_ATTRIBUTES,
};

export const SELECTOR_WAIT: Instrument = {
  name: 'spoor.selector.wait',
  type: 'histogram',
  unit: 's',
  description: 'The part of it until the element was there and could be acted on, where the driver tells.',
  attributes: SELECTOR_ATTRIBUTES,
};

export const SELECTOR_ATTEMPTS: Instrument = {
  name: 'spoor.selector.attempts',
  type: 'counter',
  unit: '{attempt}',
  description: 'Strategies that were tried to resolve a selector.',
  attributes: SELECTOR_ATTRIBUTES,
};

export const SELECTOR_RETRIES: Instrument = {
  name: 'spoor.selector.retries',
  type: 'counter',
  unit: '{retry}',
  description: 'Times that the driver tried again within an operation, where it tells.',
  attributes: SELECTOR_ATTRIBUTES,
};

export const SELECTOR_FALLBACKS: Instrument = {
  name: 'spoor.selector.fallbacks',
  type: 'counter',
  unit: '{fallback}',
  description: 'Selectors that were found by another strategy than the first.',
  attributes: SELECTOR_ATTRIBUTES,
};

export const SELECTOR_CONFIDENCE: Instrument = {
  name: 'spoor.selector.confidence',
  type: 'histogram',
  unit: '1',
  description: 'How sure it is that the right element was found, from 0 to 1. What the app reports and what spoor estimates are never in one series.',
  attributes: [...SELECTOR_ATTRIBUTES, ATTR.SELECTOR_CONFIDENCE_SOURCE],
};

export const SELECTOR_DRIFT: Instrument = {
  name: 'spoor.selector.drift',
  type: 'histogram',
  unit: '1',
  description: 'How much what was found differs from what was found before, from 0 to 1.',
  attributes: SELECTOR_ATTRIBUTES,
};

/** A find with more drift than this is called "found, but something else". A power of two: a boundary of the histogram's buckets, so that readers count exactly. */
export const HIGH_DRIFT = 0.5;

export const TEST_DURATION: Instrument = {
  name: 'spoor.test.duration',
  type: 'histogram',
  unit: 's',
  description: 'Time of one attempt of a test.',
  attributes: [ATTR.TEST_STATUS, ATTR.TEST_PROJECT, ATTR.ERROR_TYPE],
};

export const SELECTOR_OPERATION: OperationKind = {
  name: 'selector',
  spanName: '{operation} {selector name}',
  spanKind: SPAN_KIND.CLIENT,
  description: 'One call of a browser driver: an action, a wait, a query or an assertion; or `resolve`, a selector that the app resolves by strategies, with an `attempt` for each that it tries. Without a registered name the span is named by the operation alone.',
  duration: SELECTOR_DURATION,
  logsStart: false,
};

export const TEST_ATTEMPT: OperationKind = {
  name: 'test',
  spanName: 'test {title}',
  spanKind: SPAN_KIND.INTERNAL,
  description: 'One attempt of a test of Playwright Test.',
  duration: TEST_DURATION,
  logsStart: false,
};

// exports

const EXPORT_ATTRIBUTES = [ATTR.EXPORT_WRITER, ATTR.EXPORT_ARTIFACT_TYPE, ATTR.EXPORT_OUTCOME, ATTR.EXPORT_SKIP_REASON, ATTR.ERROR_TYPE] as const;

export const EXPORT_DURATION: Instrument = {
  name: 'spoor.export.duration',
  type: 'histogram',
  unit: 's',
  description: 'Time that one write took; the series without a writer are whole publishes.',
  attributes: EXPORT_ATTRIBUTES,
};

export const EXPORT_SIZE: Instrument = {
  name: 'spoor.export.size',
  type: 'histogram',
  unit: 'By',
  description: 'Size of what was written, for each artifact and writer.',
  attributes: EXPORT_ATTRIBUTES,
};

export const EXPORT_PUBLISH: OperationKind = {
  name: 'publish',
  spanName: 'publish {name}',
  spanKind: SPAN_KIND.INTERNAL,
  description: 'Artifacts published to all their destinations, from the call to the manifest.',
  duration: EXPORT_DURATION,
  logsStart: false,
};

export const EXPORT_WRITE: OperationKind = {
  name: 'write',
  spanName: 'write {writer}',
  spanKind: SPAN_KIND.INTERNAL,
  description: 'One artifact given to one writer, or several to a writer that takes them as one.',
  duration: EXPORT_DURATION,
  logsStart: false,
};

// shipping

export const SHIP_UNSENT_SIZE: Instrument = {
  name: 'spoor.ship.unsent_size',
  type: 'gauge',
  unit: 'By',
  description: 'Bytes in the directory that the backend has not acknowledged.',
  attributes: [ATTR.SHIP_SIGNAL],
};

export const SHIP_UNSENT_AGE: Instrument = {
  name: 'spoor.ship.unsent_age',
  type: 'gauge',
  unit: 's',
  description: 'Age of the oldest line that the backend has not acknowledged; 0 when there is none.',
  attributes: [ATTR.SHIP_SIGNAL],
};

export const SHIP_LAST_SUCCESS: Instrument = {
  name: 'spoor.ship.last_success',
  type: 'gauge',
  unit: 's',
  description: 'When the backend last acknowledged a request, in seconds since 1970.',
  attributes: [ATTR.SHIP_SIGNAL],
};

export const OPERATION_KINDS = [
  PROCESS_SPAWN, WORKER_SPAWN, AGENT_SPAWN,
  // selector operations
  SELECTOR_OPERATION, TEST_ATTEMPT,
  // exports
  EXPORT_PUBLISH, EXPORT_WRITE,
] as const;
export const INSTRUMENTS = [
  SPAWN_DURATION, SPAWN_ACTIVE, TOKEN_USAGE, TELEMETRY_DROPPED,
  // selector operations
  SELECTOR_DURATION, SELECTOR_WAIT, SELECTOR_ATTEMPTS, SELECTOR_RETRIES, SELECTOR_FALLBACKS, SELECTOR_CONFIDENCE, SELECTOR_DRIFT, TEST_DURATION,
  // exports
  EXPORT_DURATION, EXPORT_SIZE,
  // shipping
  SHIP_UNSENT_SIZE, SHIP_UNSENT_AGE, SHIP_LAST_SUCCESS,
] as const;
