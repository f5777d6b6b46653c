/** What the drivers share of taking the trace on into the page's own requests, to the origins that a person has named. */
import { type Context, type SpanContext, isSpanContextValid, trace } from '@opentelemetry/api';

/** Addresses of these origins; `https://api.example.com:*` is any port. */
export function addressesOf(origins: readonly string[]): RegExp {
  const patterns = origins.map((origin) => origin.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\\\*$/, '(?::\\d+)?'));
  return new RegExp(`^(?:${patterns.join('|')})(?:[/?#]|$)`, 'i');
}

/** The span of the first of these that has one. */
export function firstSpan(candidates: readonly (Context | undefined)[]): SpanContext | undefined {
  for (const candidate of candidates) {
    const span = candidate && trace.getSpanContext(candidate);
    if (span !== undefined && isSpanContextValid(span)) return span;
  }
  return undefined;
}
