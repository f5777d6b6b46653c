/** The ledger as the manual API and the CLI write it: under the spawn's own id, in the directory of the other telemetry. */
import { join, resolve } from 'node:path';
import { log } from '../log.ts';
import { runtime } from '../runtime.ts';
import { type SpawnRecord, addDecision, addTokens, addTools, setOutcome } from './ledger-changes.ts';
import { type Change, changeLedger, readLedger } from './ledger-file.ts';
import { type Outcome, type RoutingDecision, idOf } from './ledger-schema.ts';

/** What became of a spawn, to be written at once. */
export interface SpawnEnd {
  readonly outcome: Outcome;
  readonly tools: Readonly<Record<string, number>>;
  readonly tokens: number;
}

/**
 * Path of the ledger: `SPOOR_LEDGER_FILE`, else `telemetry.json` in `<repoPath>/.spoor` when a repository is
 * given, else in the directory of the runtime, else in `$SPOOR_DIR`, else in `.spoor` of the working directory.
 */
export function spawnLedgerPath(repoPath?: string, directory = runtime()?.config.directory): string {
  const file = process.env.SPOOR_LEDGER_FILE?.trim();
  if (file) return resolve(repoPath ?? '.', file);
  if (repoPath !== undefined) return resolve(repoPath, '.spoor', 'telemetry.json');
  return join(directory ?? resolve(process.env.SPOOR_DIR?.trim() || '.spoor'), 'telemetry.json');
}

export function recordStart(path: string, id: string, record: SpawnRecord): boolean {
  return change(path, (ledger) => addDecision(ledger, record, id) === id);
}

/** False when the decision is not there (any more) or has an outcome, or the file cannot be written. */
export function recordEnd(path: string, id: string, { outcome, tools, tokens }: SpawnEnd): boolean {
  return change(path, (ledger) => {
    if (!setOutcome(ledger, id, outcome)) return false;
    addTools(ledger, id, tools);
    if (tokens > 0) addTokens(ledger, id, tokens);
    return true;
  });
}

export function decisionOf(path: string, id: string): RoutingDecision | undefined {
  try {
    return readLedger(path).routing_decisions.find((decision) => idOf(decision) === id);
  } catch {
    return undefined;
  }
}

function change(path: string, action: Change): boolean {
  try {
    return changeLedger(path, action);
  } catch (error) {
    const { code = 'invalid', message } = error as NodeJS.ErrnoException;
    log('error', 'ledger', `ledger_${code}`, `the spawn ledger: ${message}`);
    runtime()?.dropped(`ledger_${code}`);
    return false;
  }
}
