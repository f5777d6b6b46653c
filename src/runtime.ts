/**
 * What spoor is in this process: one object, shared by every copy of the package that is loaded
 * (the preloaded bundle, the ES modules that the app imports, a second installed version).
 *
 * It hangs on a registered symbol because the copies cannot see each other's modules. Whoever is first
 * installs it; the others use it. Without one (`spoor/instrument` in an app with its own SDK, or nothing
 * started at all) operations go through the OpenTelemetry API alone.
 */
import type { Attributes, Context, Span, SpanContext, SpanOptions, TracerProvider } from '@opentelemetry/api';
import type { Config } from './config.ts';
import type { Instrument, OperationKind } from './conventions.ts';

/** Where a number came from: becomes an exemplar. */
export interface Origin {
  readonly traceId: string;
  readonly spanId: string;
}

/** Takes the numbers of operations: the rollup, where spoor keeps one. Never throws. */
export interface Recorder {
  /** `value` is checked (finite, in range); only the attributes that the instrument declares are kept. */
  record(instrument: Instrument, value: number, attributes: Attributes, origin?: Origin): void;
}

/** The part of an ended span that is written: structurally the SDK's `ReadableSpan`, of either line. */
export interface EndedSpan {
  readonly name: string;
  readonly kind: number;
  readonly spanContext: () => SpanContext;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: readonly [number, number];
  readonly endTime: readonly [number, number];
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: Attributes;
  readonly links: readonly { readonly context: SpanContext; readonly attributes?: Attributes }[];
  readonly events: readonly {
    readonly name: string;
    readonly time: readonly [number, number];
    readonly attributes?: Attributes;
  }[];
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  readonly instrumentationScope: { readonly name: string; readonly version?: string };
}

/** What is known of a span when it starts. */
export type StartedSpan = Pick<EndedSpan, 'name' | 'spanContext' | 'parentSpanContext' | 'startTime' | 'attributes'>;

export interface Health {
  /** `recording`: all is well. `degraded`: something was dropped or could not be written; see the rest. */
  readonly state: 'recording' | 'degraded' | 'off';
  /** The directory that is written to, or undefined where files are off. */
  readonly directory: string | undefined;
  /** Items that could not be kept since the start, by reason; without those that were deleted for their age. */
  readonly dropped: Readonly<Record<string, number>>;
  /** What went wrong last, in words. */
  readonly lastError: string | undefined;
}

export interface Runtime {
  readonly version: string;
  readonly config: Config;
  /** For the spans that the app makes: every sampled one is written. The SDK loads when it is asked for; undefined where it is gone. */
  readonly tracerProvider: TracerProvider | undefined;
  /** Whether that one is ours. */
  hasMade(provider: TracerProvider): boolean;
  /** Starts the span of an operation. */
  startSpan(name: string, options: SpanOptions, context: Context): Span;
  readonly recorder: Recorder;
  /**
   * Parent of the spans that have no other: the context that this process was started with (TRACEPARENT, BAGGAGE …),
   * and while a test of a test runner runs in it, the test's.
   */
  rootContext: Context;
  /** Number of this process's next ended operation. A reader uses it to match numbers with spans. */
  nextSequence(): number;
  /** The numbers of the operation with the last sequence are recorded: time to write them, perhaps. */
  settled(): void;
  /** An operation of a kind with `logsStart` has begun: a line in `starts/`. */
  started(kind: OperationKind, span: StartedSpan): void;
  /** Writes one ended span that another provider made. */
  write(span: EndedSpan): void;
  /** Counts items that could not be kept. */
  dropped(reason: string, count?: number): void;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  /** Whether it was shut down: nothing is recorded any more. */
  readonly closed: boolean;
  health(): Health;
}

const KEY = Symbol.for('spoor.runtime');
type Slot = { [KEY]?: { load(): Runtime | undefined; last(): Runtime | undefined } };

/** The runtime of this process, loaded now if an entry has promised one. Undefined when nothing was started, or it was shut down. */
export function runtime(): Runtime | undefined {
  return (globalThis as Slot)[KEY]?.load();
}

/** The same, also when it was shut down: what recorded here before must not begin to go elsewhere, and its faults are known. */
export function lastRuntime(): Runtime | undefined {
  return (globalThis as Slot)[KEY]?.last();
}

/** Undefined where it was deleted. */
export function workingDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/**
 * Promises a runtime to every copy of spoor in this process; `load` runs once, when it is first needed, and is
 * told the working directory of now: the app may have gone elsewhere until then. It runs again where it calls `notNow`.
 * False when there is one already.
 */
export function provideRuntime(load: (cwd: string | undefined, notNow: () => void) => Runtime | undefined): boolean {
  const slot = globalThis as Slot;
  if (slot[KEY] !== undefined) return false;
  const cwd = workingDirectory();
  let loaded: Runtime | undefined;
  let tried = false;
  const once = (): Runtime | undefined => {
    if (!tried) {
      tried = true;
      loaded = load(cwd, () => void (tried = false));
    }
    return loaded?.closed ? undefined : loaded;
  };
  Object.defineProperty(slot, KEY, { value: { load: once, last: () => loaded }, configurable: true });
  return true;
}
