/**
 * Reading a window of the files: the numbers from the rollups; and the spans, each with whether a rollup line
 * holds its numbers. Those of runtimes that were killed (or still run) may not be in any.
 *
 * A window begins at a rollup line: an operation counts when the line that holds it was written in the window.
 * Lines cover a second or less; those of a compacted hour cover the hour.
 */
import { relative } from 'node:path';
import { ATTR, SCOPE } from '../conventions.ts';
import { Merge } from '../rollup/merge.ts';
import { parseRequest, type MetricsRequest } from '../rollup/request.ts';
import { eachLine, filesSince, type ReadOptions } from '../store/read.ts';
import { milliseconds, plainAttributes, type PlainAttributes } from './otlp.ts';
import { parseTraceLine, sequenceOf, TraceLines, type FullSpan, type QuickSpan } from './trace-line.ts';

/** All numbers since then. @param onRequest each line's request as it is merged, the oldest file first */
export function readRollups(read: ReadOptions, since: number, onRequest?: (request: MetricsRequest) => void): Merge {
  const merge = new Merge({ keepResourceAttribute: () => false });
  eachRequest(read, since, (request) => {
    merge.add(request);
    onRequest?.(request);
  });
  return merge;
}

/** The requests of all lines since then; of the file in which the window begins, only the points within. */
export function eachRequest(read: ReadOptions, since: number, onRequest: (request: MetricsRequest) => void): void {
  for (const { path, start } of filesSince(read.directory, 'rollups', since)) {
    eachLine(path, read, (buffer, from, to) => {
      let request: MetricsRequest;
      try {
        request = parseRequest(buffer.toString('utf8', from, to));
      } catch {
        read.aside.line(relative(read.directory, path), 'not an OTLP metrics request');
        return;
      }
      onRequest(start >= since ? request : pointsSince(request, since));
    });
  }
}

/** The marks of how far a runtime's numbers reach stay, whatever the window. */
function pointsSince({ resources }: MetricsRequest, since: number): MetricsRequest {
  const inWindow = ({ timeUnixNano }: { timeUnixNano: string }): boolean => milliseconds(timeUnixNano) >= since;
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

/** The spans that ended since then and have the attribute. @param runtimes how far the numbers reach, as read before */
export function readSpans(read: ReadOptions, since: number, { runtimes }: Merge, { attribute, quick, full, any }: SpanVisitor): void {
  const lines = new TraceLines();
  const mark = `"key":"${attribute}"`;
  const isCounted = (resource: PlainAttributes, sequence: () => number): boolean => {
    const reached = runtimes.get(String(resource['service.instance.id']));
    return reached?.final === true || !(sequence() > (reached?.sequence ?? 0));
  };
  for (const { path } of filesSince(read.directory, 'traces', since)) {
    eachLine(path, read, (buffer, from, to) => {
      const found = lines.quick(buffer, from, to);
      if (found !== undefined) {
        any?.(found.spanId);
        if (found.end < since || found.source.scope !== SCOPE.name || !found.text.includes(mark, found.from)) return;
        if (isCounted(found.source.resource, () => sequenceOf(found))) return quick(found);
      }
      const spans = parseTraceLine(buffer.toString('utf8', from, to));
      if (spans === undefined) read.aside.line(relative(read.directory, path), 'not an OTLP trace request');
      for (const one of spans ?? []) {
        any?.(one.span.spanId);
        const attributes = plainAttributes(one.span.attributes);
        if (milliseconds(one.span.endTimeUnixNano) < since || attributes[attribute] === undefined || attributes[ATTR.SEQUENCE] === undefined) continue;
        full(one, attributes, isCounted(one.source.resource, () => Number(attributes[ATTR.SEQUENCE])));
      }
    });
  }
}
