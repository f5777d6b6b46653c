/** Adds to a CI's step summary, and never so much that the CI refuses all of it. */
import { appendFileSync, statSync } from 'node:fs';
import type { Manifest } from './manifest.ts';
import { exportSummary } from './summary.ts';

/** GitHub: "Job summaries are limited to a maximum size of 1 MiB"; above it the whole upload is aborted. */
export const MAX_SUMMARY_BYTES = 1_024 * 1_024;

/** What is appended leaves the file under {@link MAX_SUMMARY_BYTES}, whatever is in it already. Returns the rows that had no place. @throws what writing throws */
export function appendSummary(path: string, manifests: readonly Manifest[]): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  // Another summary may end in the middle of a line.
  const separator = size > 0 ? '\n' : '';
  const { text, cut } = exportSummary(manifests, MAX_SUMMARY_BYTES - 1 - size - separator.length);
  if (text !== '') appendFileSync(path, separator + text);
  return cut;
}
