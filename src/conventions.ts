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
  SPAWN_TOOL_USAGE: 'spoor.spawn.tool_usage',
  REASON: 'reason',
} as const;

/** One metric. `attributes` is the whole list of attributes that may become metric attributes. */
export interface Instrument {
  readonly name: string;
  readonly type: 'histogram' | 'counter' | 'updowncounter';
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

export const OPERATION_KINDS = [PROCESS_SPAWN, WORKER_SPAWN, AGENT_SPAWN] as const;
export const INSTRUMENTS = [SPAWN_DURATION, SPAWN_ACTIVE, TOKEN_USAGE, TELEMETRY_DROPPED] as const;
