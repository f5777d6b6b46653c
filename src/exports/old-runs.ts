/** Manifests are kept for a time, as everything in spoor's directory is. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { log } from '../log.ts';

/** So many are kept at most, the newest. */
const MAX_RUNS = 10_000;
/** No process stops for a great clean-up: the next one goes on with it. More than come between two. */
const AT_ONCE = 600;
const RUN_ID = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\d{3}Z-[0-9a-f]{8}$/;

/**
 * Removes the runs that are older than `maxAge` ms, and the oldest over 10,000. Never rejects.
 * @param directory spoor's directory
 */
export async function dropOldRuns(directory: string, maxAge: number, { now = Date.now(), most = MAX_RUNS } = {}): Promise<void> {
  const folder = join(directory, 'exports');
  try {
    const runs = (await readdir(folder)).filter((name) => RUN_ID.test(name)).sort();
    const old: string[] = [];
    for (const [i, name] of runs.entries()) {
      // They are sorted by time.
      if (old.length === AT_ONCE || (i >= runs.length - most && now - startOf(name) <= maxAge)) break;
      old.push(name);
    }
    for (const name of old) await rm(join(folder, name), { recursive: true, force: true });
    if (old.length > 0) log('info', 'exports', 'dropped', `${old.length} old manifests in ${folder} were dropped`);
  } catch (error) {
    log('warn', 'exports', 'retention_failed', `old manifests in ${folder} cannot be dropped: ${(error as Error).message}`);
  }
}

function startOf(name: string): number {
  return Date.parse(name.replace(RUN_ID, '$1-$2-$3T$4:$5:$6Z'));
}
