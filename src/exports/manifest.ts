/** What a publish leaves: the shape of `manifest.json`, which `spoor.manifest.schema.json` describes too. */
import type { Metadata } from './artifact.ts';
import type { SkippedReason, WriteStatus } from './writer.ts';

export const SCHEMA_VERSION = 1;

/** Where it was published from. `ci`: as `ci-info` names it; null outside of CI. The rest by semantic conventions. */
export type PublishContext = { readonly ci: string | null } & { readonly [attribute: `cicd.${string}` | `vcs.${string}`]: string };

/** One artifact at one writer. */
export interface ManifestResult {
  /** The writer's id. */
  readonly writer: string;
  /** The writer as it is written in a chain, such as `dir:out`. */
  readonly target: string;
  /** Which chain of the publish, from 0; -1 for what `spoor export append` added. */
  readonly chain: number;
  readonly status: WriteStatus;
  readonly skippedReason?: SkippedReason;
  readonly errorCode?: string;
  readonly exitCode?: number;
  readonly error?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly attempts: number;
  readonly url?: string;
  readonly remoteId?: string;
  /** Of a local file: relative to the manifest's folder, with `/`; absolute only where no relative path leads there. */
  readonly path?: string;
  readonly output?: string;
}

/** `name` and `digest` make it an in-toto subject. */
export interface ManifestArtifact {
  readonly name: string;
  /** Of the first local file that was written; see the results' own. */
  readonly path?: string;
  readonly type: string;
  readonly mediaType: string;
  /** Absent while nobody has read it. */
  readonly size?: number;
  readonly digest?: { readonly sha256: string };
  readonly metadata: Metadata;
  readonly results: readonly ManifestResult[];
}

export interface Counts {
  /** Artifacts. */
  readonly attempted: number;
  /** Artifacts × writers, when all succeed. */
  readonly written: number;
  readonly failed: number;
  readonly skipped: number;
  readonly handedOver: number;
}

/** What came of one writer over all artifacts. */
export interface FallbackSummary extends Counts {
  /** Artifacts for which its command was not found. */
  readonly commandNotFound: number;
  /** In how many publishes in a row, this one included, the command was not found; from `previous`. */
  readonly commandNotFoundInARow: number;
  /** Artifacts that landed further on in a chain because this one did not take them. */
  readonly fellBack: number;
}

export interface Budget {
  readonly name: 'duration' | 'size' | 'failures';
  /** Seconds, bytes, or writes that failed. */
  readonly limit: number;
  readonly actual: number;
  readonly exceeded: boolean;
}

export const BUDGET_UNITS: Readonly<Record<Budget['name'], string>> = { duration: ' s', size: ' B', failures: '' };

export interface Manifest {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly runId: string;
  /** What the app calls this publish. */
  readonly name: string;
  /** `running` in a manifest whose process was killed. */
  readonly state: 'running' | 'complete';
  readonly dryRun?: true;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly tool: { readonly name: string; readonly version: string };
  readonly correlationId?: string;
  readonly traceId?: string;
  readonly context: PublishContext;
  /** The destinations, chain by chain, as they were written. */
  readonly chains: readonly (readonly string[])[];
  readonly artifacts: readonly ManifestArtifact[];
  readonly counts: Counts;
  readonly fallbackSummary: Readonly<Record<string, FallbackSummary>>;
  readonly budgets: readonly Budget[];
}
