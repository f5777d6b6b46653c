/** Manifests and journals as they are on disk. They may come from anywhere: bounded, regular files, and by the schema. */
import { Ajv, type ValidateFunction } from 'ajv';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fault } from './faults.ts';
import { foldJournal } from './journal.ts';
import type { Manifest } from './manifest.ts';
import { MANIFEST_SCHEMA } from './manifest-schema.ts';
import { readText } from './read-file.ts';
import { JOURNAL, MANIFEST } from './run-files.ts';

/** A manifest of 100,000 artifacts at three writers is half of it. */
const MAX_BYTES = 256 * 1_048_576;

let validator: ValidateFunction<Manifest> | undefined;

/** Where the manifest is that a person names, by itself or by its folder. @throws what the system says */
export async function manifestPathOf(path: string): Promise<string> {
  return (await stat(path)).isDirectory() ? join(resolve(path), MANIFEST) : resolve(path);
}

/** @param read `readPiped` for one that may come through a pipe. @throws what the system says; code `too_large`, `not_a_file`, or `no_manifest` with what is wrong with it */
export async function readManifest(manifestPath: string, read = readText): Promise<Manifest> {
  const text = await read(manifestPath, MAX_BYTES);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw fault('no_manifest', 'it is not JSON');
  }
  return bySchema(parsed, 'it is no manifest');
}

/**
 * What the journal in a folder says: all that there is of a publish that was killed. Undefined when there is none.
 * @throws as `readManifest`
 */
export async function readRun(folder: string): Promise<Manifest | undefined> {
  let told: Manifest;
  try {
    told = foldJournal(await readText(join(folder, JOURNAL), MAX_BYTES)).manifest();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code === 'ENOENT') return undefined;
    throw error;
  }
  return bySchema(told, 'its journal tells no manifest');
}

function bySchema(found: unknown, problem: string): Manifest {
  validator ??= new Ajv({ allErrors: false, strict: false }).compile<Manifest>(JSON.parse(JSON.stringify(MANIFEST_SCHEMA, openly)) as object);
  const isManifest = validator;
  if (isManifest(found)) return found;
  const [first] = isManifest.errors ?? [];
  throw fault('no_manifest', `${problem} by the schema: ${first?.instancePath || 'it'} ${first?.message ?? ''}`);
}

/** Who reads passes over what it does not know: a newer version's fields, or a pipeline's own. */
function openly(key: string, value: unknown): unknown {
  return key === 'additionalProperties' && value === false ? undefined : value;
}
