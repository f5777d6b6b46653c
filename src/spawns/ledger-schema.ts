/** What the ledger's file holds. The names are those that users of an earlier system have in their files. */

export const TELEMETRY_VERSION = '1.0';
/** Decisions that are kept; the counters go on counting. */
export const MAX_ROUTING_DECISIONS = 1000;
export const DEFAULT_SOURCE = 'caste-default';

/** What a spawn can come to. `abandoned`: its process ended without saying; no counter knows it. */
export type Outcome = 'completed' | 'failed' | 'blocked' | 'abandoned';

export interface CasteStats {
  spawns: number;
  success: number;
  failures: number;
  blocked: number;
}

export interface ModelStats {
  total_spawns: number;
  successful_completions: number;
  failed_completions: number;
  blocked: number;
  by_caste: Record<string, CasteStats>;
}

export interface RoutingDecision {
  /** Absent in files of the earlier system: there the timestamp is the id. */
  id?: string;
  timestamp: string;
  task: string;
  caste: string;
  selected_model: string;
  source: string;
  outcome?: Outcome;
  /** Uses of each tool so far: `read`, `grep`, `edit`, `bash`, and what else the caller names. */
  tools?: Record<string, number>;
  /** Tokens used so far. */
  tokens?: number;
  [unknown: string]: unknown;
}

export interface Telemetry {
  version: string;
  last_updated: string;
  models: Record<string, ModelStats>;
  routing_decisions: RoutingDecision[];
  [unknown: string]: unknown;
}

/** The counters that an outcome raises: of the model, and of the caste within it. */
export const COUNTERS = {
  completed: ['successful_completions', 'success'],
  failed: ['failed_completions', 'failures'],
  blocked: ['blocked', 'blocked'],
} as const satisfies Record<Exclude<Outcome, 'abandoned'>, readonly [keyof ModelStats, keyof CasteStats]>;

export function emptyTelemetry(): Telemetry {
  return { version: TELEMETRY_VERSION, last_updated: new Date().toISOString(), models: {}, routing_decisions: [] };
}

/** What a parsed file says, or undefined when it is no ledger. What is missing is filled in; all else is kept. */
export function asTelemetry(parsed: unknown): Telemetry | undefined {
  if (!isRecord(parsed)) return undefined;
  const telemetry = { ...emptyTelemetry(), ...parsed };
  return isRecord(telemetry.models) && Array.isArray(telemetry.routing_decisions) ? (telemetry as Telemetry) : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The entry of that name, and never what every object inherits: a model may be called `constructor`. */
export function entry<T>(of: Record<string, T> | undefined, name: string): T | undefined {
  const found = isRecord(of) && Object.hasOwn(of, name) ? of[name] : undefined;
  return isRecord(found) ? found : undefined;
}

/** Sets an entry of any name: assigning to `__proto__` would set no property. */
export function setEntry<T>(of: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(of, name, { value, enumerable: true, configurable: true, writable: true });
}

/** A counter of a file that anybody may have edited. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

export function idOf(decision: RoutingDecision): string {
  return decision?.id ?? decision?.timestamp;
}
