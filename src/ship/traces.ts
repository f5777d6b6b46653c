/**
 * The road of the spans: lines from the files to the backend, in the order of the files, each position saved
 * when the backend has taken what stands before it. A crash between the two repeats a request: at least once.
 */
import { setImmediate } from 'node:timers/promises';
import { steady } from '../clock.ts';
import { counted, log } from '../log.ts';
import { Backlog } from './backlog.ts';
import { oldestLine, type BacklogFile } from './backlog-file.ts';
import { checkAt, readChunk, type Chunk, type Line } from './chunk.ts';
import { Rate } from './rate.ts';
import { isTraceLine, joinTraceLines, NOTHING_TO_TRACE } from './request.ts';
import { onLost, overdue } from './overdue.ts';
import { Room } from './room.ts';
import type { Left, Road, RoadOptions, Stop, Turn } from './road.ts';
import { setAsideLine } from './set-aside-file.ts';
import { loadState, saveState } from './state.ts';

/** Requests are not made smaller than this, in bytes, whatever the backend says. */
const SMALLEST = 16_384;
/** How often, in ms, positions are saved while much is being sent. */
const SAVE_EVERY = 250;

/** Lines of a chunk on their way. */
interface Batch {
  readonly chunk: Chunk;
  readonly lines: readonly Line[];
  readonly body: Buffer;
  /** Lines that are no trace requests, and not set aside yet. */
  readonly corrupt: Line[];
}

export class TraceRoad implements Road {
  readonly #options: RoadOptions;
  readonly #backlog: Backlog;
  readonly #rate: Rate;
  /** For the batch on its way, and for the one that is read meanwhile. */
  #rooms: readonly [Room, Room] = [new Room(), new Room()];
  /** Bytes of lines in a request; less when the backend finds them too large. */
  #most: number;
  /** The last request was not taken: a small one tells whether the next will be, and costs little while none is. */
  #isDown = false;
  #savedAt = -Infinity;
  #unsaved = false;

