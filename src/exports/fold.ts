/** From journal lines to a manifest: the same in the process that publishes and in one that reads what it left. */
import { type Budget, type Counts, type FallbackSummary, type Manifest, type ManifestArtifact, type ManifestResult, SCHEMA_VERSION } from './manifest.ts';

export type RunLine = { readonly type: 'run' } & Pick<Manifest, 'runId' | 'name' | 'dryRun' | 'startedAt' | 'tool' | 'correlationId' | 'traceId' | 'context' | 'chains'>;
/** A second one of the same artifact adds what has become known. `nth`: which artifact of that name it is, from 2; the first has none. */
export type ArtifactLine = { readonly type: 'artifact' } & Pick<ManifestArtifact, 'name' | 'mediaType' | 'metadata' | 'size'> & { readonly artifactType: string; readonly sha256?: string; readonly nth?: number };
export interface ResultLine {
  readonly type: 'result';
  readonly artifact: string;
  readonly nth?: number;
  /** Of the artifact, once they are known. */
  readonly size?: number;
  readonly sha256?: string;
  readonly result: ManifestResult;
}
export interface EndLine {
  readonly type: 'end';
  readonly endedAt: string;
  readonly budgets: readonly Budget[];
  /** In a row, for the writers whose command was not found, as it was before this publish. */
  readonly before: Readonly<Record<string, number>>;
}
export type JournalLine = RunLine | ArtifactLine | ResultLine | EndLine;

/** Whether what was read is a line, and whole: half of one that is damaged would be in the way of all others. */
export function isLine(value: unknown): value is JournalLine {
  const { type, name, artifact, result } = (value ?? {}) as { readonly type?: unknown; readonly name?: unknown; readonly artifact?: unknown; readonly result?: Partial<ManifestResult> };
  if (type === 'artifact') return typeof name === 'string';
  if (type === 'result') return typeof artifact === 'string' && typeof result?.writer === 'string' && Object.hasOwn(COUNTED, result.status ?? '');
  return type === 'run' || type === 'end';
}

interface Entry {
  size: number | undefined;
  sha256: string | undefined;
  readonly line: ArtifactLine;
  readonly results: ManifestResult[];
}

const NO_COUNTS = { attempted: 0, written: 0, failed: 0, skipped: 0, handedOver: 0 };
const COUNTED = { written: 'written', failed: 'failed', skipped: 'skipped', handed_over: 'handedOver' } as const;

export class Fold {
  readonly #artifacts = new Map<string, Entry>();
  /** Writers whose command was not found, for any artifact. */
  readonly notFound = new Set<string>();
  readonly #counts: { -readonly [K in keyof Counts]: number } = { ...NO_COUNTS };
  #run: RunLine | undefined;
  #end: EndLine | undefined;
  /** As far as they are known before the end. */
  budgets: readonly Budget[] = [];

  /** Takes one line. Lines about an artifact that has none of its own make one. */
  apply(line: JournalLine): void {
    if (line.type === 'run') this.#run ??= line;
    else if (line.type === 'end') this.#end = line;
    else if (line.type === 'artifact') this.#entry(line);
    else this.#result(line);
  }

  #entry(line: ArtifactLine): Entry {
    const key = keyOf(line.name, line.nth);
    let entry = this.#artifacts.get(key);
    if (entry === undefined) {
      entry = { line, size: undefined, sha256: undefined, results: [] };
      this.#artifacts.set(key, entry);
      this.#counts.attempted++;
    }
    entry.size ??= line.size;
    entry.sha256 ??= line.sha256;
    return entry;
  }

  #result({ artifact, nth, size, sha256, result }: ResultLine): void {
    const entry = this.#artifacts.get(keyOf(artifact, nth)) ?? this.#entry({ type: 'artifact', name: artifact, ...(nth !== undefined && { nth }), artifactType: 'file', mediaType: 'application/octet-stream', metadata: {} });
    entry.size ??= size;
    entry.sha256 ??= sha256;
    entry.results.push(result);
    this.#counts[COUNTED[result.status]]++;
    if (result.skippedReason === 'command_not_found') this.notFound.add(result.writer);
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** Bytes of all artifacts whose size is known. */
  get size(): number {
    let bytes = 0;
    for (const { size } of this.#artifacts.values()) bytes += size ?? 0;
    return bytes;
  }

  /** @throws Error when the journal has no line about the run */
  manifest(): Manifest {
    if (this.#run === undefined) throw new Error('the journal does not say which publish it is of');
    const { type: _, runId, name, startedAt, ...run } = this.#run;
    return {
      schemaVersion: SCHEMA_VERSION,
      runId,
      name,
      state: this.#end ? 'complete' : 'running',
      startedAt,
      ...(this.#end && { endedAt: this.#end.endedAt }),
      ...run,
      artifacts: Array.from(this.#artifacts.values(), artifactOf),
      counts: { ...this.#counts },
      fallbackSummary: this.#fallbackSummary(),
      budgets: this.#end?.budgets ?? this.budgets,
    };
  }

  #fallbackSummary(): Record<string, FallbackSummary> {
    type Summary = { -readonly [K in keyof FallbackSummary]: number };
    const of = new Map<string, Summary>();
    for (const { results } of this.#artifacts.values()) {
      for (const result of results) {
        let summary = of.get(result.writer);
        if (summary === undefined) of.set(result.writer, (summary = { attempted: 0, written: 0, failed: 0, skipped: 0, handedOver: 0, commandNotFound: 0, commandNotFoundInARow: 0, fellBack: 0 }));
        summary.attempted++;
        summary[COUNTED[result.status]]++;
        if (result.skippedReason === 'command_not_found') summary.commandNotFound++;
        if ((result.status === 'failed' || result.status === 'skipped') && results.some(({ chain, status }) => chain === result.chain && (status === 'written' || status === 'handed_over'))) summary.fellBack++;
      }
    }
    for (const [writer, summary] of of) {
      if (summary.commandNotFound > 0) summary.commandNotFoundInARow = (this.#end?.before[writer] ?? 0) + 1;
    }
    return Object.fromEntries(of);
  }
}

/** The number first: in a name there may be anything. */
function keyOf(name: string, nth = 1): string {
  return `${nth} ${name}`;
}

function artifactOf({ line, size, sha256, results }: Entry): ManifestArtifact {
  const path = results.find((result) => result.path !== undefined)?.path;
  return {
    name: line.name,
    ...(path !== undefined && { path }),
    type: line.artifactType,
    mediaType: line.mediaType,
    ...(size !== undefined && { size }),
    ...(sha256 !== undefined && { digest: { sha256 } }),
    metadata: line.metadata,
    // In the order of the chains, and within one in the order of the tries; then what others added.
    results: results.length < 2 ? results : results.toSorted((a, b) => (a.chain < 0 ? Infinity : a.chain) - (b.chain < 0 ? Infinity : b.chain) || 0),
  };
}
