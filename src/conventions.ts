/**
 * Every name that spoor puts on a span, a metric or a resource: one place, nothing else in it.
 *
 * Names follow the OpenTelemetry semantic conventions wherever one exists (CLI spans, GenAI agent spans,
 * `error.type`); the rest is under `spoor.`. `docs/reference.md` is generated from this file.
 */

/** Instrumentation scope of everything that spoor records. The version is that of the package. */
export const SCOPE = { name: 'spoor', version: '0.1.0' } as const;

/** OpenTelemetry's `SpanKind`, by number, so that this file imports nothing. */
export const SPAN_KIND = { INTERNAL: 0, CLIENT: 2 } as const;

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
  // exports
  // shipping
  SHIP_SIGNAL: 'spoor.ship.signal',
  REASON: 'reason',
} as const;

export type AttributeName = (typeof ATTR)[keyof typeof ATTR];

/** What an attribute says, for the reference and for whoever reads a span. */
export interface AttributeNote {
  /** `resource`: on the process; `line`: on the scope of a metrics line; `metric`: never on a span. */
  readonly on: 'span' | 'metric' | 'resource' | 'line';
  readonly type: 'string' | 'int' | 'boolean' | 'string[]' | 'map';
  readonly description: string;
  /** When it is there. */
  readonly present: string;
}

/** One note for each name in `ATTR`; the compiler holds the two together. Plain keys, so that bundles drop it. */
export const ATTRIBUTES: Readonly<Record<AttributeName, AttributeNote>> = {
  'error.type': { on: 'span', type: 'string', description: 'Why it failed: `exit_code`, `signal:SIGKILL`, `timeout`, `aborted`, `ENOENT`, `ERR_CHILD_PROCESS_STDIO_MAXBUFFER`, the name of an error, or what the app gave. The same on span and metric.', present: 'on failure only' },
  'service.instance.id': { on: 'resource', type: 'string', description: 'Random id of one runtime: each process and each worker thread has its own.', present: 'always' },
  'host.name': { on: 'resource', type: 'string', description: 'Name of the host.', present: 'always' },
  'thread.id': { on: 'resource', type: 'int', description: 'Thread id of the worker that wrote the line.', present: 'in worker threads' },
  'process.creation.time': { on: 'resource', type: 'string', description: 'When the process started, ISO 8601. With the pid it names a process for good.', present: 'always' },
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
  // exports
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

// exports

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
  // exports
] as const;
export const INSTRUMENTS = [
  SPAWN_DURATION, SPAWN_ACTIVE, TOKEN_USAGE, TELEMETRY_DROPPED,
  // selector operations
  // exports
  // shipping
  SHIP_UNSENT_SIZE, SHIP_UNSENT_AGE, SHIP_LAST_SUCCESS,
] as const;
