/** The one place where an operation starts and ends: its span, its numbers, its line on disk. */
import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  context,
  propagation,
  trace,
} from '@opentelemetry/api';
import { now, steady } from './clock.ts';
import { ATTR, type Instrument, type OperationKind, SCOPE } from './conventions.ts';
import { correlation } from './correlation.ts';
import { record } from './numbers.ts';
import { type EndedSpan, type Origin, type Runtime, lastRuntime, runtime } from './runtime.ts';

export interface OperationOptions {
  readonly attributes?: Attributes;
  readonly links?: Link[];
  /** Default: the active context; where that has no span, what the process was started with. */
  readonly parent?: Context;
  /** Milliseconds since the epoch; default: now. */
  readonly startTime?: number;
  /** A tracer of the app's own SDK; default: the runtime's, else the API's. */
  readonly tracer?: Tracer | undefined;
  /** Begins a trace of its own: `parent` gives baggage only. */
  readonly newTrace?: boolean;
  /** The process stands still until the end, so that nobody could ever see this operation among the active ones. */
  readonly blocking?: boolean;
}

export interface OperationEnd {
  /** Low in cardinality, the same on span and metric; `message` only when it cannot hold a secret. */
  readonly error?: { readonly type: string; readonly message?: string } | undefined;
  readonly attributes?: Attributes;
  /** What the numbers have, where that is not what was given to the operation: the caller has put it on the span. */
  readonly numbers?: Attributes;
  /** Milliseconds since the epoch; default: now. */
  readonly endTime?: number;
}

/** Starts an operation. Never throws; without any SDK it costs next to nothing and records nothing. */
export function startOperation(kind: OperationKind, name: string, options: OperationOptions = {}): Operation {
  return new Operation(kind, name, options, runtime());
}

/**
 * Records the number of an operation that gets no span: a cheap one, done by the thousand. Never throws.
 * @param seconds how long it took
 * @param attributes the same object for the same values, where the caller can: nothing is copied
 */
export function recordOperation(kind: OperationKind, seconds: number, attributes: Attributes): void {
  const current = runtime();
  record(current, kind.duration, seconds, attributes);
  current?.settled();
}

/** Records a number of such an operation besides its duration: before {@link recordOperation}, which writes them. */
export function recordNumber(instrument: Instrument, value: number, attributes: Attributes): void {
  record(runtime(), instrument, value, attributes);
}

/** What an operation has that was given no attributes. */
const NONE: Attributes = Object.freeze({});

/** Not by spreading: V8 makes a hidden class for each object that gets more after it was spread into, and those live long. */
function both(some: Attributes, more: Attributes): Attributes {
  return Object.assign({}, some, more);
}

/** What an operation's span is after a shutdown: then the app's own SDK does not get it either. */
const NOTHING = { startSpan: (_name: string, _options: SpanOptions, parent: Context): Span => trace.wrapSpanContext(trace.getSpanContext(parent) ?? INVALID_SPAN_CONTEXT) };

/** The SDK's spans, of either line. */
type Timed = Span & { readonly duration?: readonly [number, number] };

export class Operation {
  readonly span: Span;
  /** What it was started in; where that had no span, in what the process was. */
  readonly parent: Context;
  readonly #kind: OperationKind;
  readonly #runtime: Runtime | undefined;
  /** Whether another provider made the span, which then has to be handed to our files. */
  readonly #foreign: boolean;
  readonly #startTime: number | undefined;
  /** Only where the span will not tell its duration. */
  readonly #started: number;
  /** As they were at the start: the active count falls where it rose. */
  readonly #initial: Attributes;
  readonly #active: Instrument | undefined;
  #attributes: Attributes;
  #ended = false;

