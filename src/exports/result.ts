/** From what a writer answered, or did not, to what the manifest says. */
import type { Attempted } from './attempt.ts';
import { bounded } from './faults.ts';
import type { ManifestResult } from './manifest.ts';
import type { Ready } from './ready.ts';
import { type WriteResult, landed } from './writer.ts';

const STATUSES: readonly unknown[] = ['written', 'failed', 'skipped', 'handed_over'];

/** The answer as a result; a fault or an answer that makes no sense is `failed`. */
export function resultOf(answer: Attempted<WriteResult>): WriteResult {
  if ('errorCode' in answer) return { status: 'failed', ...answer };
  const { value } = answer;
  if (typeof value !== 'object' || value === null || !STATUSES.includes(value.status)) {
    return { status: 'failed', errorCode: 'bad_answer', error: 'the writer answered with no status; it must be one of written, failed, skipped, handed_over' };
  }
  return value.status === 'failed' && value.errorCode === undefined ? { ...value, errorCode: 'failed' } : value;
}

export interface Placed {
  readonly writer: string;
  readonly target: string;
  readonly chain: number;
  readonly startedAt: string;
  readonly durationMs: number;
}

/** @param relative makes a path relative to the manifest's folder */
export function manifestResult(placed: Placed, result: WriteResult, artifact: Ready | undefined, relative: (path: string) => string): ManifestResult {
  const { status, skippedReason, errorCode, exitCode, error, url, remoteId, path, output, attempts = 1 } = result;
  const there = landed(result) && artifact !== undefined;
  const bytes = result.bytes ?? (there ? artifact.size : undefined);
  const sha256 = result.sha256 ?? (there ? artifact.sha256 : undefined);
  return {
    writer: placed.writer,
    target: placed.target,
    chain: placed.chain,
    status,
    ...(status === 'skipped' && { skippedReason: skippedReason ?? 'unavailable' }),
    ...(status === 'failed' && { errorCode: errorCode! }),
    ...(exitCode !== undefined && { exitCode }),
    ...(error !== undefined && { error: bounded(String(error)) }),
    ...(bytes !== undefined && { bytes }),
    ...(sha256 !== undefined && { sha256 }),
    startedAt: placed.startedAt,
    durationMs: placed.durationMs,
    attempts,
    ...(url !== undefined && { url }),
    ...(remoteId !== undefined && { remoteId }),
    ...(path !== undefined && { path: relative(path) }),
    ...(output !== undefined && output !== '' && { output: bounded(output, 4_096) }),
  };
}
