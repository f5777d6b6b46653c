/** The spans of traces, ended or not, as they are found in the files. */
import { relative } from 'node:path';
import { ATTR } from '../conventions.ts';
import { eachLine, filesSince, type ReadOptions } from '../store/read.ts';
import { Liveness } from './liveness.ts';
import { finalRuntimes } from './final-runtimes.ts';
import { milliseconds, plainAttributes, type PlainAttributes, text } from './otlp.ts';
import { eachOpenStart, startFiles, type Start } from './starts.ts';
import { type FullSpan, parseTraceLine } from './trace-line.ts';

export interface TraceSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** Epoch milliseconds, fractions kept. */
  readonly start: number;
  /** Undefined: it has not ended. */
  readonly end: number | undefined;
  readonly state: 'ended' | 'running' | 'abandoned';
  readonly failed: boolean;
  readonly attributes: PlainAttributes;
  readonly resource: PlainAttributes;
}

/** Every span of the traces that `isWanted` names, by time; `needles` are texts of which a line must hold one. */
export function loadSpans(read: ReadOptions, since: number, needles: readonly string[], isWanted: (traceId: string) => boolean): TraceSpan[] {
  const found = new Map<string, TraceSpan>();
  const begun = startFiles(read, since);
  eachSpan(read, since, needles, (full) => {
    const { traceId, spanId } = full.span;
    // Writing is at-least-once for some writers: the same span twice is one span.
    if (isWanted(traceId) && !found.has(traceId + spanId)) found.set(traceId + spanId, ended(full));
  });
  const open: Start[] = [];
  const isEnded = new Set([...found.values()].map(({ spanId }) => spanId));
  eachOpenStart(begun, read, (id) => isEnded.has(id), (start) => {
    if (isWanted(start.traceId)) open.push(start);
  }, needles);
  if (open.length > 0) {
    const liveness = new Liveness(finalRuntimes(read, since));
    for (const start of open) found.set(start.traceId + start.spanId, { ...start, parentSpanId: start.parentSpanId, end: undefined, state: liveness.fate(start), failed: false });
  }
  return [...found.values()].sort((a, b) => a.start - b.start || (a.end ?? Infinity) - (b.end ?? Infinity));
}

/** Every ended span whose line holds one of the texts. */
export function eachSpan(read: ReadOptions, since: number, needles: readonly string[], onSpan: (span: FullSpan) => void): void {
  for (const { path } of filesSince(read, 'traces', since)) {
    eachLine(path, read, (buffer, from, to) => {
      const line = buffer.subarray(from, to);
      if (!needles.some((needle) => line.includes(needle))) return;
      const spans = parseTraceLine(line.toString());
      if (spans === undefined) read.aside.line(relative(read.directory, path), 'not an OTLP trace request');
      else for (const span of spans) onSpan(span);
    });
  }
}

function ended({ source, span }: FullSpan): TraceSpan {
  const attributes = plainAttributes(span.attributes);
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: text(span.parentSpanId),
    name: String(span.name ?? ''),
    start: milliseconds(span.startTimeUnixNano),
    end: milliseconds(span.endTimeUnixNano),
    state: attributes[ATTR.SPAWN_OUTCOME] === 'abandoned' ? 'abandoned' : 'ended',
    failed: span.status?.code === 2 || attributes[ATTR.ERROR_TYPE] !== undefined || attributes[ATTR.SPAWN_OUTCOME] === 'failed',
    attributes,
    resource: source.resource,
  };
}
