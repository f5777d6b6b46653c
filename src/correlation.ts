/**
 * The correlation id: what ties together everything that one piece of work left, across processes and
 * traces. It is the trace id unless the app sets one, and travels as baggage.
 */
import { type Context, INVALID_TRACEID, type SpanContext, context, propagation, trace } from '@opentelemetry/api';
import { ATTR } from './conventions.ts';
import { runtime } from './runtime.ts';

/** Longer ids are cut: they are on every span and in every child's environment, where half a character cannot be. */
const MAX_LENGTH = 128;

function explicit(of: Context): string | undefined {
  return propagation.getBaggage(of)?.getEntry(ATTR.CORRELATION_ID)?.value;
}

/** The context with its correlation id made explicit, so that a child with traces of its own keeps it. */
export function withCorrelation(of: Context, id = correlation.id(of)): Context {
  if (id === undefined || explicit(of) === id) return of;
  const baggage = propagation.getBaggage(of) ?? propagation.createBaggage();
  return propagation.setBaggage(of, baggage.setEntry(ATTR.CORRELATION_ID, { value: id }));
}

/** The same as {@link correlation.id} of a context that has `span`, which need not be made for it. */
export function correlationOf(of: Context, span: SpanContext | undefined): string | undefined {
  const current = runtime();
  // Looking into the environment takes longer than all the rest, and every span comes by here.
  const set = explicit(of) ?? (current ? current.config.correlationId : process.env.SPOOR_CORRELATION_ID?.trim())?.slice(0, MAX_LENGTH).toWellFormed();
  if (set) return set;
  const root = current?.rootContext;
  return (root && explicit(root)) ?? real(span)?.traceId ?? (root && trace.getSpanContext(root)?.traceId);
}

/** Where tracing is suppressed or over, the active span is one without ids: zeros would tie together all that has none. */
function real(span: SpanContext | undefined): SpanContext | undefined {
  return span?.traceId === INVALID_TRACEID ? undefined : span;
}

/**
 * The id that ties together what one piece of work left, across processes and traces.
 *
 * ```js
 * await correlation.with('order-42', () => run());
 * const logger = pino({ mixin: () => correlation.logFields() });
 * ```
 */
export const correlation = {
  /**
   * The correlation id of a context (default: the active one): what `with` set, else `SPOOR_CORRELATION_ID`,
   * else what this process was started with, else the trace id. Undefined outside of any trace.
   */
  id(of: Context = context.active()): string | undefined {
    return correlationOf(of, trace.getSpanContext(of));
  },

  /**
   * Runs `fn` with a correlation id: on every span within, in every child started within.
   * Needs a context manager (any SDK's, or spoor's own after `start()`); without one `fn` just runs, as it does with
   * an id that is none. An id is cut at 128 characters.
   */
  with<T>(id: string | undefined, fn: () => T): T {
    // A header that was not there, say: `undefined` is nobody's id, and the one around this stays.
    if (id === undefined || id === null || id === '') return fn();
    const active = context.active();
    const baggage = propagation.getBaggage(active) ?? propagation.createBaggage();
    const value = String(id).slice(0, MAX_LENGTH).toWellFormed();
    return context.with(propagation.setBaggage(active, baggage.setEntry(ATTR.CORRELATION_ID, { value })), fn);
  },

  /** Fields for a log record: `{ correlation_id, trace_id, span_id }`, those that are known. For pino's `mixin`, winston's `format`. */
  logFields(): { correlation_id?: string; trace_id?: string; span_id?: string } {
    const active = context.active();
    const id = correlation.id(active);
    const span = real(trace.getSpanContext(active));
    return { ...(id !== undefined && { correlation_id: id }), ...(span && { trace_id: span.traceId, span_id: span.spanId }) };
  },
};
