/** What can be asked of a ledger. Pure; what is returned shares nothing with what was given. */
import { type CasteStats, type ModelStats, type RoutingDecision, type Telemetry, countOf, entry, isRecord, setEntry } from './ledger-schema.ts';

export interface ModelSummary {
  total_spawns: number;
  /** Successful / total, from 0 to 1, rounded to 2 decimals. Those still pending are in the total. */
  success_rate: number;
  by_caste: Record<string, CasteStats>;
}

export interface TelemetrySummary {
  total_spawns: number;
  total_models: number;
  models: Record<string, ModelSummary>;
  /** The last 10, oldest first. */
  recent_decisions: RoutingDecision[];
}

export interface ModelPerformance extends ModelSummary {
  model: string;
  successful_completions: number;
  failed_completions: number;
  blocked: number;
}

export interface RoutingStats {
  total_decisions: number;
  by_source: Record<string, number>;
  by_model: Record<string, number>;
  date_range: { earliest: string; latest: string } | null;
}

export interface RoutingFilter {
  /** Only decisions of the last so many days. */
  readonly days?: number | undefined;
  readonly caste?: string | undefined;
}

export function summary({ models, routing_decisions }: Telemetry): TelemetrySummary {
  const known = Object.keys(models);
  const summaries: Record<string, ModelSummary> = {};
  let total = 0;
  for (const model of known) {
    const one = modelSummary(entry(models, model));
    total += one.total_spawns;
    setEntry(summaries, model, one);
  }
  return { total_spawns: total, total_models: known.length, models: summaries, recent_decisions: structuredClone(routing_decisions.slice(-10)) };
}

export function performanceOf({ models }: Telemetry, model: string): ModelPerformance | null {
  const stats = entry(models, model);
  if (stats === undefined) return null;
  return {
    model,
    ...modelSummary(stats),
    successful_completions: countOf(stats.successful_completions),
    failed_completions: countOf(stats.failed_completions),
    blocked: countOf(stats.blocked),
  };
}

export function routing({ routing_decisions }: Telemetry, { days, caste }: RoutingFilter): RoutingStats {
  const since = typeof days === 'number' && days > 0 ? Date.now() - days * 86_400_000 : undefined;
  const decisions = routing_decisions.filter(
    (decision) => isRecord(decision) && (since === undefined || Date.parse(decision.timestamp) >= since) && (!caste || decision.caste === caste),
  );
  const bySource: Record<string, number> = {};
  const byModel: Record<string, number> = {};
  for (const { source, selected_model: model } of decisions) {
    count(bySource, String(source));
    count(byModel, String(model));
  }
  return { total_decisions: decisions.length, by_source: bySource, by_model: byModel, date_range: dateRange(decisions) };
}

function modelSummary(stats: ModelStats | undefined): ModelSummary {
  const total = countOf(stats?.total_spawns);
  const rate = total > 0 ? countOf(stats?.successful_completions) / total : 0;
  return { total_spawns: total, success_rate: Math.round(rate * 100) / 100, by_caste: structuredClone(stats?.by_caste ?? {}) };
}

function count(of: Record<string, number>, name: string): void {
  setEntry(of, name, (Object.hasOwn(of, name) ? of[name]! : 0) + 1);
}

/** By time, since callers give timestamps in any order; those that are no times are left out, unless there is no other. */
function dateRange(decisions: readonly RoutingDecision[]): RoutingStats['date_range'] {
  const times = decisions.filter(({ timestamp }) => !Number.isNaN(Date.parse(timestamp)));
  const first = times[0] ?? decisions[0];
  if (first === undefined) return null;
  if (times.length === 0) return { earliest: first.timestamp, latest: decisions.at(-1)!.timestamp };
  let [earliest, latest] = [first.timestamp, first.timestamp];
  for (const { timestamp } of times) {
    if (Date.parse(timestamp) < Date.parse(earliest)) earliest = timestamp;
    if (Date.parse(timestamp) > Date.parse(latest)) latest = timestamp;
  }
  return { earliest, latest };
}
