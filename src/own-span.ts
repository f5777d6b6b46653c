/**
 * The spans of operations, where spoor's own runtime makes them: what the SDK's spans are when no standard variable
 * asks for another sampler or other limits, in a third of the time and of the memory. After a fork all code and
 * memory is cold, and the less of it a spawn touches the less it costs.
 */
import {
  type AttributeValue,
  type Attributes,
  type Context,
  type Exception,
  type HrTime,
  INVALID_SPAN_CONTEXT,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';
import { addHrTimes, hrTimeDuration, isAttributeValue, isTimeInput, isTracingSuppressed, millisToHrTime, sanitizeAttributes } from '@opentelemetry/core';
import { now, steady } from './clock.ts';
import { ATTR } from './conventions.ts';
import { correlation } from './correlation.ts';
import { randomIds } from './random-ids.ts';
import type { EndedSpan } from './runtime.ts';

type Event = EndedSpan['events'][number] & { readonly droppedAttributesCount: number };
type KeptLink = EndedSpan['links'][number] & { readonly droppedAttributesCount: number };

/** What the spans of one runtime have in common. */
export interface Origin {
  readonly instrumentationScope: EndedSpan['instrumentationScope'];
  /** Takes each span when it has ended. */
  readonly onEnd: (span: EndedSpan) => void;
}

/** The SDK's default limit of attributes, events and links each, and of the attributes of an event or link. */
const MOST = 128;
const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });
const NONE: readonly never[] = Object.freeze([]);

/** Starts a span; one that records nothing where the parent is not sampled, or the context suppresses tracing. */
export function startOwnSpan(origin: Origin, name: string, options: SpanOptions, context: Context): Span {
  if (isTracingSuppressed(context)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  const of = options.root ? trace.deleteSpan(context) : context;
  const above = trace.getSpanContext(of);
  const parent = above !== undefined && isSpanContextValid(above) ? above : undefined;
  const traceFlags = parent === undefined ? TraceFlags.SAMPLED : parent.traceFlags & TraceFlags.SAMPLED;
  const own: SpanContext = { traceId: parent === undefined ? randomIds.generateTraceId() : parent.traceId, spanId: randomIds.generateSpanId(), traceFlags };
  if (parent?.traceState !== undefined) own.traceState = parent.traceState;
  if (traceFlags === TraceFlags.NONE) return trace.wrapSpanContext(own);
  const span = new OwnSpan(origin, name, options, own, parent);
  return span.setAttribute(ATTR.CORRELATION_ID, correlation.id(of) ?? own.traceId);
}

class OwnSpan implements Span, EndedSpan {
  name: string;
  readonly kind: number;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  endTime: HrTime;
  status = UNSET;
  readonly attributes: Attributes = {};
  links: readonly KeptLink[] = NONE;
  events: readonly Event[] = NONE;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  readonly #origin: Origin;
  readonly #context: SpanContext;
  /** On the steady clock; undefined where the start was given. */
  readonly #started: number | undefined;
  #count = 0;
  #ended = false;

  constructor(origin: Origin, name: string, { kind = 0, attributes, links, startTime }: SpanOptions, own: SpanContext, parent: SpanContext | undefined) {
    this.#origin = origin;
    this.#context = own;
    this.name = name;
    this.kind = kind;
    if (parent !== undefined) this.parentSpanContext = parent;
    this.startTime = this.endTime = startTime === undefined ? millisToHrTime(now()) : timeOf(startTime);
    this.#started = startTime === undefined ? steady() : undefined;
    if (attributes !== undefined) this.setAttributes(attributes);
    if (links !== undefined) this.addLinks(links);
  }

  get instrumentationScope(): EndedSpan['instrumentationScope'] {
    return this.#origin.instrumentationScope;
  }

  /** Zero until it has ended. */
  get duration(): HrTime {
    return hrTimeDuration(this.startTime, this.endTime);
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return !this.#ended;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.#ended || value == null || key === '' || !isAttributeValue(value)) return this;
    const isNew = this.attributes[key] === undefined || !Object.hasOwn(this.attributes, key);
    if (isNew && ++this.#count > MOST) this.droppedAttributesCount++;
    else this.attributes[key] = typeof value === 'object' ? [...value] as AttributeValue : value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const key of Object.keys(attributes ?? {})) this.setAttribute(key, attributes[key]!);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#ended) return this;
    const [attributes, at] = isTimeInput(attributesOrTime) ? [undefined, time ?? attributesOrTime] : [attributesOrTime, time];
    if (this.events.length === MOST) this.droppedEventsCount++;
    this.events = [...this.events.slice(1 - MOST), { name, time: this.#time(at), ...limited(attributes) }];
    return this;
  }

  addLink({ context, attributes }: Link): this {
    if (this.#ended) return this;
    if (this.links.length === MOST) this.droppedLinksCount++;
    this.links = [...this.links.slice(1 - MOST), { context, ...limited(attributes) }];
    return this;
  }

  addLinks(links: readonly Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: SpanStatus): this {
    if (this.#ended || code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this;
    this.status = code === SpanStatusCode.ERROR && typeof message === 'string' ? { code, message } : { code };
    return this;
  }

  updateName(name: string): this {
    if (!this.#ended) this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const { code, name, message, stack } = typeof exception === 'string' ? { message: exception } : ((exception ?? {}) as { code?: string | number; name?: string; message?: string; stack?: string });
    const type = code ? String(code) : name;
    if (!type && !message) return;
    this.addEvent('exception', { ...(type && { 'exception.type': type }), ...(message && { [ATTR.EXCEPTION_MESSAGE]: message }), ...(stack && { [ATTR.EXCEPTION_STACKTRACE]: stack }) }, time);
  }

  end(endTime?: TimeInput): void {
    if (this.#ended) return;
    const end = this.#time(endTime);
    // A clock that went back, or a time that was given: it took no time then.
    if (hrTimeDuration(this.startTime, end)[0] >= 0) this.endTime = end;
    this.#ended = true;
    this.#origin.onEnd(this);
  }

  #time(given: TimeInput | undefined): HrTime {
    if (given !== undefined) return timeOf(given);
    if (this.#started === undefined) return millisToHrTime(now());
    return addHrTimes(this.startTime, millisToHrTime(steady() - this.#started));
  }
}

/** Not the core package's, which loads `performance` with it. A number is one of `performance.now()` where it is far from any date: no system is half as old as the epoch. */
function timeOf(time: TimeInput): HrTime {
  if (Array.isArray(time)) return time;
  if (time instanceof Date) return millisToHrTime(time.getTime());
  return millisToHrTime(time < now() / 2 ? performance.timeOrigin + time : time);
}

function limited(given: Attributes | undefined): { readonly attributes?: Attributes; readonly droppedAttributesCount: number } {
  const valid = Object.entries(sanitizeAttributes(given));
  const attributes = Object.fromEntries(valid.slice(0, MOST));
  return { ...(valid.length > 0 && { attributes }), droppedAttributesCount: Math.max(valid.length - MOST, 0) };
}
