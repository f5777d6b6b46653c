/** One write: its span and numbers, the writer's call, and the line that says what came of it. */
import { type Attributes, context } from '@opentelemetry/api';
import { carry } from '../carrier.ts';
import { steady } from '../clock.ts';
import { ATTR, EXPORT_SIZE, EXPORT_WRITE } from '../conventions.ts';
import { type Operation, startOperation } from '../operation.ts';
import { resultOf } from './answer.ts';
import { type Attempted, attempt, timeoutOf } from './attempt.ts';
import type { Entry } from './entry.ts';
import { errorCode, errorText } from './faults.ts';
import type { Manifest } from './manifest.ts';
import type { Ready } from './ready-bytes.ts';
import { type WriteContext, type WriteResult, type Writer, landed, targetOf } from './writer.ts';

/** What writes need of the publish they belong to. */
export interface Publication {
  readonly runId: string;
  readonly operation: Operation;
  readonly correlationId: string | undefined;
  readonly timeout: number;
  readonly cancelled: AbortSignal | undefined;
  /** How often in a row a writer did not answer. */
  readonly timeouts: Map<Writer, number>;
  /** The manifest's folder. */
  readonly folder: string | undefined;
  readonly temporaryDirectory: () => Promise<string>;
  readonly manifest: () => Manifest;
  /** Makes it known: in the journal, to listeners. */
  record(entry: Entry, ready: Ready | undefined, at: At, result: WriteResult): void;
}

export interface At {
  readonly writer: Writer;
  readonly chain: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
}

/** Timeouts in a row after which a writer is asked no more: a thousand artifacts would wait a thousand times. */
const HOPELESS = 3;

/** Gives one artifact to a writer. Never rejects. */
export function writeOne(publication: Publication, writer: Writer, chain: number, entry: Entry): Promise<WriteResult> {
  const started = begin();
  if (entry.known) return writeReady(publication, writer, chain, entry, entry.known, started);
  return readied(entry).then(({ ready, problem }) =>
    ready === undefined ? end(publication, { writer, chain, ...started() }, entry, undefined, problem!) : writeReady(publication, writer, chain, entry, ready, started),
  );
}

/** Few promises: a program that follows its context through them pays for each, and there may be thousands of artifacts. */
function writeReady(publication: Publication, writer: Writer, chain: number, entry: Entry, ready: Ready, started: ReturnType<typeof begin>): Promise<WriteResult> {
  const operation = startOperation(EXPORT_WRITE, `write ${writer.id}`, {
    parent: publication.operation.context,
    attributes: { [ATTR.EXPORT_WRITER]: writer.id, [ATTR.EXPORT_ARTIFACT_TYPE]: ready.type, [ATTR.ARTIFACT_FILENAME]: ready.name },
  });
  const ended = (result: WriteResult): WriteResult => {
    finish(operation, result, writer, ready.type, ready.sha256, [result.bytes ?? ready.size]);
    return end(publication, { writer, chain, ...started() }, entry, ready, result);
  };
  return call(publication, writer, operation, (its) => writer.write!(ready, its)).then((answer) => {
    const result = resultOf(noted(publication, writer, answer));
    return ready.isShown ? checked(result, ready).then(ended) : ended(result);
  });
}

/** Gives several artifacts to a writer at once: one result each, in their order. Never rejects. */
export async function writeSeveral(publication: Publication, writer: Writer, chain: number, entries: readonly Entry[]): Promise<WriteResult[]> {
  const started = begin();
  const found = await Promise.all(entries.map(readied));
  const readies = found.flatMap(({ ready }) => ready ?? []);
  const type = commonType(readies);
  const operation = startOperation(EXPORT_WRITE, `write ${writer.id}`, {
    parent: publication.operation.context,
    attributes: { [ATTR.EXPORT_WRITER]: writer.id, [ATTR.EXPORT_ARTIFACT_TYPE]: type, [ATTR.EXPORT_ARTIFACTS]: readies.length },
  });
  const answer = readies.length === 0 ? { value: [] } : noted(publication, writer, await call(publication, writer, operation, (its) => writer.writeAll!(readies, its)));
  const results = await Promise.all(each(answer, readies.length).map((result, i) => checked(resultOf(result), readies[i]!)));
  finish(operation, results.find((result) => !landed(result)) ?? results[0] ?? { status: 'failed', errorCode: 'nothing_readable' }, writer, type, undefined, readies.map(({ size }) => size));
  const at = { writer, chain, ...started() };
  let next = 0;
  return entries.map((entry, i) => {
    const { ready, problem } = found[i]!;
    return end(publication, at, entry, ready, ready === undefined ? problem! : results[next++]!);
  });
}

