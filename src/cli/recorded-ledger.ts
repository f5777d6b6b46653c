/** The spawn ledger: a row for each routing decision of the window that it still holds. */
import { basename, dirname } from 'node:path';
import { readLedger } from '../spawns/ledger-file.ts';
import { spawnLedgerPath } from '../spawns/ledger-of-spawns.ts';
import { listed } from '../store/listed.ts';
import type { RecordedRequest } from './recorded-rollups.ts';
import type { Row } from './recorded-rows.ts';

export const ledgerRows = {
  columns: ['id', 'timestamp', 'task', 'caste', 'selected_model', 'source', 'outcome', 'tools', 'tokens'],
  each({ directory, since }: RecordedRequest, onRow: (row: Row) => void): void {
    const path = spawnLedgerPath(undefined, directory);
    // Reading one that is not there, or is damaged, is no reason to make a new one.
    if (!listed(dirname(path)).includes(basename(path))) return;
    for (const decision of readLedger(path).routing_decisions) {
      const { id, timestamp, task, caste, selected_model, source, outcome, tools, tokens } = decision;
      if (Date.parse(timestamp) < since) continue;
      onRow({ id: id ?? timestamp, timestamp, task, caste, selected_model, source, outcome, tools, tokens });
    }
  },
};
