/** What was written since a moment, and the spawns of one trace in it, for the line that closes a run. */
import { statSync } from 'node:fs';
import { ATTR, SCOPE } from '../conventions.ts';
import { HOUR_MS, hourFiles, type HourFile, type Signal } from '../store/layout.ts';
import { eachLine } from '../store/read.ts';
import { plainAttributes } from './otlp.ts';
import { Aside } from '../store/set-aside.ts';
import { verdictOf } from './spawn-groups.ts';
import { SpanIds } from './span-ids.ts';
import { parseTraceLine } from './trace-line.ts';

const SIGNALS: readonly Signal[] = ['traces', 'starts', 'rollups'];

export class TraceCounts {
  readonly #directory: string;
  readonly #since = Date.now();
  /** Where the files ended when the run began: what stands before is not read again. */
  readonly #sizes: ReadonlyMap<string, number>;

  constructor(directory: string) {
    this.#directory = directory;
    this.#sizes = new Map(this.#files());
  }

  /** Whether anything was written, by whomever. */
  get hasGrown(): boolean {
    return this.#files().some(([path, size]) => size > (this.#sizes.get(path) ?? 0));
  }

  /** Spawns of the trace that have ended, without the span `except`; undefined where nothing of the trace is there. */
  of(traceId: string, except: string): { readonly spawns: number; readonly failed: number } | undefined {
    const read = { directory: this.#directory, aside: new Aside() };
    // An SDK of the app's own may have written them too.
    const seen = new SpanIds();
    let spawns = 0;
    let failed = 0;
    let isThere = false;
    for (const { path } of this.#hours('traces')) {
      const count = (buffer: Buffer, from: number, to: number): void => {
        const line = buffer.subarray(from, to);
        if (!line.includes(traceId)) return;
        isThere = true;
        if (!line.includes(ATTR.SPAWN_KIND)) return;
        for (const { source, span } of parseTraceLine(line.toString()) ?? []) {
          const attributes = plainAttributes(span.attributes);
          if (span.traceId !== traceId || span.spanId === except || source.scope !== SCOPE.name || attributes[ATTR.SPAWN_KIND] === undefined || seen.has(span.spanId)) continue;
          seen.add(span.spanId);
          spawns++;
          if (verdictOf(attributes) === 'failed') failed++;
        }
      };
      eachLine(path, read, count, this.#sizes.get(path) ?? 0);
    }
    return isThere ? { spawns, failed } : undefined;
  }

  #files(): [path: string, size: number][] {
    return SIGNALS.flatMap((signal) => this.#hours(signal)).map(({ path }) => [path, statSync(path, { throwIfNoEntry: false })?.size ?? 0]);
  }

  /** As far as they can be listed: the run says itself what it could not keep, and goes on. */
  #hours(signal: Signal): HourFile[] {
    return hourFiles(this.#directory, signal).filter(({ start }) => start + HOUR_MS > this.#since);
  }
}