function begin(): () => Pick<At, 'startedAt' | 'durationMs'> {
  const startedAt = Date.now();
  const from = steady();
  return () => ({ startedAt, durationMs: Math.round((steady() - from) * 1000) / 1000 });
}

async function readied(entry: Entry): Promise<{ readonly ready?: Ready; readonly problem?: WriteResult }> {
  try {
    return { ready: await entry.ready() };
  } catch (error) {
    return { problem: { status: 'failed', errorCode: errorCode(error), error: errorText(error) } };
  }
}

function call<T>(publication: Publication, writer: Writer, operation: Operation, action: (its: WriteContext) => T | Promise<T>): Promise<Attempted<T> | { readonly value: WriteResult }> {
  if ((publication.timeouts.get(writer) ?? 0) >= HOPELESS) {
    return Promise.resolve({ value: { status: 'skipped', skippedReason: 'not_responding', error: `${targetOf(writer)} did not answer ${HOPELESS} times in a row` } });
  }
  return attempt<T>(
    (signal) => context.with(operation.context, () => action(new Context(publication, operation, signal))),
    timeoutOf(writer.timeout, publication.timeout),
    publication.cancelled,
  );
}

/** Counts the timeouts in a row of a writer. One that is skipped for them stays so. */
function noted<T>({ timeouts }: Publication, writer: Writer, answer: Attempted<T> | { readonly value: WriteResult }): Attempted<T | WriteResult> {
  const before = timeouts.get(writer) ?? 0;
  if ('errorCode' in answer && answer.errorCode === 'timeout') timeouts.set(writer, before + 1);
  else if (before > 0 && before < HOPELESS) timeouts.delete(writer);
  return answer;
}

/** One answer for all, or one for each. */
function each(answer: Attempted<WriteResult | readonly WriteResult[]>, count: number): Attempted<WriteResult>[] {
  const same = (one: Attempted<WriteResult>): Attempted<WriteResult>[] => Array.from({ length: count }, () => one);
  if ('errorCode' in answer) return same(answer);
  const { value } = answer;
  if (!Array.isArray(value)) return same({ value: value as WriteResult });
  if (value.length === count) return value.map((one: WriteResult) => ({ value: one }));
  return same({ errorCode: 'bad_answer', error: `the writer gave ${value.length} answers for ${count} artifacts` });
}

async function checked(result: WriteResult, ready: Ready): Promise<WriteResult> {
  if (!landed(result) || (await ready.unchanged())) return result;
  return { status: 'failed', errorCode: 'changed_while_read', error: `${ready.name} changed while it was read` };
}

function commonType(readies: readonly Ready[]): string {
  const types = new Set(readies.map(({ type }) => type));
  return types.size === 1 ? [...types][0]! : 'mixed';
}

/** Ends the span; the numbers get the attributes that they may have. */
function finish(operation: Operation, { status, skippedReason = 'unavailable', errorCode: code = 'failed', attempts = 1 }: WriteResult, writer: Writer, type: string, sha256: string | undefined, sizes: readonly number[]): void {
  const attributes: Attributes = { [ATTR.EXPORT_OUTCOME]: status };
  if (status === 'skipped') attributes[ATTR.EXPORT_SKIP_REASON] = skippedReason;
  if (sha256 !== undefined) attributes[ATTR.ARTIFACT_HASH] = sha256;
  if (attempts > 1) attributes[ATTR.EXPORT_ATTEMPTS] = attempts;
  if (landed({ status })) {
    const of = { [ATTR.EXPORT_WRITER]: writer.id, [ATTR.EXPORT_ARTIFACT_TYPE]: type, [ATTR.EXPORT_OUTCOME]: status };
    for (const size of sizes) operation.record(EXPORT_SIZE, size, of);
  }
  operation.end(status === 'failed' ? { attributes, error: { type: code } } : { attributes });
}

function end(publication: Publication, at: At, entry: Entry, ready: Ready | undefined, result: WriteResult): WriteResult {
  publication.record(entry, ready, at, result);
  return result;
}

/** Its functions stand alone: writers take them out of it. */
class Context implements WriteContext {
  readonly runId: string;
  readonly correlationId: string | undefined;
  readonly temporaryDirectory: () => Promise<string>;
  readonly manifest: () => Manifest;
  readonly environment: () => Record<string, string>;
  readonly #signal: () => AbortSignal;

  constructor(publication: Publication, operation: Operation, signal: () => AbortSignal) {
    this.runId = publication.runId;
    this.correlationId = publication.correlationId;
    this.temporaryDirectory = publication.temporaryDirectory;
    this.manifest = publication.manifest;
    this.environment = () => {
      const env = carry(operation.context, process.env);
      return publication.folder === undefined ? env : { ...env, SPOOR_EXPORT_RUN: publication.folder };
    };
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }
}
