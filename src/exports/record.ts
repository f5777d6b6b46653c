/** What a publish remembers and writes down while it goes: its fold, its folder, its events. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SCOPE } from '../conventions.ts';
import { log } from '../log.ts';
import type { Entry } from './entry.ts';
import { emit } from './events.ts';
import { type ArtifactLine, Fold, type JournalLine, type RunLine } from './fold.ts';
import type { Budget, Counts, Manifest } from './manifest.ts';
import { dropOldRuns } from './old-runs.ts';
import { previousInARow } from './previous.ts';
import type { PublishOptions } from './publish-options.ts';
import type { Ready } from './ready.ts';
import { manifestResult } from './result.ts';
import { MANIFEST, RunFolder } from './run-folder.ts';
import { exportSettings } from './settings.ts';
import type { At } from './write.ts';
import { type WriteResult, landed } from './writer.ts';

/** Once a process is enough. */
let cleaned = false;

export class PublicationRecord {
  readonly runId = newRunId();
  readonly #fold = new Fold();
  readonly #landed = new Set<Entry>();
  /** Those whose digest is in the journal. */
  readonly #digested = new Set<Entry>();
  /** Lines that are not in the journal yet. */
  readonly #queue: JournalLine[] = [];
  readonly #run: RunLine;
  readonly #options: PublishOptions;
  readonly #problems: string[];
  #folder: RunFolder | undefined;

  constructor(options: PublishOptions, run: Omit<RunLine, 'type' | 'runId' | 'startedAt' | 'tool'>, problems: string[]) {
    this.#options = options;
    this.#problems = problems;
    this.#run = { type: 'run', runId: this.runId, startedAt: new Date().toISOString(), tool: { name: SCOPE.name, version: SCOPE.version }, ...run };
    const { directory, files } = exportSettings();
    const path = options.manifest ?? (files ? join(directory, 'exports', this.runId, MANIFEST) : undefined);
    if (path === undefined) return;
    this.#guarded('the manifest cannot be written', () => {
      this.#folder = new RunFolder(resolve(options.cwd ?? '', path), this.#fold, options.manifest === undefined ? directory : undefined);
    });
  }

  get folder(): string | undefined {
    return this.#folder?.folder;
  }

  /** Path of the manifest, if there is one. */
  get path(): string | undefined {
    const path = this.#folder?.manifestPath;
    return path !== undefined && existsSync(path) ? path : undefined;
  }

  get counts(): Counts {
    return this.#fold.counts;
  }

  get size(): number {
    return this.#fold.size;
  }

  manifest(): Manifest {
    return this.#fold.manifest();
  }

  /** Whether it landed in any chain. */
  landed(entry: Entry): boolean {
    return this.#landed.has(entry);
  }

  start(entries: readonly Entry[]): void {
    const lines: JournalLine[] = [this.#run, ...entries.map(artifactLine)];
    for (const line of lines) this.#fold.apply(line);
    this.#guarded('the manifest cannot be written', () => {
      this.#folder?.append(lines);
      this.#folder?.begin();
    });
  }

  result(entry: Entry, ready: Ready | undefined, at: At, written: WriteResult): void {
    if (landed(written)) this.#landed.add(entry);
    if (ready?.sha256 !== undefined) this.#digested.add(entry);
    const { writer, chain, durationMs } = at;
    const placed = { writer: writer.id, target: writer.target ?? writer.id, chain, startedAt: new Date(at.startedAt).toISOString(), durationMs };
    const result = manifestResult(placed, written, ready, (path) => this.#folder?.relative(path) ?? path);
    const of = { type: 'result', artifact: entry.name, result } as const;
    this.#append(ready === undefined ? of : ready.sha256 === undefined ? { ...of, size: ready.size } : { ...of, size: ready.size, sha256: ready.sha256 });
  }

  /** Complete: the end is in the journal, manifest and sums are written. */
  finish(budgets: readonly Budget[], entries: readonly Entry[]): Manifest {
    // Digests that became known since the results: of a dry run, of a file that a command of somebody else's read.
    for (const entry of entries) {
      const { known } = entry;
      if (known?.sha256 !== undefined && !this.#digested.has(entry)) this.#append({ ...artifactLine(entry), size: known.size, sha256: known.sha256 });
    }
    this.#flush();
    const before = this.#guarded('the previous manifest cannot be read', () => previousInARow(this.#fold.manifest(), this.#options)) ?? {};
    const line: JournalLine = { type: 'end', endedAt: new Date().toISOString(), budgets, before };
    const manifest = this.#guarded('the manifest cannot be completed', () => this.#folder?.finish(line));
    this.#folder?.close();
    if (this.#options.manifest === undefined && this.#folder !== undefined && !cleaned) {
      cleaned = true;
      const { directory, exportsMaxAge } = exportSettings();
      void dropOldRuns(directory, exportsMaxAge);
    }
    if (manifest !== undefined) return manifest;
    this.#fold.apply(line);
    return this.#fold.manifest();
  }

  /** In the journal within this turn of the event loop, with what else ends in it, in one write. */
  #append(line: JournalLine): void {
    this.#fold.apply(line);
    if (this.#queue.push(line) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#queue.length === 0) return;
    const lines = this.#queue.splice(0);
    this.#guarded('a result cannot be written to the journal', () => this.#folder?.append(lines));
    // Not before: who hears of a result finds it in the journal, however this process ends.
    for (const line of lines) if (line.type === 'result') emit(line.result.status, { runId: this.runId, artifact: line.artifact, result: line.result });
  }

  /** A manifest that cannot be written stops no write; it is said once. */
  #guarded<T>(what: string, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      const problem = `${what}: ${(error as Error).message}`;
      if (!this.#problems.includes(problem)) this.#problems.push(problem);
      log('error', 'exports', 'manifest_failed', `${problem}; artifacts are published all the same`);
      return undefined;
    }
  }
}

function artifactLine({ name, type, mediaType, metadata }: Entry): ArtifactLine {
  return { type: 'artifact', name, artifactType: type, mediaType, metadata };
}

/** Sorts by time. */
function newRunId(): string {
  return `${new Date().toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;
}
