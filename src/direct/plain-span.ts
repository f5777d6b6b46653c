/** A span as it can be handed to a thread. */
import type { SpanContext } from '@opentelemetry/api';
import type { EndedSpan } from '../runtime.ts';
import type { PlainContext, PlainSpan } from './messages.ts';

export function plain(span: EndedSpan): PlainSpan {
  const { name, kind, startTime, endTime, status, attributes, events, droppedAttributesCount, droppedEventsCount, droppedLinksCount, instrumentationScope } = span;
  return {
    name,
    kind,
    startTime,
    endTime,
    status,
    attributes,
    events,
    droppedAttributesCount,
    droppedEventsCount,
    droppedLinksCount,
    instrumentationScope,
    context: plainContext(span.spanContext()),
    parent: span.parentSpanContext && plainContext(span.parentSpanContext),
    links: span.links.map((link) => ({ droppedAttributesCount: 0, ...link, context: plainContext(link.context) })),
  };
}

function plainContext({ traceId, spanId, traceFlags, isRemote, traceState }: SpanContext): PlainContext {
  return { traceId, spanId, traceFlags, ...(isRemote ? { isRemote } : {}), ...(traceState ? { traceState: traceState.serialize() } : {}) };
}
