/** Finding traces: the latest ones, and those that an id names. */
import { ATTR } from '../conventions.ts';
import { eachLine, filesSince, type ReadOptions } from '../store/read.ts';
import { milliseconds, plainAttributes, text } from './otlp.ts';
import { Aside } from '../store/set-aside.ts';
import { SpanIds } from './span-ids.ts';
import { eachOpenStart, startFiles } from './starts.ts';
import { parseTraceLine, TraceLines } from './trace-line.ts';
import { eachSpan, loadSpans, type TraceSpan } from './trace-spans.ts';

export interface Trace {
  readonly traceId: string;
  /** Other than the trace id; usually one or none. */
  readonly correlationIds: readonly string[];
  /** By time. */
  readonly spans: readonly TraceSpan[];
  readonly start: number;
  /** Of the last span that ended; the start when none has. */
  readonly end: number;
  readonly failures: number;
  readonly running: number;
  readonly abandoned: number;
  /** Name of the span that nothing recorded is the parent of, the earliest if several. */
  readonly root: string;
}

export interface Window {
  /** Epoch milliseconds. */
  readonly since: number;
  readonly limit: number;
  readonly failedOnly: boolean;
}

/** The latest traces that began in the window, the latest first. */
export function latestTraces(read: ReadOptions, { since, limit, failedOnly }: Window): { traces: Trace[]; more: number } {
  const known = new Map<string, { start: number; failed: boolean }>();
  const see = (traceId: string, start: number, failed: boolean): void => {
    const trace = known.get(traceId);
    if (trace === undefined) known.set(traceId, { start, failed });
    else {
      if (start < trace.start) trace.start = start;
      trace.failed ||= failed;
    }
  };
  const begun = startFiles(read, since);
  const ended = new SpanIds();
  const lines = new TraceLines();
  for (const { path } of filesSince(read, 'traces', since)) {
    eachLine(path, read, (buffer, from, to) => {
      const quick = lines.quick(buffer, from, to);
      if (quick !== undefined) {
        ended.add(quick.spanId);
        see(quick.traceId, quick.start, failedOnly && FAILED.test(quick.text));
        return;
      }
      // What cannot be parsed is set aside when the chosen traces are loaded, or by the report.
      for (const { span } of parseTraceLine(buffer.toString('utf8', from, to)) ?? []) {
        ended.add(span.spanId);
        see(span.traceId, milliseconds(span.startTimeUnixNano), span.status?.code === 2);
      }
    });
  }
  eachOpenStart(begun, read, (id) => ended.has(id), (start) => see(start.traceId, start.start, false));
  const chosen = [...known].filter(([, { start, failed }]) => start >= since && (!failedOnly || failed)).sort(([, a], [, b]) => b.start - a.start);
  const shown = chosen.slice(0, limit).map(([traceId]) => traceId);
  return { traces: load(read, since, shown), more: chosen.length - shown.length };
}

/** Set where a span failed; cheap to look for. */
const FAILED = /"status":\{"code":2|"key":"error\.type"|"key":"spoor\.spawn\.outcome","value":\{"stringValue":"failed"/;

/** What an id can name. `ambiguous`: the traces whose id begins with it. */
export type Found = { readonly traces: Trace[] } | { readonly ambiguous: string[] };

/** Traces by their id, by their correlation id, or by the beginning of their id if only one has it. */
export function findTraces(read: ReadOptions, since: number, id: string): Found {
  const hex = id.toLowerCase();
  const isHex = /^[0-9a-f]{1,32}$/.test(hex);
  const needles = [JSON.stringify(id).slice(1, -1), ...(isHex ? [`"traceId":"${hex}`] : [])];
  const begins = new Set<string>();
  const correlated = new Set<string>();
  const see = (traceId: string, correlation: unknown): void => {
    if (isHex && traceId.startsWith(hex)) begins.add(traceId);
    if (correlation === id) correlated.add(traceId);
  };
  // What cannot be read is said once, by the reading that follows.
  const quietly = { ...read, aside: new Aside() };
  eachSpan(quietly, since, needles, ({ span }) => see(span.traceId, plainAttributes(span.attributes)[ATTR.CORRELATION_ID]));
  eachOpenStart(startFiles(quietly, since), quietly, () => false, (start) => see(start.traceId, start.attributes[ATTR.CORRELATION_ID]), needles);
  // The whole id of a trace is also the correlation id of what it caused in other traces.
  if (correlated.size > 0 || begins.has(hex)) return { traces: load(read, since, [...new Set([...(begins.has(hex) ? [hex] : []), ...correlated])]) };
  if (begins.size > 1) return { ambiguous: [...begins].sort() };
  return { traces: load(read, since, [...begins]) };
}

function load(read: ReadOptions, since: number, traceIds: readonly string[]): Trace[] {
  if (traceIds.length === 0) return [];
  const wanted = new Set(traceIds);
  // Looking for very many texts in a line takes longer than parsing it.
  const needles = traceIds.length <= 50 ? traceIds : [''];
  const byTrace = new Map<string, TraceSpan[]>(traceIds.map((id) => [id, []]));
  for (const span of loadSpans(read, since, needles, (id) => wanted.has(id))) byTrace.get(span.traceId)?.push(span);
  return [...byTrace].filter(([, spans]) => spans.length > 0).map(([traceId, spans]) => summary(traceId, spans));
}

function summary(traceId: string, spans: readonly TraceSpan[]): Trace {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const root = spans.find(({ parentSpanId }) => parentSpanId === undefined) ?? spans.find(({ parentSpanId }) => !ids.has(parentSpanId!)) ?? spans[0]!;
  const correlationIds = new Set(spans.flatMap(({ attributes }) => text(attributes[ATTR.CORRELATION_ID]) ?? []));
  correlationIds.delete(traceId);
  const start = spans[0]!.start;
  return {
    traceId,
    correlationIds: [...correlationIds],
    spans,
    start,
    end: spans.reduce((latest, { end }) => Math.max(latest, end ?? start), start),
    failures: spans.filter(({ failed }) => failed).length,
    running: spans.filter(({ state }) => state === 'running').length,
    abandoned: spans.filter(({ state }) => state === 'abandoned').length,
    root: root.name,
  };
}
