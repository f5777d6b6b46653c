/**
 * The spawn ledger, `spoor/ledger`: which model was chosen for which task, by what rule, and what came of it.
 * Every call is synchronous, the file is current when it returns, and none of them throws.
 *
 * The file is `<repoPath>/.spoor/telemetry.json`, unless `SPOOR_LEDGER_FILE` or the option `file` names
 * another (relative to `repoPath`). Processes may write to it at once.
 */
import { resolve } from 'node:path';
import { log } from '../log.ts';
import { runtime } from '../runtime.ts';
import { changeLedger, readLedger, replaceLedger, whenSetAside } from './ledger-file.ts';
import { type ModelPerformance, type RoutingFilter, type RoutingStats, type TelemetrySummary, performanceOf, routing, summary } from './ledger-queries.ts';
import { MAX_ROUTING_DECISIONS, type Outcome, type Telemetry, asTelemetry, emptyTelemetry, isRecord } from './ledger-schema.ts';
import { type SpawnRecord, addDecision, addTokens, addTools, setOutcome } from './ledger-changes.ts';

export { MAX_ROUTING_DECISIONS, TELEMETRY_VERSION } from './ledger-schema.ts';
export type { CasteStats, ModelStats, Outcome, RoutingDecision, Telemetry } from './ledger-schema.ts';
export type { ModelPerformance, ModelSummary, RoutingFilter, RoutingStats, TelemetrySummary } from './ledger-queries.ts';
export type { SpawnRecord } from './ledger-changes.ts';

export interface LedgerOptions {
  /** The ledger's file, relative to `repoPath`. Default: `SPOOR_LEDGER_FILE`, else `.spoor/telemetry.json`. */
  readonly file?: string | undefined;
}

export type RecordResult =
  | { readonly success: true; readonly decision_id: string }
  | { readonly success: false; readonly decision_id: null; readonly error: string };

whenSetAside((name) => log('error', 'ledger', 'corrupt', `the ledger could not be read; it is kept as ${name}, and a new one begins`, { file: name }));

/**
 * Records a spawn. `decision_id` is the timestamp, given or made, unless another decision has that id; use
 * it to report the outcome. `success: false` and `error` when nothing was recorded.
 */
export function recordSpawnTelemetry(repoPath: string, info: SpawnRecord, options?: LedgerOptions): RecordResult {
  try {
    const path = ledgerPath(repoPath, options);
    if (!isRecord(info)) throw new TypeError('the second argument must be an object { task, caste, model }');
    let id = '';
    changeLedger(path, (ledger) => {
      id = addDecision(ledger, info);
      return true;
    });
    return { success: true, decision_id: id };
  } catch (error) {
    return { success: false, decision_id: null, error: fault(error) };
  }
}

/** Sets a spawn's outcome, once. False when nothing was changed: unknown spawn, model or outcome, or it has one. */
export function updateSpawnOutcome(repoPath: string, spawnId: string, outcome: Outcome, options?: LedgerOptions): boolean {
  return attempt(() => changeLedger(ledgerPath(repoPath, options), (ledger) => setOutcome(ledger, spawnId, outcome), false), false);
}

/** Adds to a spawn's tool uses: `(…, 'read', 2)`, or several at once `(…, { read: 2, bash: 1 })`. False when nothing was changed. */
export function updateToolUsage(
  repoPath: string,
  spawnId: string,
  tool: string | Readonly<Record<string, number>>,
  count = 1,
  options?: LedgerOptions,
): boolean {
  return attempt(() => {
    const tools = typeof tool === 'string' ? { [tool]: count } : tool;
    return changeLedger(ledgerPath(repoPath, options), (ledger) => addTools(ledger, spawnId, tools), false);
  }, false);
}

/** Adds to the tokens that a spawn has used. False when nothing was changed. */
export function updateTokenUsage(repoPath: string, spawnId: string, tokens: number, options?: LedgerOptions): boolean {
  return attempt(() => changeLedger(ledgerPath(repoPath, options), (ledger) => addTokens(ledger, spawnId, tokens), false), false);
}

/** All models, and the last 10 decisions. */
export function getTelemetrySummary(repoPath: string, options?: LedgerOptions): TelemetrySummary {
  return attempt(() => summary(read(repoPath, options)), undefined) ?? summary(emptyTelemetry());
}

/** One model; null when it is not known. */
export function getModelPerformance(repoPath: string, model: string, options?: LedgerOptions): ModelPerformance | null {
  return attempt(() => performanceOf(read(repoPath, options), model), null);
}

/** The decisions held, by source and by model. */
export function getRoutingStats(repoPath: string, options: RoutingFilter & LedgerOptions = {}): RoutingStats {
  return attempt(() => routing(read(repoPath, options), options ?? {}), undefined) ?? routing(emptyTelemetry(), {});
}

/** The whole ledger, a copy; an empty one where there is none that can be read. */
export function loadTelemetry(repoPath: string, options?: LedgerOptions): Telemetry {
  return attempt(() => structuredClone(read(repoPath, options)), undefined) ?? emptyTelemetry();
}

/**
 * Puts `data` in the place of the whole ledger (its last 1,000 decisions), with `last_updated` set. What
 * other processes recorded since it was loaded is lost: to add to the ledger use the other calls.
 * False when it was not saved.
 */
export function saveTelemetry(repoPath: string, data: Telemetry, options?: LedgerOptions): boolean {
  return attempt(() => {
    const path = ledgerPath(repoPath, options);
    const given: unknown = JSON.parse(JSON.stringify(data));
    // What is missing is filled in where a file is read; here it would take away what is there.
    const telemetry = isRecord(given) && given.models && given.routing_decisions ? asTelemetry(given) : undefined;
    if (telemetry === undefined) throw new TypeError('not a ledger: { models, routing_decisions } is expected');
    telemetry.routing_decisions = telemetry.routing_decisions.slice(-MAX_ROUTING_DECISIONS);
    replaceLedger(path, telemetry);
    return true;
  }, false);
}

function ledgerPath(repoPath: string, options: LedgerOptions | undefined): string {
  if (typeof repoPath !== 'string' || repoPath === '') throw new TypeError('repoPath must be the path of a directory');
  return resolve(repoPath, options?.file || process.env.SPOOR_LEDGER_FILE?.trim() || '.spoor/telemetry.json');
}

function read(repoPath: string, options: LedgerOptions | undefined): Telemetry {
  return attempt(() => readLedger(ledgerPath(repoPath, options)), undefined) ?? emptyTelemetry();
}

function attempt<T, O>(action: () => T, otherwise: O): T | O {
  try {
    return action();
  } catch (error) {
    fault(error);
    return otherwise;
  }
}

/** Said once and counted: a ledger that cannot be written must not stop who spawns. */
function fault(error: unknown): string {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: 'an argument threw something that is no Error' };
  log('error', 'ledger', `ledger_${code ?? 'invalid'}`, `the spawn ledger: ${message}`);
  runtime()?.dropped(`ledger_${code ?? 'invalid'}`);
  return message;
}
