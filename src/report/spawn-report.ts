/**
 * What was spawned in a window, from the files: the numbers from the rollups; of runtimes that were killed (or
 * still run) also the spans that ended after their last rollup line, so that these numbers are exact as well.
 */
import { ATTR, SPAWN_DURATION, TELEMETRY_DROPPED } from '../conventions.ts';
import type { MergedSeries } from '../rollup/merge-points.ts';
import type { Merge } from '../rollup/merge.ts';
import { hourFiles } from '../store/layout.ts';
import type { ReadOptions } from '../store/read.ts';
import { Liveness } from './liveness.ts';
import { Notables, type Notable } from './notable.ts';
import { milliseconds, secondsOf, type PlainAttributes } from './otlp.ts';
import { Aside, type SetAside } from '../store/set-aside.ts';
import { SpanIds } from './span-ids.ts';
import { type SpawnGroup, SpawnGroups } from './spawn-groups.ts';
import { eachOpenStart, startFiles } from './starts.ts';
import { readRollups, readSpans } from './window.ts';

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
  const begun = startFiles(read, since);
  const merge = readRollups(read, { since });
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
  const setAside = aside.list();
  return {
    groups: groups.list(),
    slowest: notables.slowest,
    lastFailures: notables.lastFailures,
    runtimes: merge.runtimes.size,
    fromTraces: counted,
    setAside,
    dropped,
    empty: setAside.length === 0 && (['rollups', 'traces', 'starts'] as const).every((signal) => hourFiles(directory, signal).length === 0),
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

function readTraces(read: ReadOptions, since: number, merge: Merge, groups: SpawnGroups, notables: Notables): { ended: SpanIds; counted: number } {
  const ended = new SpanIds();
  let counted = 0;
  readSpans(read, since, merge, {
    attribute: ATTR.SPAWN_KIND,
    any: (spanId) => ended.add(spanId),
    quick: (span) => notables.quick(span),
    full(full, attributes, isCounted) {
      notables.full(full, attributes);
      if (isCounted) return;
      counted++;
      groups.add(attributes, secondsOf(full.span));
    },
  });
  return { ended, counted };
}
