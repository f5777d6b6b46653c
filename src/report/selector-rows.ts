/** The report on selectors as data: the same numbers for JSON, CSV and Markdown. Durations in seconds, rates from 0 to 1. */
import { findingsOf, type Health, healthOf } from './selector-health.ts';
import type { SelectorReport } from './selector-report.ts';
import type { SlowSelector } from './selector-spans.ts';
import type { Dimension, SelectorStats } from './selector-stats.ts';
import { wilson } from './wilson.ts';

export interface SelectorRow {
  readonly by: Dimension;
  readonly name: string;
  /** `numbers`: counted exactly. `traces`: from spans, of which some may not have been written. */
  readonly from: 'numbers' | 'traces';
  readonly count: number;
  readonly completed: number;
  readonly failed: number;
  /** Those of them that were found, by a strategy: it is the app's action that failed. */
  readonly action_failed: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Of those operations that have a span whether they fail or not, where it is counted from traces. */
  readonly success_rate: number | null;
  /** Wilson interval, 95%. */
  readonly success_rate_low: number | null;
  readonly success_rate_high: number | null;
  /** 0 to 100, 0 is dead; null with too few operations. Of selectors only, as are its parts and the findings. */
  readonly health: number | null;
  readonly health_success: number | null;
  readonly health_fallback: number | null;
  readonly health_drift: number | null;
  readonly health_speed: number | null;
  readonly health_uniqueness: number | null;
  readonly findings: readonly string[];
  readonly fallbacks: number;
  readonly retries: number;
  readonly ambiguous: number;
  readonly drift_mean: number | null;
  /** Finds whose drift was above 0.5. */
  readonly found_something_else: number;
  readonly confidence_reported: number | null;
  readonly confidence_estimated: number | null;
  /** Until it was found, of those that found it. */
  readonly p50_seconds: number | null;
  readonly p95_seconds: number | null;
  readonly p99_seconds: number | null;
  readonly max_seconds: number | null;
  /** Of the time before the window. */
  readonly p95_before_seconds: number | null;
  readonly last_used: string | null;
}

const NONE: Health = { score: undefined, parts: { success: undefined, fallback: undefined, drift: undefined, speed: undefined, uniqueness: undefined } };

function selectorRow(by: Dimension, stats: SelectorStats): SelectorRow {
  const { name, sampled, count, comparable, completed, failed, durations, before, drift, reported, estimated } = stats;
  const rate = wilson(completed, comparable);
  const { score, parts } = by === 'selector' ? healthOf(stats) : NONE;
  return {
    by,
    name,
    from: sampled ? 'traces' : 'numbers',
    count,
    completed,
    failed,
    action_failed: stats.actionFailed,
    errors: Object.fromEntries([...stats.errors].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))),
    success_rate: exact(rate?.rate),
    success_rate_low: exact(rate?.low),
    success_rate_high: exact(rate?.high),
    health: score === undefined ? null : Number(score.toFixed(1)),
    health_success: exact(parts.success),
    health_fallback: exact(parts.fallback),
    health_drift: exact(parts.drift),
    health_speed: exact(parts.speed),
    health_uniqueness: exact(parts.uniqueness),
    findings: by === 'selector' ? findingsOf(stats) : [],
    fallbacks: stats.fallbacks,
    retries: stats.retries,
    ambiguous: stats.ambiguous,
    drift_mean: drift.count === 0 ? null : exact(drift.sum / drift.count),
    found_something_else: stats.elsewhere,
    confidence_reported: reported.count === 0 ? null : exact(reported.sum / reported.count),
    confidence_estimated: estimated.count === 0 ? null : exact(estimated.sum / estimated.count),
    p50_seconds: exact(durations.quantile(0.5)),
    p95_seconds: exact(durations.quantile(0.95)),
    p99_seconds: exact(durations.quantile(0.99)),
    max_seconds: durations.count === 0 ? null : durations.max,
    p95_before_seconds: exact(before.quantile(0.95)),
    last_used: stats.lastUsed > 0 ? new Date(stats.lastUsed).toISOString() : null,
  };
}

/** The least healthy first; those of which too little is known come last, the most used first. */
export function selectorRows({ selectors, strategies, drivers, pages }: SelectorReport): SelectorRow[] {
  const rows = (by: Dimension, list: readonly SelectorStats[]): SelectorRow[] => list.map((stats) => selectorRow(by, stats)).sort((a, b) => b.count - a.count || compare(a.name, b.name));
  // Two without a health compare as NaN: they stay in their order.
  const ranked = rows('selector', selectors).sort((a, b) => (a.health ?? Infinity) - (b.health ?? Infinity) || 0);
  return [...ranked, ...rows('strategy', strategies), ...rows('driver', drivers), ...rows('page', pages)];
}

export function selectorJson(report: SelectorReport, about: { readonly directory: string; readonly since: number; readonly now: number }): Readonly<Record<string, unknown>> {
  const rows = selectorRows(report);
  const by = (dimension: Dimension): SelectorRow[] => rows.filter((row) => row.by === dimension);
  return {
    directory: about.directory,
    since: new Date(about.since).toISOString(),
    until: new Date(about.now).toISOString(),
    operations: report.operations,
    failed: report.failed,
    runtimes: report.runtimes,
    counted_from_traces: report.fromTraces,
    folded: report.folded,
    selectors: by('selector'),
    strategies: by('strategy'),
    drivers: by('driver'),
    pages: by('page'),
    slowest: report.slowest.map(slowJson),
    most_ambiguous: report.mostAmbiguous.map(({ name, ambiguous, count }) => ({ name, ambiguous, count })),
    not_used_again: report.notUsedAgain.map(({ name, lastUsed, count }) => ({ name, last_used: new Date(lastUsed).toISOString(), count })),
    set_aside: report.setAside,
    dropped: report.dropped,
  };
}

function slowJson({ traceId, spanId, name, operation, strategy, seconds, end, errorType }: SlowSelector): Readonly<Record<string, unknown>> {
  return { trace_id: traceId, span_id: spanId, name, operation, strategy: strategy ?? null, seconds: exact(seconds), ended_at: new Date(end).toISOString(), error_type: errorType ?? null };
}

/** Nine significant digits: what lies beyond is floating point, not measurement. */
function exact(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : Number(value.toPrecision(9));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
