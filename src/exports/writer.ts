/** What a destination is: something that takes one artifact at a time, or all of them as one. */
import type { Manifest } from './manifest.ts';
import type { ReadyArtifact } from './artifact.ts';

/** `handed_over`: taken by an agent that uploads it later, so nobody knows yet. */
export type WriteStatus = 'written' | 'failed' | 'skipped' | 'handed_over';

/** Why nothing was done, in one word; a metric attribute. Writers may use words of their own. */
export type SkippedReason = 'command_not_found' | 'unavailable' | 'not_responding' | 'not_needed' | 'dry_run' | (string & {});

/** What came of one artifact at one writer. */
export interface WriteResult {
  readonly status: WriteStatus;
  /** With `skipped`. */
  readonly skippedReason?: SkippedReason | undefined;
  /** With `failed`: low in cardinality, such as `timeout`, `exit_code`, `http_503`, `ENOSPC`; the span's `error.type`. */
  readonly errorCode?: string | undefined;
  /** Of a command; 127 when there was none, 126 when it could not be executed. */
  readonly exitCode?: number | undefined;
  /** For a person: what happened and what to do. No secrets; cut at 2,000 characters. */
  readonly error?: string | undefined;
  /** What arrived, where that is known. Default for what landed: the artifact's own. */
  readonly bytes?: number | undefined;
  readonly sha256?: string | undefined;
  /** Default: 1. */
  readonly attempts?: number | undefined;
  /** Where a person finds it. No credentials. */
  readonly url?: string | undefined;
  readonly remoteId?: string | undefined;
  /** Absolute path of the file that was written, for `SHA256SUMS` and `spoor export verify`. */
  readonly path?: string | undefined;
  /** The end of what a command said, at most 4 KiB. */
  readonly output?: string | undefined;
}

export interface WriteContext {
  /** Aborted when the writer's time is over or the publish is cancelled. What is answered after that is not counted. */
  readonly signal: AbortSignal;
  readonly runId: string;
  readonly correlationId: string | undefined;
  /** The environment for a child process: this process's, with TRACEPARENT, BAGGAGE and SPOOR_EXPORT_RUN (the folder of the manifest). */
  environment(): Record<string, string>;
  /** A private folder of this publish, removed at its end. */
  temporaryDirectory(): Promise<string>;
  /** What is known by now. For a writer with `last`: everything but its own results. */
  manifest(): Manifest;
}

/**
 * A destination. What it throws or rejects is `failed` (its `code`, else its name, is the `errorCode`), what it
 * answers late is not counted: it need not catch anything.
 */
export interface Writer {
  /** The kind of destination, such as `github`: a metric attribute, so never with parts of an address in it. */
  readonly id: string;
  /** As it is written in a chain, such as `dir:out`, for people and the manifest; no secrets. Default: `id`. */
  readonly target?: string | undefined;
  /** Milliseconds for one write (or for `writeAll`). Default: the publish's. */
  readonly timeout?: number | undefined;
  /** How many writes it takes at a time. Default: the publish's. */
  readonly concurrency?: number | undefined;
  /** Starts when every writer without this has ended: for one that tells what came of the others. */
  readonly last?: boolean | undefined;
  /** Writes one artifact. */
  write?(artifact: ReadyArtifact, context: WriteContext): WriteResult | Promise<WriteResult>;
  /** Writes several as one (a zip, one webhook): one result for all of them, or one for each, in their order. Preferred to `write`. */
  writeAll?(artifacts: readonly ReadyArtifact[], context: WriteContext): WriteResult | readonly WriteResult[] | Promise<WriteResult | readonly WriteResult[]>;
}

/** What people call it. */
export function targetOf({ id, target }: Writer): string {
  return typeof target === 'string' && target !== '' ? target : id;
}

/** Whether it is where it should be, or on its way: nothing further in the chain is tried. */
export function landed({ status }: Pick<WriteResult, 'status'>): boolean {
  return status === 'written' || status === 'handed_over';
}

/** For a writer that cannot work here, such as one of a CI outside of it: the next in the chain starts. */
export function unavailable(error: string): WriteResult {
  return { status: 'skipped', skippedReason: 'unavailable', error };
}