  constructor(kind: OperationKind, name: string, options: OperationOptions, current: Runtime | undefined) {
    const { tracer } = options;
    this.#kind = kind;
    this.#runtime = current;
    this.#foreign = current !== undefined && tracer !== undefined;
    this.parent = options.newTrace ? (options.parent ?? context.active()) : withRoot(options.parent ?? context.active(), current);
    this.#initial = this.#attributes = options.attributes ?? NONE;
    this.#startTime = options.startTime;
    const spanOptions: SpanOptions = { kind: kind.spanKind };
    if (options.attributes) spanOptions.attributes = options.attributes;
    if (options.links) spanOptions.links = options.links;
    if (options.newTrace) spanOptions.root = true;
    if (options.startTime !== undefined) spanOptions.startTime = options.startTime;
    this.span = (tracer ?? current ?? (lastRuntime() ? NOTHING : trace.getTracer(SCOPE.name, SCOPE.version))).startSpan(name, spanOptions, this.parent);
    this.#started = (this.span as Timed).duration ? 0 : steady();
    // The runtime does this for every span of its own.
    if (current === undefined || this.#foreign) {
      this.span.setAttribute(ATTR.CORRELATION_ID, correlation.id(this.parent) ?? this.span.spanContext().traceId);
    }
    this.#active = options.blocking ? undefined : kind.active;
    if (this.#active) record(current, this.#active, 1, this.#attributes);
    if (current && kind.logsStart && isSampled(this.span)) current.started(kind, this.span as unknown as EndedSpan);
  }

  /** A context in which this operation's span is the active one: for children and for propagation. */
  get context(): Context {
    return trace.setSpan(this.parent, this.span);
  }

  /** Those given at the start, and since. */
  get attributes(): Attributes {
    return this.#attributes;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Adds attributes to the span, and to the numbers those that the kind's metrics declare. */
  setAttributes(attributes: Attributes): void {
    if (this.#ended) return;
    this.#attributes = both(this.#attributes, attributes);
    this.span.setAttributes(attributes);
  }

  /** Records a number of this operation besides its duration, such as tokens used. */
  record(instrument: Instrument, value: number, attributes: Attributes = this.#attributes): void {
    record(this.#runtime, instrument, value, attributes, this.#origin());
  }

  /** Ends the operation. Only the first call counts: true for it, false for any other. */
  end({ error, attributes, numbers, endTime }: OperationEnd = {}): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    const { span } = this;
    let final = numbers ?? this.#attributes;
    if (attributes) {
      // Most that give them here gave none before: their object serves as it is.
      final = final === NONE ? attributes : both(final, attributes);
      span.setAttributes(attributes);
    }
    if (error) {
      if (final[ATTR.ERROR_TYPE] !== error.type) {
        final = { ...final, [ATTR.ERROR_TYPE]: error.type };
        span.setAttribute(ATTR.ERROR_TYPE, error.type);
      }
      span.setStatus({ code: SpanStatusCode.ERROR, ...(error.message !== undefined && { message: error.message }) });
    }
    if (this.#runtime) {
      const sequence = this.#runtime.nextSequence();
      span.setAttribute(ATTR.SEQUENCE, sequence);
      if ((span as Partial<EndedSpan>).droppedAttributesCount) {
        // As many attributes as a span may have are there already: also what its numbers are made from, should the process be killed.
        const kept = (span as unknown as EndedSpan).attributes;
        for (const name of this.#kind.duration.attributes) if (final[name] !== undefined) kept[name] = final[name];
        kept[ATTR.SEQUENCE] = sequence;
      }
    }
    const elapsed = (span as Timed).duration ? 0 : steady() - this.#started;
    span.end(endTime);
    if (this.#foreign && isReadable(span) && isSampled(span)) this.#runtime?.write(span);

    record(this.#runtime, this.#kind.duration, this.#seconds(elapsed, endTime), final, this.#origin());
    if (this.#active) record(this.#runtime, this.#active, -1, this.#initial);
    this.#runtime?.settled();
    return true;
  }

  /** Seconds from start to end, once it has ended, where the span tells. */
  get seconds(): number | undefined {
    const { duration } = this.span as Timed;
    return this.#ended && duration ? duration[0] + duration[1] / 1e9 : undefined;
  }

  /** The span's own duration where it tells one, so that span and number never differ. */
  #seconds(elapsed: number, endTime: number | undefined): number {
    const { duration } = this.span as Timed;
    if (duration) return duration[0] + duration[1] / 1e9;
    if (endTime === undefined && this.#startTime === undefined) return elapsed / 1000;
    return Math.max(0, (endTime ?? now()) - (this.#startTime ?? now() - elapsed)) / 1000;
  }

  #origin(): Origin | undefined {
    return isSampled(this.span) ? this.span.spanContext() : undefined;
  }
}

/** Where a context has no span, this process's root spans continue the trace of whoever started it. */
function withRoot(of: Context, current: Runtime | undefined): Context {
  if (current === undefined) return of;
  if (of === ROOT_CONTEXT) return current.rootContext;
  if (trace.getSpan(of) !== undefined) return of;
  const root = trace.getSpan(current.rootContext);
  const joined = root === undefined ? of : trace.setSpan(of, root);
  const baggage = propagation.getBaggage(of) ?? propagation.getBaggage(current.rootContext);
  return baggage === undefined ? joined : propagation.setBaggage(joined, baggage);
}

function isSampled(span: Span): boolean {
  return (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}

function isReadable(span: unknown): span is EndedSpan {
  return Array.isArray((span as Partial<EndedSpan>).endTime) && typeof (span as Partial<EndedSpan>).attributes === 'object';
}
