/** The spans: a row for each that ended in the window. */
import { hash } from 'node:crypto';
import { relative } from 'node:path';
import { ATTR } from '../conventions.ts';
import { milliseconds, plainAttributes } from '../report/otlp.ts';
import { SpanIds } from '../report/span-ids.ts';
import { type FullSpan, parseTraceLine } from '../report/trace-line.ts';
import { eachLine, filesSince } from '../store/read.ts';
import type { RecordedRequest } from './recorded-rollups.ts';
import type { Row } from './recorded-rows.ts';

export const spanRows = {
  columns: ['trace_id', 'span_id', 'parent_span_id', 'name', 'scope', 'started_at', 'seconds', 'failed', 'error_type', 'service', 'host', 'pid', 'attributes'],
  each({ since, ...read }: RecordedRequest, onRow: (row: Row) => void): void {
    const seen = new SpanIds();
    // Who writes at least once, or beside the runtime, leaves two lines of one span.
    const isNew = ({ span: { traceId, spanId } }: FullSpan): boolean => seen.add(hash('sha256', traceId + spanId));
    for (const { path } of filesSince(read, 'traces', since)) {
      eachLine(path, read, (buffer, from, to) => {
        const spans = parseTraceLine(buffer.toString('utf8', from, to));
        if (spans === undefined) read.aside.line(relative(read.directory, path), 'not an OTLP trace request');
        for (const span of spans ?? []) if (milliseconds(span.span.endTimeUnixNano) >= since && isNew(span)) onRow(rowOf(span));
      });
    }
  },
};

function rowOf({ span, source: { resource, scope } }: FullSpan): Row {
  const start = milliseconds(span.startTimeUnixNano);
  const attributes = plainAttributes(span.attributes);
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId || undefined,
    name: span.name,
    scope,
    started_at: Math.abs(start) < 8.64e15 ? new Date(start).toISOString() : undefined,
    // To the nanosecond.
    seconds: Number((Math.max(0, milliseconds(span.endTimeUnixNano) - start) / 1_000).toFixed(9)),
    failed: span.status?.code === 2,
    error_type: attributes[ATTR.ERROR_TYPE],
    service: resource['service.name'],
    host: resource[ATTR.HOST_NAME],
    pid: resource[ATTR.PROCESS_PID],
    attributes,
  };
}
