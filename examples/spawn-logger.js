/**
 * A spawn logger of one's own that also keeps the ledger: it passes `source`, by what rule the model was
 * chosen, and reports the outcome under the id that the ledger gave.
 */
import { getRoutingStats, getTelemetrySummary, recordSpawnTelemetry, updateSpawnOutcome } from 'spoor/ledger';

const repoPath = process.argv[2] ?? process.cwd();

export function logSpawn({ task, caste, model, source }) {
  const { success, decision_id: id, error } = recordSpawnTelemetry(repoPath, { task, caste, model, source });
  console.log(`${caste} (${model}, ${source}): ${task}${success ? '' : ` [not in the ledger: ${error}]`}`);
  return { end: (outcome) => success && updateSpawnOutcome(repoPath, id, outcome) };
}

const first = logSpawn({ task: 'write the parser', caste: 'builder', model: 'large', source: 'task-based' });
const second = logSpawn({ task: 'find the call sites', caste: 'scout', model: 'small', source: 'cli-override' });
first.end('completed');
second.end('failed');

console.log(JSON.stringify({ by_source: getRoutingStats(repoPath).by_source, models: getTelemetrySummary(repoPath).models }));
