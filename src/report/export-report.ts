/**
 * What was published in a window: the numbers from the rollups, and of runtimes that were killed (or still run) the
 * spans that ended after their last rollup line.
 */
import { ATTR, EXPORT_DURATION, EXPORT_SIZE } from '../conventions.ts';
import { ExponentialHistogram } from '../rollup/exponential-histogram.ts';
import { hourFiles } from '../store/layout.ts';
import type { ReadOptions } from '../store/read.ts';
import { Aside, type SetAside } from '../store/set-aside.ts';
import { milliseconds, secondsOf, type PlainAttributes, plainAttributes, text } from './otlp.ts';
import { Top } from './top.ts';
import { decode, type FullSpan, parseTraceLine } from './trace-line.ts';
import { readRollups, readSpans } from './window.ts';

export type ExportOutcome = 'written' | 'failed' | 'skipped' | 'handed_over';

/** The writes of one kind of artifact by one writer; of the publishes as a whole, without a writer. */
export class ExportGroup {
  readonly writer: string | undefined;
  readonly type: string | undefined;
  readonly outcomes: Record<ExportOutcome, number> = { written: 0, failed: 0, skipped: 0, handed_over: 0 };
  /** Why it failed or was skipped, by how often. */
  readonly reasons = new Map<string, number>();
  /** Seconds, of what was tried. */
  readonly durations = new ExponentialHistogram();
  /** Bytes of each artifact that landed. */
  readonly sizes = new ExponentialHistogram();

  constructor(writer: string | undefined, type: string | undefined) {
    this.writer = writer;
    this.type = type;
  }

  get count(): number {
    const { written, failed, skipped, handed_over: handedOver } = this.outcomes;
    return written + failed + skipped + handedOver;
  }

  add(attributes: PlainAttributes, durations: ExponentialHistogram | number): void {
    const count = typeof durations === 'number' ? 1 : durations.count;
    const outcome = outcomeOf(attributes);
    this.outcomes[outcome] += count;
    const reason = text(attributes[ATTR.EXPORT_SKIP_REASON]) ?? text(attributes[ATTR.ERROR_TYPE]);
    if (reason !== undefined) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + count);
    if (outcome === 'skipped') return;
    if (typeof durations === 'number') this.durations.record(durations);
    else this.durations.merge(durations);
  }
}

/** A write that failed, or a command that was not there. */
export interface ExportFailure {
  readonly writer: string | undefined;
  readonly artifact: string | undefined;
  readonly outcome: ExportOutcome;
  readonly reason: string | undefined;
  readonly traceId: string;
  /** Epoch milliseconds of its end. */
  readonly end: number;
}

export interface ExportReport {
  readonly publishes: ExportGroup;
  /** Of each writer and type of artifact, those with most writes first. */
  readonly writes: readonly ExportGroup[];
  readonly lastFailures: readonly ExportFailure[];
  readonly setAside: readonly SetAside[];
  readonly empty: boolean;
}

export interface ExportReportOptions {
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly since: number;
  /** How many of the last failures. Default 5. */
  readonly top?: number;
  readonly onBytes?: (bytes: number) => void;
}

export function exportReport({ directory, since, top = 5, onBytes }: ExportReportOptions): ExportReport {
  const aside = new Aside();
  const read: ReadOptions = { directory, aside, onBytes };
  const publishes = new ExportGroup(undefined, undefined);
  const groups = new Map<string, ExportGroup>();
  const groupOf = (attributes: PlainAttributes): ExportGroup => {
    const writer = text(attributes[ATTR.EXPORT_WRITER]);
    const folded = attributes[ATTR.METRIC_OVERFLOW] === true;
    if (writer === undefined && !folded) return publishes;
    const type = text(attributes[ATTR.EXPORT_ARTIFACT_TYPE]);
    const key = JSON.stringify([writer, type]);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = new ExportGroup(writer ?? '(all others)', type)));
    return group;
  };

  const merge = readRollups(read, { since });
  for (const { name, series } of merge.resources.flatMap(({ metrics }) => metrics)) {
    for (const { attributes, histogram } of series) {
      if (histogram === undefined || histogram.count === 0) continue;
      if (name === EXPORT_DURATION.name) groupOf(attributes as PlainAttributes).add(attributes as PlainAttributes, histogram);
      if (name === EXPORT_SIZE.name) groupOf(attributes as PlainAttributes).sizes.merge(histogram);
    }
  }
  const failures = new Top<ExportFailure>(top);
  readSpans(read, since, merge, {
    attribute: ATTR.EXPORT_OUTCOME,
    quick: ({ spanId, end, text: line, from }) => {
      if (!line.includes(`"key":"${ATTR.EXPORT_WRITER}"`, from) || line.includes('{"stringValue":"written"}', from) || line.includes('{"stringValue":"handed_over"}', from)) return;
      const full = parseTraceLine(decode(line))?.[0];
      const made = full && failureOf(full, plainAttributes(full.span.attributes));
      if (made) failures.add({ spanId, rank: end, make: () => made });
    },
    full: (full, attributes, isCounted) => {
      const made = failureOf(full, attributes);
      if (made) failures.add({ spanId: full.span.spanId, rank: made.end, make: () => made });
      if (!isCounted) groupOf(attributes).add(attributes, secondsOf(full.span));
    },
  });
  const setAside = aside.list();
  return {
    publishes,
    writes: [...groups.values()].sort((a, b) => b.count - a.count || String(a.writer).localeCompare(String(b.writer))),
    lastFailures: failures.list(),
    setAside,
    empty: setAside.length === 0 && (['rollups', 'traces'] as const).every((signal) => hourFiles(directory, signal).length === 0),
  };
}

function outcomeOf(attributes: PlainAttributes): ExportOutcome {
  const outcome = text(attributes[ATTR.EXPORT_OUTCOME]);
  return outcome === 'failed' || outcome === 'skipped' || outcome === 'handed_over' ? outcome : attributes[ATTR.ERROR_TYPE] === undefined ? 'written' : 'failed';
}

/** What was skipped because it was not needed, or in a dry run, is no failure. */
function failureOf({ span }: FullSpan, attributes: PlainAttributes): ExportFailure | undefined {
  const writer = text(attributes[ATTR.EXPORT_WRITER]);
  const outcome = outcomeOf(attributes);
  const reason = text(attributes[ATTR.EXPORT_SKIP_REASON]) ?? text(attributes[ATTR.ERROR_TYPE]);
  if (writer === undefined || (outcome !== 'failed' && reason !== 'command_not_found')) return undefined;
  return { writer, artifact: text(attributes[ATTR.ARTIFACT_FILENAME]), outcome, reason, traceId: span.traceId, end: milliseconds(span.endTimeUnixNano) };
}
