/** From what a writer answered, or did not, to what the manifest says. */
import { bounded } from './faults.ts';
import type { ManifestResult } from './manifest.ts';
import type { Ready } from './ready-bytes.ts';
import { type WriteResult, landed } from './writer.ts';

export interface Placed {
  readonly writer: string;
  readonly target: string;
  readonly chain: number;
  readonly startedAt: string;
  readonly durationMs: number;
}

/**
 * Field by field, in one shape: an object of a dozen optional parts takes longer to make than its JSON.
 * @param relative makes a path relative to the manifest's folder
 */
export function manifestResult(placed: Placed, result: WriteResult, artifact: Ready | undefined, relative: (path: string) => string): ManifestResult {
  const { status } = result;
  const there = artifact !== undefined && landed(result) ? artifact : undefined;
  const made: { -readonly [K in keyof ManifestResult]: ManifestResult[K] } = { writer: placed.writer, target: placed.target, chain: placed.chain, status, startedAt: placed.startedAt, durationMs: placed.durationMs, attempts: result.attempts ?? 1 };
  if (status === 'skipped') made.skippedReason = result.skippedReason ?? 'unavailable';
  if (status === 'failed') made.errorCode = result.errorCode!;
  if (result.exitCode !== undefined) made.exitCode = result.exitCode;
  if (result.error !== undefined) made.error = bounded(String(result.error));
  const bytes = result.bytes ?? there?.size;
  if (bytes !== undefined) made.bytes = bytes;
  const sha256 = result.sha256 ?? there?.sha256;
  if (sha256 !== undefined) made.sha256 = sha256;
  if (result.url !== undefined) made.url = result.url;
  if (result.remoteId !== undefined) made.remoteId = result.remoteId;
  if (result.path !== undefined) made.path = relative(result.path);
  if (result.output !== undefined && result.output !== '') made.output = bounded(result.output, 4_096);
  return made;
}
