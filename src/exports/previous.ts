/** How often in a row a provider's command was not found, from the publish before. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from './manifest.ts';
import type { PublishOptions } from './publish-options.ts';
import { MANIFEST, manifestAt } from './run-files.ts';
import { exportSettings } from './settings.ts';

/** Bounded: it may come from another machine. */
const MAX_BYTES = 64 * 1_048_576;
/** How many publishes of other names are looked past. */
const MAX_LOOKS = 20;

/** The manifest of the publish before. @throws when it was named and cannot be read */
export type Previous = () => Manifest | undefined;

/** The one that was named, read at once: the publish may be about to write its own over it. One that is not there (the first of a cache) counts nothing. */
export function namedPrevious({ previousManifest, cwd }: Pick<PublishOptions, 'previousManifest' | 'cwd'>): Previous | undefined {
  if (previousManifest === undefined) return undefined;
  try {
    const manifest = read(manifestAt(previousManifest, cwd));
    return () => manifest;
  } catch (error) {
    return () => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return undefined;
    };
  }
}

/**
 * The counts of the previous manifest for the writers whose command was not found this time; where none was named,
 * the newest one is looked for, and only when there are such writers.
 * @param writers those
 * @throws when a manifest was named and cannot be read
 */
export function previousInARow(current: Pick<Manifest, 'runId' | 'name'>, writers: ReadonlySet<string>, named: Previous | undefined): Record<string, number> {
  if (writers.size === 0) return {};
  const previous = named === undefined ? newestBefore(current) : named();
  return Object.fromEntries(
    Array.from(writers, (writer) => {
      const count: unknown = previous?.fallbackSummary?.[writer]?.commandNotFoundInARow;
      return [writer, Number.isSafeInteger(count) && (count as number) > 0 ? (count as number) : 0];
    }),
  );
}

function newestBefore({ runId, name }: Pick<Manifest, 'runId' | 'name'>): Manifest | undefined {
  const folder = join(exportSettings().directory, 'exports');
  let runs: string[];
  try {
    runs = readdirSync(folder);
  } catch {
    return undefined;
  }
  for (const run of runs.filter((one) => one < runId).sort().toReversed().slice(0, MAX_LOOKS)) {
    try {
      const manifest = read(join(folder, run, MANIFEST));
      if (manifest.name === name && manifest.state === 'complete' && manifest.dryRun === undefined) return manifest;
    } catch {
      // Not one that can be counted on: the one before it.
    }
  }
  return undefined;
}

function read(path: string): Manifest {
  if (statSync(path).size > MAX_BYTES) throw new Error(`${path} is larger than ${MAX_BYTES} bytes`);
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}
