/**
 * Reads what the numbers are made from: the delta lines, and the spans of processes that were killed before they
 * counted them. What stands in the lines goes to the streams; how far was read is theirs to save together.
 */
import { join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { compactClosedHours } from '../../exporters/compact.ts';
import { HOUR_MS } from '../store/layout.ts';
import { Backlog, type Positions } from './backlog.ts';
import type { BacklogFile } from './backlog-file.ts';
import { checkAt, readChunk, type Chunk, type Line } from './chunk.ts';
import { onLost } from './overdue.ts';
import { Room } from './room.ts';
import type { RoadOptions, Turn } from './road.ts';
import { setAsideLine } from './set-aside-file.ts';
import type { SavedState } from './state.ts';
import type { Streams } from './streams.ts';

export interface MetricFilesOptions extends RoadOptions {
  readonly streams: Streams;
  readonly saved: SavedState | undefined;
}

/** Bytes of a file that are folded between two turns of the event loop. */
const PIECE = 1 << 18;
/** Larger rollup files are left as they are. */
const COMPACTED_AT_MOST = 64_000_000;

export class MetricFiles {
  readonly #options: MetricFilesOptions;
  readonly #rollups: Backlog;
  /** The trace files, for what killed processes could not count themselves. */
  readonly #spans: Backlog;
  readonly #room = new Room();
  /** Where the trace files ended that were searched last. */
  #ends: ReadonlyMap<string, number> = new Map();
  /** Rollup files that were folded to their end before they were compacted. */
  readonly #compacted = new Set<string>();
  #compactedHour = 0;

  constructor(options: MetricFilesOptions) {
    this.#options = options;
    const { directory, saved } = options;
    this.#rollups = new Backlog({
      directory,
      signal: 'rollups',
      saved: saved?.positions,
      onReplaced: ({ key }) => {
        this.#compacted.add(key);
        return 0;
      },
      onLost: onLost(options),
    });
    this.#spans = new Backlog({ directory, signal: 'traces', saved: saved?.searched, onReplaced: ({ size }) => size });
  }

  /** How far the delta lines are folded, and the spans searched. */
  get folded(): Positions {
    return this.#rollups.positions();
  }

  get searched(): Positions {
    return this.#spans.positions();
  }

  /** Folds what there is of delta lines. False: there was no time for all. */
  fold(turn: Turn, toTheEnds: boolean): Promise<boolean> {
    return this.#read(this.#rollups.unfinished(Date.now(), toTheEnds), this.#rollups, turn, (chunk) => this.#fold(chunk));
  }

  /** Looks through the spans for those that their processes have not counted: to the ends, for processes that are gone. */
  search(turn: Turn, toTheEnds: boolean): Promise<boolean> {
    const files = this.#spans.unfinished(Date.now(), toTheEnds);
    const before = this.#ends;
    this.#ends = new Map(files.map(({ key, size }) => [key, size]));
    // Of a file that grows fast only what stood there the last time: its processes have counted that by now. Each span
    // that they are only about to count would be parsed, kept and saved, for nothing.
    const rested = files.map((file) => (file.closed || file.size - file.offset <= PIECE ? file : { ...file, size: before.get(file.key) ?? file.offset }));
    return this.#read(toTheEnds ? files : rested, this.#spans, turn, ({ bytes, lines }) => {
      for (const { start, end } of lines) this.#options.streams.span(bytes, start, end);
    });
  }

  /** Hours that are over, folded to their end, and saved as such. */
  compact(): void {
    const { directory } = this.#options;
    const now = Date.now();
    const hour = now - (now % HOUR_MS);
    if (this.#compactedHour === hour || this.#rollups.unfinished(now).some(({ closed }) => closed)) return;
    this.#compactedHour = hour;
    compactClosedHours(directory, { now, maxBytes: COMPACTED_AT_MOST, shipped: (path) => this.#rollups.offset(relative(join(directory, 'rollups'), path)) });
  }

  async #read(files: readonly BacklogFile[], backlog: Backlog, turn: Turn, take: (chunk: Chunk) => void): Promise<boolean> {
    for (const file of files) {
      for (let position = file.offset; ; ) {
        const chunk = readChunk(file, position, PIECE, this.#room);
        if (chunk === undefined) break;
        take(chunk);
        position = chunk.to;
        backlog.advance(file, position, checkAt(chunk, position));
        if (turn.isOver() || !this.#options.lease.held) return false;
        if (position < file.size) await setImmediate();
      }
    }
    return true;
  }

  #fold({ file, bytes, lines, tooLong }: Chunk): void {
    const compacted = this.#compacted.has(file.key) ? 'skip' : 'fold';
    for (const line of lines) if (!this.#options.streams.fold(text(bytes, line), { compacted })) this.#corrupt(bytes.subarray(line.start, line.end), `no metrics request, in ${file.path}`);
    if (tooLong) this.#corrupt(Buffer.alloc(0), `longer than 16 MiB, in ${file.path}`);
  }

  #corrupt(line: Buffer, because: string): void {
    setAsideLine(this.#options.directory, line, because);
    this.#options.onDropped('ship_corrupt', 1);
  }
}

function text(bytes: Buffer, { start, end }: Line): string {
  return bytes.toString('utf8', start, end);
}
