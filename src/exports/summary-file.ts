/** Adds to a CI's step summary, and never so much that the CI refuses all of it. */
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from './manifest.ts';
import { exportSummary } from './summary.ts';

/** GitHub: "Job summaries are limited to a maximum size of 1 MiB"; above it the whole upload is aborted. */
export const MAX_SUMMARY_BYTES = 1_024 * 1_024;
/** A manifest may come from anywhere. */
const MAX_MANIFEST_BYTES = 64 * 1_048_576;

/** What is appended leaves the file under `maxBytes`, whatever is in it already. Returns the rows that had no place. @throws what writing throws */
export function appendSummary(path: string, manifests: readonly Manifest[], maxBytes = MAX_SUMMARY_BYTES): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  // Another summary may end in the middle of a line.
  const separator = size > 0 ? '\n' : '';
  const { text, cut } = exportSummary(manifests, maxBytes - 1 - size - separator.length);
  if (text !== '') appendFileSync(path, separator + text);
  return cut;
}

/** @throws Error that says which file is none */
export function readManifest(path: string): Manifest {
  const file = statSync(path).isDirectory() ? join(path, 'manifest.json') : path;
  if (statSync(file).size > MAX_MANIFEST_BYTES) throw new Error(`${file} is larger than ${MAX_MANIFEST_BYTES} bytes`);
  let manifest: Partial<Manifest> | null;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Partial<Manifest> | null;
  } catch (error) {
    throw new Error(`${file} is no manifest: ${(error as Error).message}`, { cause: error });
  }
  if (manifest?.schemaVersion !== 1 || !Array.isArray(manifest.artifacts) || typeof manifest.counts !== 'object') throw new Error(`${file} is no manifest of \`spoor export\``);
  return manifest as Manifest;
}
