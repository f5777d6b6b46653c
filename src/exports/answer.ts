/** What a writer answered, as a result in which each field is what it should be: writers are anybody's. */
import { fileURLToPath } from 'node:url';
import { isAbsolute, resolve } from 'node:path';
import type { Attempted } from './attempt.ts';
import { errorText } from './faults.ts';
import type { WriteResult } from './writer.ts';

const STATUSES: readonly unknown[] = ['written', 'failed', 'skipped', 'handed_over'];
/** As the manifest's schema has it. */
const MAX_WORD = 4_096;
const MAX_TEXT = 16_384;

/** The answer as a result; a fault or an answer that makes no sense is `failed`. */
export function resultOf(answer: Attempted<WriteResult>): WriteResult {
  if ('errorCode' in answer) return { status: 'failed', ...answer };
  try {
    return STATUSES.includes(answer.value?.status) ? checked(answer.value) : badAnswer('the writer answered with no status; it must be one of written, failed, skipped, handed_over');
  } catch (error) {
    return badAnswer(`the writer's answer cannot be read: ${errorText(error)}`);
  }
}

function badAnswer(error: string): WriteResult {
  return { status: 'failed', errorCode: 'bad_answer', error };
}

/** Field by field, each read once. What reads as its field is taken so, what does not is left out: it says nothing of whether it landed. */
function checked({ status, skippedReason, errorCode, exitCode, error, bytes, sha256, attempts, url, remoteId, path, output }: WriteResult): WriteResult {
  const made: { -readonly [K in keyof WriteResult]: WriteResult[K] | undefined } = { status };
  if (status === 'skipped') made.skippedReason = text(skippedReason, MAX_WORD) ?? 'unavailable';
  if (status === 'failed') made.errorCode = text(errorCode, MAX_WORD) ?? 'failed';
  if (Number.isSafeInteger(exitCode)) made.exitCode = exitCode;
  if (error !== undefined && error !== null) made.error = errorText(error);
  if (isCount(bytes)) made.bytes = bytes;
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) made.sha256 = sha256;
  if (isCount(attempts)) made.attempts = attempts;
  if (url !== undefined) made.url = text(url, MAX_TEXT);
  if (remoteId !== undefined) made.remoteId = text(remoteId, MAX_TEXT);
  if (path !== undefined) made.path = pathOf(path);
  if (output !== undefined) made.output = text(output, Infinity);
  return made as WriteResult;
}

/** Half of an address or an id is none: what is too long is left out. */
function text(value: unknown, most: number): string | undefined {
  const reads = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || value instanceof URL;
  const found = reads ? String(value) : '';
  return found !== '' && found.length <= most ? found : undefined;
}

function pathOf(path: unknown): string | undefined {
  const plain = path instanceof URL && path.protocol === 'file:' ? fileURLToPath(path) : path;
  if (typeof plain !== 'string' || plain === '') return undefined;
  return isAbsolute(plain) ? plain : resolve(plain);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
