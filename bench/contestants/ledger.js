// @ts-check
/** Records spawns in a ledger that holds 1,000 decisions: spoor's way, or by reading, parsing and rewriting the file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordSpawnTelemetry } from '../../dist/src/spawns/ledger.js';
import { contestant } from '../harness/contestant.js';

const [, , how, directory = ''] = process.argv;
const SPAWN = { task: 'Add the missing tests for the parser', caste: 'builder', model: 'model-a', source: 'routing-table' };
const file = join(directory, '.spoor/telemetry.json');

for (let i = 0; i < 1_000; i++) recordSpawnTelemetry(directory, SPAWN);

function plain() {
  const ledger = JSON.parse(readFileSync(file, 'utf8'));
  const model = ledger.models[SPAWN.model];
  model.total_spawns++;
  model.by_caste[SPAWN.caste].spawns++;
  const timestamp = new Date().toISOString();
  ledger.routing_decisions.push({ id: timestamp, timestamp, task: SPAWN.task, caste: SPAWN.caste, selected_model: SPAWN.model, source: SPAWN.source });
  ledger.routing_decisions = ledger.routing_decisions.slice(-1_000);
  ledger.last_updated = timestamp;
  writeFileSync(file, JSON.stringify(ledger, null, 2));
}

contestant((count) => {
  for (let i = 0; i < count; i++) {
    if (how === 'plain') plain();
    else if (!recordSpawnTelemetry(directory, SPAWN).success) throw new Error('not recorded');
  }
});
