/**
 * Trace context, baggage and correlation id through the environment of a process
 * (OpenTelemetry specification, "Environment Variables as Context Propagation Carriers").
 */
import { type Baggage, type Context, ROOT_CONTEXT, type SpanContext, defaultTextMapGetter, isSpanContextValid, propagation, trace } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator, isTracingSuppressed } from '@opentelemetry/core';
import { ATTR } from './conventions.ts';
import { correlationOf, withCorrelation } from './correlation.ts';

const w3cBaggage = new W3CBaggagePropagator();
/** The W3C formats whatever the app's own propagators are: the child may be in any language. */
export const propagator = new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), w3cBaggage] });

/** The variables that carry a context; undefined: not to be there. */
export type Carried = Record<'TRACEPARENT' | 'TRACESTATE' | 'BAGGAGE', string | undefined>;

/**
 * The environment for a child: a copy of `env` with TRACEPARENT, TRACESTATE and BAGGAGE of `context`,
 * the correlation id among the baggage. What was there of these is replaced; `env` is not touched.
 */
export function carry(context: Context, env: NodeJS.ProcessEnv): Record<string, string> {
  const variables = carried(context);
  const copy: Record<string, string> = {};
  // As Node copies an environment: inherited keys too, undefined left out.
  for (const name in env) {
    const value = env[name];
    // Names are case-insensitive on Windows: a stale `TraceParent` would win there.
    if (value !== undefined && !((process.platform === 'win32' ? name.toUpperCase() : name) in variables)) copy[name] = value;
  }
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) copy[name] = value;
  return copy;
}

/**
 * What {@link carry} replaces. By hand where that is easily done: after a fork the propagators' cold code takes longer than all else.
 * @param span the context's, or the one that it is to have: to make a context takes a map and three closures
 */
export function carried(context: Context, span = trace.getSpanContext(context)): Carried {
  if (isTracingSuppressed(context)) return { TRACEPARENT: undefined, TRACESTATE: undefined, BAGGAGE: undefined };
  const { traceparent, tracestate } = span && isSpanContextValid(span) ? traceHeaders(span) : {};
  return { TRACEPARENT: traceparent, TRACESTATE: tracestate, BAGGAGE: baggageOf(context, correlationOf(context, span)) };
}

function baggageOf(context: Context, id: string | undefined): string | undefined {
  const baggage = propagation.getBaggage(context);
  if (baggage !== undefined && baggage.getAllEntries().length > 0) return serialized(propagation.getBaggage(withCorrelation(context, id)) ?? baggage);
  return id === undefined ? undefined : `${ATTR.CORRELATION_ID}=${encodeURIComponent(id)}`;
}

let last: { readonly baggage: Baggage; readonly text: string | undefined } | undefined;

/** One baggage goes to many children. */
function serialized(baggage: Baggage): string | undefined {
  if (last?.baggage !== baggage) {
    let text: string | undefined;
    try {
      w3cBaggage.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), undefined, { set: (_carrier, _name, value) => (text = value) });
    } catch {
      // An entry of the app's with half a character, which cannot be encoded: the child gets none of them.
    }
    last = { baggage, text };
  }
  return last.text;
}

/** W3C Trace Context, as the headers of a request. */
export function traceHeaders({ traceId, spanId, traceFlags, traceState }: SpanContext): { traceparent: string; tracestate?: string } {
  const traceparent = `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize();
  return tracestate ? { traceparent, tracestate } : { traceparent };
}

/** The context that this process was started with; the root context when it was started with none. */
export function contextOf(env: NodeJS.ProcessEnv): Context {
  const carrier = { traceparent: env.TRACEPARENT, tracestate: env.TRACESTATE, baggage: env.BAGGAGE };
  return propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}