  constructor(options: RoadOptions) {
    this.#options = options;
    this.#most = Math.max(SMALLEST, options.settings.shipRequestSize);
    this.#rate = new Rate(options.settings.shipRate);
    const { directory } = options;
    this.#backlog = new Backlog({
      directory,
      signal: 'traces',
      saved: loadState(directory, 'traces')?.positions,
      onReplaced: ({ key }) => {
        log('warn', 'ship', 'file_replaced', `${directory}/traces/${key} is not the file that was sent before: it is sent from its beginning`);
        return 0;
      },
      onLost: onLost(options),
    });
  }

  left(): Left {
    const files = this.#backlog.unfinished(Date.now());
    return { bytes: files.reduce((sum, { size, offset }) => sum + size - offset, 0), since: files[0] && oldestLine(files[0]) };
  }

  async pass(turn: Turn): Promise<Stop | undefined> {
    try {
      for (const file of this.#kept(turn.isLast)) {
        const stop = await this.#file(file, turn);
        if (stop !== undefined) return stop;
      }
      return undefined;
    } finally {
      this.#save(true);
    }
  }

  /** Without those that are not sent any more. */
  #kept(all: boolean): readonly BacklogFile[] {
    const now = Date.now();
    const files = this.#backlog.unfinished(now, all);
    const { shipMaxAge: maxAge, shipMaxSize: maxBytes } = this.#options.settings;
    const skips = overdue(files, { now, maxAge, maxBytes });
    if (skips.length === 0) return files;
    for (const { file, upTo, because } of skips) {
      let position = file.offset;
      let lines = 0;
      while (position < upTo) {
        const chunk = readChunk(file, position, 1 << 20, this.#rooms[0]);
        if (chunk === undefined) break;
        lines += chunk.lines.length;
        this.#advance(chunk, chunk.to);
        position = chunk.to;
      }
      if (lines > 0) this.#options.onDropped(because === 'age' ? 'ship_age' : 'ship_size', lines);
    }
    return this.#backlog.unfinished(now);
  }

  async #file(file: BacklogFile, turn: Turn): Promise<Stop | undefined> {
    let batch = this.#next(file, file.offset);
    while (batch !== undefined) {
      const delivery = this.#deliver(batch, batch.lines, batch.body, turn);
      // Read and joined while the backend is busy with this one, which is on its way only after a turn of the loop.
      await setImmediate();
      const following: Batch | undefined = this.#isDown ? undefined : this.#next(file, batch.chunk.to);
      const stop = await delivery;
      this.#isDown = stop !== undefined;
      if (stop !== undefined) return stop;
      this.#done(batch, batch.chunk.to);
      batch = following ?? this.#next(file, batch.chunk.to);
    }
    return undefined;
  }

  #next(file: BacklogFile, from: number): Batch | undefined {
    const [room, other] = this.#rooms;
    this.#rooms = [other, room];
    const chunk = readChunk(file, from, this.#isDown ? SMALLEST : this.#most, room);
    if (chunk === undefined) return undefined;
    const lines: Line[] = [];
    const corrupt: Line[] = [];
    for (const line of chunk.lines) (isTraceLine(chunk.bytes, line) ? lines : corrupt).push(line);
    if (chunk.tooLong) this.#setAside(Buffer.from(''), 'ship_corrupt', 'it is longer than 16 MiB');
    return { chunk, lines, corrupt, body: lines.length === 0 ? NOTHING_TO_TRACE : joinTraceLines(chunk.bytes, lines) };
  }

  async #deliver(batch: Batch, lines: readonly Line[], body: Buffer, turn: Turn): Promise<Stop | undefined> {
    if (lines.length === 0) return undefined;
    await this.#rate.take(body.length);
    if (turn.isOver()) return { kind: 'over', said: 'there was no time left' };
    if (!this.#options.lease.held) return { kind: 'lost', said: 'another process has taken over' };
    const outcome = await turn.sender.send(body);
    if (outcome.kind === 'unavailable' || outcome.kind === 'misconfigured') return outcome;
    if (outcome.kind === 'accepted') {
      if (outcome.rejected > 0) {
        log('warn', 'ship', 'partial_success', `the backend took a request but rejected ${counted(outcome.rejected, 'span')} of it: ${outcome.said}`);
        this.#options.onDropped('ship_rejected', outcome.rejected);
      }
      this.#options.onSent(lines.length, body.length);
      this.#done(batch, batch.chunk.base + lines.at(-1)!.end + 1);
      return undefined;
    }
    if (outcome.kind === 'too_large') this.#most = Math.max(SMALLEST, Math.min(this.#most, body.length) >> 1);
    if (lines.length > 1) return this.#halves(batch, lines, turn);
    return this.#refused(batch, lines[0]!, outcome, turn);
  }

  async #halves(batch: Batch, lines: readonly Line[], turn: Turn): Promise<Stop | undefined> {
    const middle = lines.length >> 1;
    for (const half of [lines.slice(0, middle), lines.slice(middle)]) {
      const stop = await this.#deliver(batch, half, joinTraceLines(batch.chunk.bytes, half), turn);
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  /** A backend that refuses even an empty request refuses everything: then it is not the line. */
  async #refused(batch: Batch, line: Line, { kind, said }: { readonly kind: 'refused' | 'too_large'; readonly said: string }, turn: Turn): Promise<Stop | undefined> {
    const probe = await turn.sender.send(NOTHING_TO_TRACE);
    if (probe.kind === 'unavailable') return probe;
    if (probe.kind !== 'accepted') return { kind: 'misconfigured', said: `${said} (to an empty request too)` };
    const { bytes, base } = batch.chunk;
    this.#setAside(bytes.subarray(line.start, line.end), kind === 'refused' ? 'ship_refused' : 'ship_too_large', `the backend refuses it: ${said}`);
    this.#done(batch, base + line.end + 1);
    return undefined;
  }

  #setAside(line: Buffer, reason: string, because: string): void {
    setAsideLine(this.#options.directory, line, because);
    this.#options.onDropped(reason, 1);
  }

  #done(batch: Batch, position: number): void {
    const { chunk, corrupt } = batch;
    const to = Math.min(position, chunk.to);
    while (corrupt[0] !== undefined && chunk.base + corrupt[0].start < to) {
      const { start, end } = corrupt.shift()!;
      this.#setAside(chunk.bytes.subarray(start, end), 'ship_corrupt', `no trace request, in ${chunk.file.path}`);
    }
    this.#advance(chunk, to);
  }

  #advance(chunk: Chunk, position: number): void {
    this.#backlog.advance(chunk.file, position, checkAt(chunk, position));
    this.#unsaved = true;
    this.#save(false);
  }

  #save(now: boolean): void {
    if (!this.#unsaved || (!now && steady() - this.#savedAt < SAVE_EVERY)) return;
    this.#savedAt = steady();
    const { directory, lease } = this.#options;
    try {
      saveState(directory, 'traces', { positions: this.#backlog.positions() }, () => lease.held);
      this.#unsaved = false;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return;
      log('warn', 'ship', 'state_unsaved', `what was sent cannot be noted down in ${directory}/ship (${(error as Error).message}): it may be sent again`);
    }
  }
}
