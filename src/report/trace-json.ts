/** Traces as data. */
import { ATTR } from '../conventions.ts';
import type { Trace } from './traces.ts';

export function traceJson(trace: Trace, { withSpans }: { readonly withSpans: boolean }): Readonly<Record<string, unknown>> {
  return {
    trace_id: trace.traceId,
    correlation_ids: trace.correlationIds.length > 0 ? trace.correlationIds : [trace.traceId],
    root: trace.root,
    started_at: iso(trace.start),
    seconds: seconds(trace.end - trace.start),
    span_count: trace.spans.length,
    failures: trace.failures,
    running: trace.running,
    abandoned: trace.abandoned,
    ...(withSpans && {
      spans: trace.spans.map(({ spanId, parentSpanId, name, start, end, state, failed, attributes, resource }) => ({
        span_id: spanId,
        parent_span_id: parentSpanId ?? null,
        name,
        state,
        failed,
        error_type: attributes[ATTR.ERROR_TYPE] ?? null,
        started_at: iso(start),
        seconds: end === undefined ? null : seconds(end - start),
        recorded_by: { pid: resource[ATTR.PROCESS_PID] ?? null, host: resource['host.name'] ?? null, service: resource['service.name'] ?? null },
        attributes,
      })),
    }),
  };
}

function iso(epochMs: number): string | null {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** To the nanosecond. */
function seconds(milliseconds: number): number {
  return Number((Math.max(0, milliseconds) / 1000).toFixed(9));
}
