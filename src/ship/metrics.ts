/**
 * The road of the numbers: delta lines folded into the directory's cumulative streams, and those sent. How far
 * the files are folded and what came of it is saved together, before anything of it is sent.
 */
import { steady } from '../clock.ts';
import { TELEMETRY_DROPPED } from '../conventions.ts';
import { log } from '../log.ts';
import type { KeyValue } from '../rollup/request.ts';
import { leftOf, type Positions } from './backlog.ts';
import { oldestLine } from './backlog-file.ts';
import { MetricFiles } from './metric-files.ts';
import { sendMetrics } from './metrics-send.ts';
import type { Left, Road, RoadOptions, Stop, Turn } from './road.ts';
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

export class MetricRoad implements Road {
  readonly #options: MetricRoadOptions;
  readonly #files: MetricFiles;
  readonly #streams: Streams;
  #acknowledged: Positions;
  #sentAt = -Infinity;
  #isCounting = false;

  /** @throws what the file system says */
  constructor(options: MetricRoadOptions) {
    this.#options = options;
    const { saved, streams } = restore(options);
    this.#streams = streams;
    this.#acknowledged = saved?.acknowledged ?? {};
    this.#files = new MetricFiles({ ...options, streams, saved });
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
      const isFolded = await this.#files.fold(turn, toTheEnds);
      if (!isDue && isFolded) return undefined;
      // What could not all be read is not known well enough to be counted; what was read is kept.
      const isSearched = isFolded && (await this.#files.search(turn, toTheEnds));
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
    if (!turn.isLast) this.#files.compact();
    return undefined;
  }

  async #send(turn: Turn): Promise<Stop | undefined> {
    const { folded } = this.#files;
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
      const state = { positions: this.#files.folded, searched: this.#files.searched, acknowledged: this.#acknowledged, streams: this.#streams.save() };
      saveState(directory, 'metrics', state, () => lease.held);
      this.#isCounting = false;
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') log('warn', 'ship', 'totals_unsaved', `the totals of what is sent cannot be saved in ${directory}/ship: ${(error as Error).message}`);
      return false;
    }
  }
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
