/** What a publish remembers and writes down while it goes: its fold, its folder, its events. */
import { resolve } from 'node:path';
import { log } from '../log.ts';
import type { Entry } from './entry.ts';
import { emit } from './events.ts';
import { Fold, type JournalLine, type RunLine } from './fold.ts';
import { JournalLines } from './journal-lines.ts';
import type { Budget, Counts, Manifest } from './manifest.ts';
import { dropOldRuns } from './old-runs.ts';
import { type Previous, namedPrevious, previousInARow } from './previous.ts';
import type { PublishOptions } from './publish-options.ts';
import type { Ready } from './ready-bytes.ts';
import { manifestResult } from './result.ts';
import type { Reserved } from './reserved.ts';
import { MANIFEST, manifestAt } from './run-files.ts';
import { RunFolder } from './run-folder.ts';
import { runLine } from './run-line.ts';
import { exportSettings } from './settings.ts';
import type { At } from './write.ts';
import { type WriteResult, landed, targetOf } from './writer.ts';

/** A publish that is over by then writes its manifest once. Until then its journal tells what it has done. */
const MOMENT_MS = 20;

/** Old manifests are looked for with the first publish of a process, and with every so many. */
const CLEAN_EVERY = 500;
let published = 0;

export class PublicationRecord {
  readonly runId: string;
  readonly #fold = new Fold();
  readonly #lines = new JournalLines();
  readonly #landed = new Set<Entry>();
  /** Those whose digest is in the journal. */
  readonly #digested = new Set<Entry>();
  /** Lines that are not in the journal yet. */
  readonly #queue: JournalLine[] = [];
  readonly #run: RunLine;
  readonly #options: PublishOptions;
  readonly #problems: string[];
  readonly #previous: Previous | undefined;
  #folder: RunFolder | undefined;
  /** Until the manifest that says `running` is written, or is not needed any more. */
  #beginning: NodeJS.Timeout | undefined;
  /** Results that are still to come, when nothing falls back. */
  #expected = 0;
  /** The manifest is on disk. */
  #isThere = false;

  constructor(options: PublishOptions, run: Parameters<typeof runLine>[0], problems: string[]) {
    this.#options = options;
    this.#problems = problems;
    this.#previous = namedPrevious(options);
    this.#run = runLine(run);
    this.runId = this.#run.runId;
    const { directory, files } = exportSettings();
    const cwd = options.cwd ?? '';
    const manifest = options.manifest ?? undefined;
    if (manifest === undefined && !files) return;
    this.#guarded('the manifest cannot be written', () => {
      this.#folder = manifest === undefined ? new RunFolder(resolve(cwd, directory, 'exports', this.runId, MANIFEST), this.#fold, directory) : new RunFolder(manifestAt(manifest, cwd), this.#fold, undefined);
    });
  }

  get folder(): string | undefined {
    return this.#folder?.folder;
  }

  /** What artifacts cannot be, where there is a folder. */
  get reserved(): Reserved | undefined {
    return this.#folder?.reserved;
  }

  /** Path of the manifest, if there is one. */
  get path(): string | undefined {
    return this.#isThere ? this.#folder?.manifestPath : undefined;
  }

  get counts(): Counts {
    return this.#fold.counts;
  }

  get size(): number {
    return this.#fold.size;
  }

  /** What those are told that come last; until the end. */
  set budgets(budgets: readonly Budget[]) {
    this.#fold.budgets = budgets;
  }

  manifest(): Manifest {
    return this.#fold.manifest();
  }

  /** Whether it landed in any chain. */
  landed(entry: Entry): boolean {
    return this.#landed.has(entry);
  }

  /** The journal begins. The manifest follows in a moment, or with the first result that is not the last one. */
  start(entries: readonly Entry[]): void {
    this.#lines.number(entries);
    const lines: JournalLine[] = [this.#run, ...entries.map((entry) => this.#lines.artifact(entry))];
    for (const line of lines) this.#fold.apply(line);
    this.#guarded('the manifest cannot be written', () => this.#folder?.append(lines));
    this.#expected = entries.length * this.#run.chains.length;
    this.#beginning = setTimeout(() => this.#begin(), MOMENT_MS);
    if (this.#folder?.isReused) this.#begin();
  }

  /** The manifest that says `running`. */
  #begin(): void {
    if (this.#beginning === undefined) return;
    clearTimeout(this.#beginning);
    this.#beginning = undefined;
    this.#guarded('the manifest cannot be written', () => {
      this.#folder?.begin();
      this.#isThere = true;
    });
  }

  result(entry: Entry, ready: Ready | undefined, at: At, written: WriteResult): void {
    // Who hears of it finds a manifest, which the last result brings by itself.
    if (--this.#expected > 0) this.#begin();
    if (landed(written)) this.#landed.add(entry);
    if (ready?.sha256 !== undefined) this.#digested.add(entry);
    const { writer, chain, durationMs } = at;
    const placed = { writer: writer.id, target: targetOf(writer), chain, startedAt: new Date(at.startedAt).toISOString(), durationMs };
    const result = manifestResult(placed, written, ready, (path) => this.#folder?.relative(path) ?? path);
    this.#append(this.#lines.result(entry, result, ready));
  }

  /** Complete: the end is in the journal, manifest and sums are written. */
  finish(budgets: readonly Budget[], entries: readonly Entry[]): Manifest {
    // Digests that became known since the results: of a dry run, of a file that a command of somebody else's read.
    for (const entry of entries) {
      const { known } = entry;
      if (known?.sha256 !== undefined && !this.#digested.has(entry)) this.#append({ ...this.#lines.artifact(entry), size: known.size, sha256: known.sha256 });
    }
    clearTimeout(this.#beginning);
    this.#beginning = undefined;
    const lines = this.#queue.splice(0);
    const before = this.#guarded('the previous manifest cannot be read', () => previousInARow(this.#run, this.#fold.notFound, this.#previous)) ?? {};
    const line: JournalLine = { type: 'end', endedAt: new Date().toISOString(), budgets, before };
    const manifest = this.#guarded('the manifest cannot be completed', () => this.#folder?.finish(lines, line));
    if (manifest !== undefined) this.#isThere = true;
    else if (this.#guarded('the manifest cannot be looked at', () => this.#folder?.isTaken)) this.#isThere = false;
    this.#announce(lines);
    this.#folder?.close();
    if (this.#options.manifest === undefined && this.#folder !== undefined && published++ % CLEAN_EVERY === 0) {
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
    if (this.#queue.push(line) === 1) setImmediate(() => this.#announce(this.#write()));
  }

  #write(): readonly JournalLine[] {
    const lines = this.#queue.splice(0);
    if (lines.length > 0) this.#guarded('a result cannot be written to the journal', () => this.#folder?.append(lines));
    return lines;
  }

  /** Once they are in the journal: who hears of a result finds it there, however this process ends. */
  #announce(lines: readonly JournalLine[]): void {
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
