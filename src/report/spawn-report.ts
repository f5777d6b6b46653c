/**
 * What was spawned in a window, from the files: the numbers from the rollups; of runtimes that were killed (or
 * still run) also the spans that ended after their last rollup line, so that these numbers are exact as well.
 *
 * A window begins at a rollup line: an operation counts when the line that holds it was written in the window.
 * Lines cover a second or less; those of a compacted hour cover the hour.
 */
import { relative } from 'node:path';
import { ATTR, SCOPE, SPAWN_DURATION, TELEMETRY_DROPPED } from '../conventions.ts';
import { Merge, type MergedSeries } from '../rollup/merge.ts';
import { parseRequest, type MetricsRequest } from '../rollup/request.ts';
import { hourFiles } from '../store/layout.ts';
import { eachLine, filesSince, type ReadOptions } from '../store/read.ts';
import { Liveness } from './liveness.ts';
import { Notables, type Notable } from './notable.ts';
import { milliseconds, plainAttributes, type PlainAttributes } from './otlp.ts';
import { Aside, type SetAside } from '../store/set-aside.ts';
import { SpanIds } from './span-ids.ts';
import { type SpawnGroup, SpawnGroups } from './spawn-groups.ts';
import { eachOpenStart, startFiles } from './starts.ts';
import { parseTraceLine, sequenceOf, TraceLines } from './trace-line.ts';

export interface SpawnReport {
  readonly groups: readonly SpawnGroup[];
  readonly slowest: readonly Notable[];
  readonly lastFailures: readonly Notable[];
  /** Runtimes (processes and worker threads) that left numbers. */
  readonly runtimes: number;
  /** Spans counted although no rollup line holds them: their process was killed, or still runs. */
  readonly fromTraces: number;
  readonly setAside: readonly SetAside[];
  /** What the processes themselves could not keep, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Whether there is any file in the directory at all. */
  readonly empty: boolean;
}

export interface ReportOptions {
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly since: number;
  /** How many of the slowest and of the last failures. Default 5. */
  readonly top?: number;
  readonly onBytes?: (bytes: number) => void;
}

export function spawnReport({ directory, since, top = 5, onBytes }: ReportOptions): SpawnReport {
  const aside = new Aside();
  const read: ReadOptions = { directory, aside, onBytes };
  const groups = new SpawnGroups();
  const notables = new Notables(top);
  // The order matters: what began, then the numbers, then the spans. So nothing counts as open whose end came
  // while we read, and each span is in the numbers or is added, never both.
  const begun = startFiles(directory, since);
  const merge = readRollups(read, since);
  const durations: MergedSeries[] = [];
  const dropped = Object.create(null) as Record<string, number>;
  for (const { name, series } of merge.resources.flatMap((resource) => resource.metrics)) {
    for (const one of series) {
      if (name === SPAWN_DURATION.name && one.histogram !== undefined && one.histogram.count > 0) {
        groups.add(one.attributes as PlainAttributes, one.histogram);
        durations.push(one);
      }
      if (name === TELEMETRY_DROPPED.name) dropped[reason(one)] = (dropped[reason(one)] ?? 0) + one.value;
    }
  }
  const { ended, counted } = readTraces(read, since, merge, groups, notables);
  for (const series of durations) addExemplars(notables, series, ended);
  const finals = { has: (id: string): boolean => merge.runtimes.get(id)?.final === true };
  const liveness = new Liveness(finals);
  const oldest = dropped.retention_size || dropped.retention_age ? hourFiles(directory, 'traces')[0]?.start : undefined;
  eachOpenStart(begun, read, (id) => ended.has(id), (start) => {
    // The traces of that time have been dropped, the end perhaps with them.
    if (start.start < since || (oldest !== undefined && start.start < oldest)) return;
    groups.open(start.attributes, liveness.fate(start));
  });
  return {
    groups: groups.list(),
    slowest: notables.slowest,
    lastFailures: notables.lastFailures,
    runtimes: merge.runtimes.size,
    fromTraces: counted,
    setAside: aside.list(),
    dropped,
    empty: (['rollups', 'traces', 'starts'] as const).every((signal) => hourFiles(directory, signal).length === 0),
  };
}

/** Spans that the rollups name and whose own lines, which say more, have been dropped since. */
function addExemplars(notables: Notables, { attributes, latest, greatest }: MergedSeries, known: SpanIds): void {
  for (const { traceId, spanId, asDouble, timeUnixNano } of [...latest, ...greatest]) {
    if (traceId === '' || spanId === '' || known.has(spanId)) continue;
    notables.exemplar(attributes as PlainAttributes, { traceId, spanId, seconds: asDouble, end: milliseconds(timeUnixNano) });
  }
}

function reason({ attributes }: MergedSeries): string {
  return String(attributes[ATTR.REASON] ?? 'unknown');
}

function readRollups(read: ReadOptions, since: number): Merge {
  const merge = new Merge({ keepResourceAttribute: () => false });
  for (const { path, start } of filesSince(read.directory, 'rollups', since)) {
    eachLine(path, read, (buffer, from, to) => {
      let request: MetricsRequest;
      try {
        request = parseRequest(buffer.toString('utf8', from, to));
      } catch {
        read.aside.line(relative(read.directory, path), 'not an OTLP metrics request');
        return;
      }
      merge.add(start >= since ? request : pointsSince(request, since));
    });
  }
  return merge;
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

function readTraces(read: ReadOptions, since: number, { runtimes }: Merge, groups: SpawnGroups, notables: Notables): { ended: SpanIds; counted: number } {
  const ended = new SpanIds();
  const lines = new TraceLines();
  let counted = 0;
  const isUncounted = (resource: PlainAttributes, sequence: () => number): boolean => {
    const mark = runtimes.get(String(resource['service.instance.id']));
    return mark?.final !== true && sequence() > (mark?.sequence ?? 0);
  };
  for (const { path } of filesSince(read.directory, 'traces', since)) {
    eachLine(path, read, (buffer, from, to) => {
      const quick = lines.quick(buffer, from, to);
      if (quick !== undefined) {
        ended.add(quick.spanId);
        if (quick.end < since || quick.source.scope !== SCOPE.name || !quick.text.includes(SPAWN_MARK, quick.from)) return;
        if (!isUncounted(quick.source.resource, () => sequenceOf(quick))) {
          notables.quick(quick);
          return;
        }
      }
      const spans = parseTraceLine(buffer.toString('utf8', from, to));
      if (spans === undefined) read.aside.line(relative(read.directory, path), 'not an OTLP trace request');
      for (const full of spans ?? []) {
        const { source, span } = full;
        ended.add(span.spanId);
        const attributes = plainAttributes(span.attributes);
        const end = milliseconds(span.endTimeUnixNano);
        if (end < since || attributes[ATTR.SPAWN_KIND] === undefined || attributes[ATTR.SEQUENCE] === undefined) continue;
        notables.full(full, attributes);
        if (!isUncounted(source.resource, () => Number(attributes[ATTR.SEQUENCE]))) continue;
        counted++;
        groups.add(attributes, Math.max(0, end - milliseconds(span.startTimeUnixNano)) / 1000);
      }
    });
  }
  return { ended, counted };
}

const SPAWN_MARK = `"key":"${ATTR.SPAWN_KIND}"`;
