/** The report as data: the same numbers for JSON, CSV and Markdown. Durations in seconds, rates from 0 to 1. */
import type { Notable } from './notable.ts';
import { label, type SpawnGroup } from './spawn-groups.ts';
import type { SpawnReport } from './spawn-report.ts';
import { wilson } from './wilson.ts';

/** One line of CSV and Markdown; `errors` is a list there. */
export interface Row {
  readonly kind: string;
  readonly executable: string | null;
  readonly role: string | null;
  readonly model: string | null;
  /** Ended by themselves: succeeded + failed + blocked. */
  readonly count: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly blocked: number;
  /** Their process ended first. Neither these nor the running are in the success rate. */
  readonly abandoned: number;
  readonly running: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly success_rate: number | null;
  /** Wilson interval, 95%. */
  readonly success_rate_low: number | null;
  readonly success_rate_high: number | null;
  readonly p50_seconds: number | null;
  readonly p95_seconds: number | null;
  readonly p99_seconds: number | null;
  readonly max_seconds: number | null;
  readonly total_seconds: number;
}

export function row(group: SpawnGroup): Row {
  const { what, succeeded, failed, blocked, abandoned, running, ended, durations } = group;
  const rate = wilson(succeeded, ended);
  const at = (q: number): number | null => (durations.count === 0 ? null : exact(durations.quantile(q)));
  return {
    kind: what.kind,
    executable: what.executable ?? null,
    role: what.role ?? null,
    model: what.model ?? null,
    count: ended,
    succeeded,
    failed,
    blocked,
    abandoned,
    running,
    errors: Object.fromEntries(errorsOf(group)),
    success_rate: rate ? exact(rate.rate) : null,
    success_rate_low: rate ? exact(rate.low) : null,
    success_rate_high: rate ? exact(rate.high) : null,
    p50_seconds: at(0.5),
    p95_seconds: at(0.95),
    p99_seconds: at(0.99),
    max_seconds: durations.count === 0 ? null : durations.max,
    total_seconds: exact(durations.sum),
  };
}

/** The most frequent first. */
export function errorsOf({ errors }: SpawnGroup): [string, number][] {
  return [...errors].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function notableJson({ traceId, spanId, seconds, end, verdict, errorType, ...what }: Notable): Readonly<Record<string, unknown>> {
  return {
    trace_id: traceId,
    span_id: spanId,
    name: label(what),
    kind: what.kind,
    executable: what.executable ?? null,
    role: what.role ?? null,
    model: what.model ?? null,
    ended_at: Number.isFinite(end) ? new Date(end).toISOString() : null,
    seconds: exact(seconds),
    outcome: verdict,
    error_type: errorType ?? null,
  };
}

export function reportJson(report: SpawnReport, about: { readonly directory: string; readonly since: number; readonly now: number }): Readonly<Record<string, unknown>> {
  return {
    directory: about.directory,
    since: new Date(about.since).toISOString(),
    until: new Date(about.now).toISOString(),
    runtimes: report.runtimes,
    counted_from_traces: report.fromTraces,
    spawns: report.groups.map(row),
    slowest: report.slowest.map(notableJson),
    last_failures: report.lastFailures.map(notableJson),
    set_aside: report.setAside,
    dropped: report.dropped,
  };
}

/** Nine significant digits: what lies beyond is floating point, not measurement. */
function exact(value: number): number {
  return Number(value.toPrecision(9));
}
