/** The changes that a ledger knows. Each says whether there is something to write. */
import type { Ledger } from './ledger-file.ts';
import { COUNTERS, type CasteStats, DEFAULT_SOURCE, type ModelStats, type Outcome, type RoutingDecision, countOf, entry, idOf, isRecord, setEntry } from './ledger-schema.ts';

/** What is told of a spawn. */
export interface SpawnRecord {
  readonly task: string;
  /** What the agent is for, such as `builder`. */
  readonly caste: string;
  readonly model: string;
  /** By what rule the model was chosen. Default: `caste-default`. */
  readonly source?: string | undefined;
  /** When; any text, an ISO 8601 time where `getRoutingStats` is to filter by days. Default: now. */
  readonly timestamp?: string | undefined;
}

/** A text of this many characters is more than enough; the file is written whole with every record. */
const MAX_TEXT = 10_000;
const MAX_TOOLS = 64;

/** Adds a decision and counts it. Returns its id: `id` when given, else its timestamp, made unique. */
export function addDecision({ telemetry, push }: Ledger, record: SpawnRecord, id?: string): string {
  const model = textOf(record.model, 'default');
  const caste = textOf(record.caste, 'unknown');
  const timestamp = textOf(record.timestamp, new Date().toISOString());
  const decision: RoutingDecision = {
    id: id ?? uniqueId(telemetry.routing_decisions, timestamp),
    timestamp,
    task: textOf(record.task, 'unknown'),
    caste,
    selected_model: model,
    source: textOf(record.source, DEFAULT_SOURCE),
  };
  let stats = entry(telemetry.models, model);
  if (stats === undefined) {
    stats = { total_spawns: 0, successful_completions: 0, failed_completions: 0, blocked: 0, by_caste: {} };
    setEntry(telemetry.models, model, stats);
  }
  if (!isRecord(stats.by_caste)) stats.by_caste = {};
  let ofCaste = entry(stats.by_caste, caste);
  if (ofCaste === undefined) {
    ofCaste = { spawns: 0, success: 0, failures: 0, blocked: 0 };
    setEntry(stats.by_caste, caste, ofCaste);
  }
  stats.total_spawns = countOf(stats.total_spawns) + 1;
  ofCaste.spawns = countOf(ofCaste.spawns) + 1;
  push(decision);
  return decision.id!;
}

export function setOutcome({ telemetry, changed }: Ledger, id: string, outcome: Outcome): boolean {
  const index = find(telemetry.routing_decisions, id);
  const decision = telemetry.routing_decisions[index];
  if (decision === undefined || typeof decision.outcome === 'string') return false;
  const stats = entry(telemetry.models, decision.selected_model);
  if (stats === undefined) return false;
  if (outcome !== 'abandoned') {
    if (!Object.hasOwn(COUNTERS, outcome)) return false;
    const [ofModel, ofCaste] = COUNTERS[outcome];
    raise(stats, ofModel);
    const casteStats = entry(stats.by_caste, decision.caste);
    if (casteStats) raise(casteStats, ofCaste);
  }
  decision.outcome = outcome;
  changed(index);
  return true;
}

export function addTools({ telemetry, changed }: Ledger, id: string, uses: Readonly<Record<string, number>>): boolean {
  const index = find(telemetry.routing_decisions, id);
  const decision = telemetry.routing_decisions[index];
  if (decision === undefined || !isRecord(uses)) return false;
  const counts = Object.entries(uses);
  if (counts.length === 0 || !counts.every(([tool, count]) => tool !== '' && tool.length <= 64 && Number.isSafeInteger(count) && count > 0)) return false;
  const tools: Record<string, number> = { read: 0, grep: 0, edit: 0, bash: 0, ...(isRecord(decision.tools) && decision.tools) };
  for (const [tool, count] of counts) setEntry(tools, tool, (Object.hasOwn(tools, tool) ? countOf(tools[tool]) : 0) + count);
  if (Object.keys(tools).length > MAX_TOOLS) return false;
  decision.tools = tools;
  changed(index);
  return true;
}

export function addTokens({ telemetry, changed }: Ledger, id: string, tokens: number): boolean {
  const index = find(telemetry.routing_decisions, id);
  const decision = telemetry.routing_decisions[index];
  if (decision === undefined || !Number.isSafeInteger(tokens) || tokens < 0) return false;
  decision.tokens = countOf(decision.tokens) + tokens;
  changed(index);
  return true;
}

/** Files of an earlier system can have an id twice: then the one that has no outcome yet is meant. */
function find(decisions: readonly RoutingDecision[], id: string): number {
  if (typeof id !== 'string') return -1;
  const pending = decisions.findIndex((decision) => idOf(decision) === id && typeof decision.outcome !== 'string');
  return pending !== -1 ? pending : decisions.findIndex((decision) => idOf(decision) === id);
}

function uniqueId(decisions: readonly RoutingDecision[], timestamp: string): string {
  let id = timestamp;
  while (decisions.some((decision) => idOf(decision) === id)) id = `${timestamp}-${Math.random().toString(36).slice(2, 10)}`;
  return id;
}

function raise<K extends string>(of: Record<K, unknown> | ModelStats | CasteStats, counter: K): void {
  const counters = of as Record<K, unknown>;
  counters[counter] = countOf(counters[counter]) + 1;
}

function textOf(value: unknown, otherwise: string): string {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  return text === '' ? otherwise : text.slice(0, MAX_TEXT);
}
