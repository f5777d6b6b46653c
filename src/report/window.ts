/**
 * Reading a window of the files: the numbers from the rollups; and the spans, each with whether a rollup line
 * holds its numbers. Those of runtimes that were killed (or still run) may not be in any.
 *
 * A window begins at a rollup line: an operation counts when the line that holds it was written in the window.
 * Lines cover a second or less; those of a compacted hour cover the hour.
 */
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { ATTR, SCOPE } from '../conventions.ts';
import { Merge } from '../rollup/merge.ts';
import { parseRequest, type MetricsRequest } from '../rollup/request.ts';
import { HOUR_MS, type HourFile } from '../store/layout.ts';
import { eachLine, filesSince, type ReadOptions } from '../store/read.ts';
import { milliseconds, plainAttributes, type PlainAttributes } from './otlp.ts';
import { parseTraceLine, sequenceOf, TraceLines, type FullSpan, type QuickSpan, type Source } from './trace-line.ts';

export interface RollupOptions {
  /** Epoch milliseconds. */
  readonly since: number;
  /** Epoch milliseconds, not in the window any more. Default: no end. */
  readonly until?: number;
  /** Each line's request as it is merged, the oldest file first. */
  readonly onRequest?: (request: MetricsRequest) => void;
}

/** All numbers of the window; of the files in which it begins and ends, only the points within. */
export function readRollups(read: ReadOptions, { since, until = Infinity, onRequest }: RollupOptions): Merge {
  const merge = new Merge({ keepResourceAttribute: () => false });
  for (const { path, start } of filesSince(read, 'rollups', since)) {
    if (start >= until) continue;
    const isWhole = start >= since && start + HOUR_MS <= until;
    eachRequest(path, read, (request) => {
      const within = isWhole ? request : pointsWithin(request, since, until);
      merge.add(within);
      onRequest?.(within);
    });
  }
  return merge;
}

/** The lines of a rollup file; what is no request is set aside. */
export function eachRequest(path: string, read: ReadOptions, onRequest: (request: MetricsRequest) => void): void {
  eachLine(path, read, (buffer, from, to) => {
    let request: MetricsRequest;
    try {
      request = parseRequest(buffer.toString('utf8', from, to));
    } catch {
      read.aside.line(relative(read.directory, path), 'not an OTLP metrics request');
      return;
    }
    onRequest(request);
  });
}

/** The marks of how far a runtime's numbers reach stay, whatever the window. */
function pointsWithin({ resources }: MetricsRequest, since: number, until: number): MetricsRequest {
  const inWindow = ({ timeUnixNano }: { timeUnixNano: string }): boolean => milliseconds(timeUnixNano) >= since && milliseconds(timeUnixNano) < until;
  return {
    resources: resources.map(({ attributes, scopes }) => ({
      attributes,
      scopes: scopes.map((scope) => ({ ...scope, metrics: scope.metrics.map((metric) => ({ ...metric, points: metric.points.filter(inWindow) })) })),
    })),
  };
}

export interface SpanVisitor {
  /** An attribute that the spans looked for have. */
  readonly attribute: string;
  /** One whose numbers are in the rollups, not parsed. */
  readonly quick: (span: QuickSpan) => void;
  /** One that had to be parsed. @param isCounted whether the rollups hold its numbers */
  readonly full: (span: FullSpan, attributes: PlainAttributes, isCounted: boolean) => void;
  /** Every span of the window, whatever it is. */
  readonly any?: (spanId: string) => void;
}

export interface SpanLimits {
  /** Epoch milliseconds, not in the window any more. Default: no end. */
  readonly until?: number;
  /** Bytes: of the newest files alone, as few as hold so many. Default: of all. */
  readonly newest?: number;
}

/** The spans that ended since then and have the attribute. @param runtimes how far the numbers reach, as read before */
export function readSpans(read: ReadOptions, since: number, { runtimes }: Merge, visitor: SpanVisitor, { until = Infinity, newest = Infinity }: SpanLimits = {}): void {
  const { attribute } = visitor;
  const lines = new TraceLines();
  const mark = `"key":"${attribute}"`;
  const isCounted = ({ runtime }: Source, sequence: () => number): boolean => {
    if (runtime === undefined) return true;
    const reached = runtimes.get(runtime);
    return reached?.final === true || !(sequence() > (reached?.sequence ?? 0));
  };
  const files = filesSince(read, 'traces', since).filter(({ start }) => start < until);
  for (const { path } of newest === Infinity ? files : newestOf(files, newest)) {
    eachLine(path, read, (buffer, from, to) => {
      const found = lines.quick(buffer, from, to);
      if (found !== undefined) {
        visitor.any?.(found.spanId);
        if (found.end < since || found.end >= until || found.source.scope !== SCOPE.name || !found.text.includes(mark, found.from)) return;
        if (isCounted(found.source, () => sequenceOf(found))) return visitor.quick(found);
      }
      const spans = parseTraceLine(buffer.toString('utf8', from, to));
      if (spans === undefined) read.aside.line(relative(read.directory, path), 'not an OTLP trace request');
      for (const one of spans ?? []) {
        visitor.any?.(one.span.spanId);
        const attributes = plainAttributes(one.span.attributes);
        const end = milliseconds(one.span.endTimeUnixNano);
        if (end < since || end >= until || attributes[attribute] === undefined || attributes[ATTR.SEQUENCE] === undefined) continue;
        visitor.full(one, attributes, isCounted(one.source, () => Number(attributes[ATTR.SEQUENCE])));
      }
    });
  }
}

/** As few as hold so many bytes, oldest first. */
function newestOf(files: readonly HourFile[], bytes: number): HourFile[] {
  let first = files.length;
  for (let left = bytes; first > 0 && left > 0; ) left -= statSync(files[--first]!.path, { throwIfNoEntry: false })?.size ?? 0;
  return files.slice(first);
}
