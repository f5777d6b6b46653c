/**
 * Trace context, baggage and correlation id through the environment of a process
 * (OpenTelemetry specification, "Environment Variables as Context Propagation Carriers").
 */
import { type Context, ROOT_CONTEXT, defaultTextMapGetter } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { EnvironmentSetter } from '@opentelemetry/propagator-env-carrier';
import { withCorrelation } from './correlation.ts';

/** The W3C formats whatever the app's own propagators are: the child may be in any language. */
export const propagator = new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] });
const CARRIED = new Set(['TRACEPARENT', 'TRACESTATE', 'BAGGAGE']);

/**
 * The environment for a child: a copy of `env` with TRACEPARENT, TRACESTATE and BAGGAGE of `context`,
 * the correlation id among the baggage. What was there of these is replaced; `env` is not touched.
 */
export function carry(context: Context, env: NodeJS.ProcessEnv): Record<string, string> {
  const copy: Record<string, string> = {};
  // As Node copies an environment: inherited keys too, undefined left out.
  for (const name in env) {
    const value = env[name];
    if (value !== undefined) copy[name] = value;
  }
  // Names are case-insensitive on Windows: a stale `TraceParent` would win there.
  if (process.platform === 'win32') {
    for (const name of Object.keys(copy)) if (CARRIED.has(name.toUpperCase())) delete copy[name];
  } else {
    delete copy.TRACEPARENT;
    delete copy.TRACESTATE;
    delete copy.BAGGAGE;
  }
  propagator.inject(withCorrelation(context), undefined, new EnvironmentSetter(copy));
  return copy;
}

/** The context that this process was started with; the root context when it was started with none. */
export function contextOf(env: NodeJS.ProcessEnv): Context {
  const carrier = { traceparent: env.TRACEPARENT, tracestate: env.TRACESTATE, baggage: env.BAGGAGE };
  return propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}
