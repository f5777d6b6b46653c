/**
 * The road of the numbers: delta lines folded into the directory's cumulative streams, and those sent. How far
 * the files are folded and what came of it is saved together, before anything of it is sent.
 */
import { join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { compactClosedHours } from '../../exporters/compact.ts';
import { steady } from '../clock.ts';
import { TELEMETRY_DROPPED } from '../conventions.ts';
import { log } from '../log.ts';
import type { KeyValue } from '../rollup/request.ts';
import { HOUR_MS } from '../store/layout.ts';
import { Backlog, leftOf, type Positions } from './backlog.ts';
import { oldestLine, type BacklogFile } from './backlog-file.ts';
import { checkAt, readChunk, type Chunk, type Line } from './chunk.ts';
import { sendMetrics } from './metrics-send.ts';
import { onLost } from './overdue.ts';
import { Room } from './room.ts';
import type { Left, Road, RoadOptions, Stop, Turn } from './road.ts';
import { setAsideLine } from './set-aside-file.ts';
import { loadState, saveState, setAsideState } from './state.ts';
import { Streams, type Gauge, type StreamsOptions } from './streams.ts';

export interface MetricRoadOptions extends RoadOptions {
  /** The directory's identity. */
  readonly instance: string;
  readonly resource: readonly KeyValue[];
  readonly isDelta: boolean;
  /** Histograms with explicit bounds. */
  readonly isExplicit: boolean;
  /** The sender's own numbers, as they are now. */
  readonly gauges: () => readonly Gauge[];
}

/** Bytes of a file that are folded between two turns of the event loop. */
const PIECE = 1 << 18;
/** Larger rollup files are left as they are. */
const COMPACTED_AT_MOST = 64_000_000;

export class MetricRoad implements Road {
  readonly #options: MetricRoadOptions;
  readonly #rollups: Backlog;
  /** The trace files, for what killed processes could not count themselves. */
  readonly #spans: Backlog;
  readonly #streams: Streams;
  readonly #room = new Room();
  /** Where the trace files ended that were searched last. */
  #ends: ReadonlyMap<string, number> = new Map();
  /** Rollup files that were folded to their end before they were compacted. */
  readonly #compacted = new Set<string>();
  #acknowledged: Positions;
  #sentAt = -Infinity;
  #compactedHour = 0;
  #isCounting = false;

  /** @throws what the file system says */
  constructor(options: MetricRoadOptions) {
    this.#options = options;
    const { directory } = options;
    const { saved, streams } = restore(options);
    this.#streams = streams;
    this.#acknowledged = saved?.acknowledged ?? {};
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

  left(): Left {
    const { bytes, oldest } = leftOf(this.#options.directory, 'rollups', this.#acknowledged);
    return { bytes, since: oldest && oldestLine(oldest) };
  }

  /** Whether what was read has arrived: of the files nothing may be left when what killed processes left in their spans was refused. */
  get areNumbersSent(): boolean {
    return this.#streams.areSent;
  }

  /** Counts something of the sender's own. */
  dropped(reason: string, count: number): void {
    this.#streams.count(TELEMETRY_DROPPED, count, { reason });
    this.#isCounting = true;
  }

  /** Saves what was counted since the last send. */
  close(): void {
    if (this.#isCounting && this.#options.lease.held) this.#save();
  }

  async pass(turn: Turn): Promise<Stop | undefined> {
    const isDue = turn.isLast || steady() - this.#sentAt >= this.#options.settings.metricsInterval;
    for (let departed = isDue ? this.#streams.departed() : []; ; ) {
      // Of those that are gone every line has to be read, also in hours that seem over: their clocks may go after ours.
      const toTheEnds = turn.isLast || departed.length > 0;
      const isFolded = await this.#read(this.#rollups.unfinished(Date.now(), toTheEnds), this.#rollups, turn, (chunk) => this.#fold(chunk));
      if (!isDue && isFolded) return undefined;
      // What could not all be read is not known well enough to be counted; what was read is kept.
      const isSearched = isFolded && (await this.#search(turn, toTheEnds));
      if (!isSearched) {
        this.#save();
        return { kind: 'over', said: 'there was no time left to read what was recorded' };
      }
      this.#streams.settle(departed);
      // Those that were heard of only now and are gone; another pass would find them, if there were one.
      departed = turn.isLast ? this.#streams.departed() : [];
      if (departed.length === 0) break;
    }
    const stop = await this.#send(turn);
    // What was not taken is due until it is: a pass that sends nothing would look as if all were well.
    if (stop !== undefined) return stop;
    this.#sentAt = steady();
    if (!turn.isLast) this.#compact();
    return undefined;
  }

  /** Looks through the spans for those that their processes have not counted: to the ends, for processes that are gone. */
  #search(turn: Turn, toTheEnds: boolean): Promise<boolean> {
    const files = this.#spans.unfinished(Date.now(), toTheEnds);
    const before = this.#ends;
    this.#ends = new Map(files.map(({ key, size }) => [key, size]));
    // Of a file that grows fast only what stood there the last time: its processes have counted that by now. Each span
    // that they are only about to count would be parsed, kept and saved, for nothing.
    const rested = files.map((file) => (file.closed || file.size - file.offset <= PIECE ? file : { ...file, size: before.get(file.key) ?? file.offset }));
    return this.#read(toTheEnds ? files : rested, this.#spans, turn, ({ bytes, lines }) => {
      for (const { start, end } of lines) this.#streams.span(bytes, start, end);
    });
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
    for (const line of lines) if (!this.#streams.fold(text(bytes, line), { compacted })) this.#corrupt(bytes.subarray(line.start, line.end), `no metrics request, in ${file.path}`);
    if (tooLong) this.#corrupt(Buffer.alloc(0), `longer than 16 MiB, in ${file.path}`);
  }

  #corrupt(line: Buffer, because: string): void {
    setAsideLine(this.#options.directory, line, because);
    this.#options.onDropped('ship_corrupt', 1);
  }

  async #send(turn: Turn): Promise<Stop | undefined> {
    const folded = this.#rollups.positions();
    const dropped: Parameters<RoadOptions['onDropped']>[] = [];
    const stop = await this.#offer(turn, (...drop) => dropped.push(drop));
    // Counted only now, and sent with the next interval: a backend that refuses every number refuses this one as well, and would be sent it again without end.
    for (const drop of dropped) this.#options.onDropped(...drop);
    if (stop === undefined) this.#acknowledged = folded;
    if (stop?.kind !== 'lost') this.#save();
    return stop;
  }

  async #offer(turn: Turn, onDropped: RoadOptions['onDropped']): Promise<Stop | undefined> {
    const { directory, lease, isDelta, onSent } = this.#options;
    let requests = this.#streams.requests(Date.now(), this.#options.gauges());
    do {
      // A cumulative point that is sent and not noted down is no harm; a delta point would count twice.
      if (!this.#save() && isDelta) return { kind: 'unavailable', said: 'what was sent could not be noted down' };
      const stop = await sendMetrics(requests, { turn, streams: this.#streams, isHeld: () => lease.held, onSent, onDropped, directory });
      if (stop !== undefined) return stop;
      // What came after a request that had to be offered again is in none of these.
      requests = this.#streams.requests(Date.now());
    } while (requests.length > 0);
    return undefined;
  }

  #save(): boolean {
    const { directory, lease } = this.#options;
    try {
      const state = { positions: this.#rollups.positions(), searched: this.#spans.positions(), acknowledged: this.#acknowledged, streams: this.#streams.save() };
      saveState(directory, 'metrics', state, () => lease.held);
      this.#isCounting = false;
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') log('warn', 'ship', 'totals_unsaved', `the totals of what is sent cannot be saved in ${directory}/ship: ${(error as Error).message}`);
      return false;
    }
  }

  /** Hours that are over, folded to their end, and saved as such. */
  #compact(): void {
    const { directory } = this.#options;
    const now = Date.now();
    const hour = now - (now % HOUR_MS);
    if (this.#compactedHour === hour || this.#rollups.unfinished(now).some(({ closed }) => closed)) return;
    this.#compactedHour = hour;
    compactClosedHours(directory, { now, maxBytes: COMPACTED_AT_MOST, shipped: (path) => this.#rollups.offset(relative(join(directory, 'rollups'), path)) });
  }
}

function text(bytes: Buffer, { start, end }: Line): string {
  return bytes.toString('utf8', start, end);
}

function restore(options: MetricRoadOptions): { readonly saved: ReturnType<typeof loadState>; readonly streams: Streams } {
  const { directory, instance, resource, settings, isDelta, isExplicit } = options;
  const given: StreamsOptions = {
    instance,
    resource,
    temporality: isDelta ? 'delta' : 'cumulative',
    histograms: isExplicit ? 'explicit' : 'exponential',
    maxSeries: settings.maxSeries,
    maxBytes: settings.shipRequestSize,
    interval: settings.metricsInterval,
  };
  const saved = loadState(directory, 'metrics');
  try {
    return { saved, streams: Streams.restore(saved?.streams, given) };
  } catch (error) {
    setAsideState(directory, 'metrics', (error as Error).message);
    return { saved: undefined, streams: Streams.restore(undefined, given) };
  }
}
