/** What `spoor spawn list` does. */
import { ATTR } from '../conventions.ts';
import { aligned } from '../report/aligned.ts';
import { clean, time } from '../report/words.ts';
import { openSpawns } from '../spawns/open-spawns.ts';
import { directoryOf } from './directory.ts';
import type { SpawnListOptions } from './spawn.ts';
import { colors, print } from './terminal.ts';

export function listSpawns(options: SpawnListOptions): void {
  const open = openSpawns(directoryOf(options.dir)).toSorted((a, b) => a.startTime - b.startTime);
  if (options.json) {
    print(JSON.stringify(open.map(({ id, traceId, startTime, attributes }) => ({ id, trace_id: traceId, started_at: new Date(startTime).toISOString(), attributes }))));
    return;
  }
  if (open.length === 0) return print('No agent is open.');
  const { dim } = colors(process.stdout);
  const rows = open.map(({ id, startTime, attributes }) => [
    clean(id),
    time(startTime),
    ...[ATTR.SPAWN_ROLE, ATTR.GEN_AI_REQUEST_MODEL].map((name) => clean(String(attributes[name] ?? '–'), 32)),
    clean(String(attributes[ATTR.SPAWN_TASK] ?? '–').replace(/\s+/g, ' ')),
  ]);
  print(aligned(['id', 'started', 'role', 'model', 'task'].map(dim), rows, []));
}
