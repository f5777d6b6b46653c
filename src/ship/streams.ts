/**
 * What every process of a directory has counted, as streams that live as long as the directory: the delta lines of
 * `rollups/` folded, whoever wrote them, and sent under the directory's identity. Cumulative streams have no trouble
 * with lines that come late, nor with requests that are sent twice.
 *
 * The contract with whoever reads the files and sends the requests:
 * - Each line is given to `fold` once, by offset; offsets and `save()` are written together. A crash goes back to
 *   both of them.
 * - A read: `departed()` first, then all rollup lines to their ends, then all trace lines to their ends (`span`),
 *   then `settle(departed)`: what killed processes had in memory is counted from their spans, exactly once. Where
 *   not all trace lines could be read, no `settle`; where nobody has departed, they may be read at a later time.
 * - A send: `requests()`, then save, then send them in this order, telling `sent` or `failed` for each. With neither
 *   (the connection broke, it is not known what arrived) the same request is offered again, byte for byte.
 * - A closed hour may be compacted by whoever has folded it to its end and saved that; no one else may, once
 *   there is state. Of a file that was replaced since, fold the lines with `compacted: 'skip'`.
 */
import { SCOPE, TELEMETRY_DROPPED, type Instrument } from '../conventions.ts';
import { attributesJson } from '../rollup/otlp.ts';
import type { KeyValue } from '../rollup/request.ts';
import type { AttributeValue } from '../rollup/series.ts';
import { Folding } from './folding.ts';
import { Requests } from './metrics-requests.ts';
import { Offers } from './offers.ts';
import { Runtimes } from './runtimes.ts';
import { resourceJson } from './service.ts';
import { ServiceStreams } from './service-streams.ts';
import type { Stream } from './stream.ts';
import { restoreStreams, saveStreams, type StreamsState } from './streams-state.ts';

export interface StreamsOptions {
  /** The directory's identity: `service.instance.id` of everything that is sent. */
  readonly instance: string;
  /** OTLP attributes of the sender's own resource: whose gauges and counts are its own. */
  readonly resource: readonly KeyValue[];
  /** `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`. Default `cumulative`. */
  readonly temporality?: 'cumulative' | 'delta' | 'lowmemory';
  /** `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`. Default `exponential`. */
  readonly histograms?: 'exponential' | 'explicit';
  /** Most streams of one metric of one service, the overflow stream included. Default 2,000. */
  readonly maxSeries?: number;
  /** Largest request in bytes, unless one stream alone is larger. Default 1 MiB. */
  readonly maxBytes?: number;
  /** The usual time between two sends, in milliseconds. Default 10 s. */
  readonly interval?: number;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** A number of the sender's own, as it is now. */
export interface Gauge {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly value: number;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** What was counted longer than this before spoor first shipped from a directory is its past, and no increase. */
const PAST = 3_600_000;

export class Streams {
  readonly #options: Required<Omit<StreamsOptions, 'resource'>> & Pick<StreamsOptions, 'resource'>;
  readonly #services: ServiceStreams;
  readonly #runtimes = new Runtimes();
  readonly #offers = new Offers();
  readonly #folding: Folding;

  private constructor(options: StreamsOptions) {
    this.#options = { temporality: 'cumulative', histograms: 'exponential', maxSeries: 2_000, maxBytes: 1 << 20, interval: 10_000, now: Date.now, ...options };
    const { maxSeries, histograms, now } = this.#options;
    this.#services = new ServiceStreams({ maxSeries, delta: this.#isDelta });
    this.#folding = new Folding({ services: this.#services, runtimes: this.#runtimes, histograms, now });
  }

  /**
   * @param state - what `save` gave; undefined: the directory was never shipped from
   * @throws {Error} when the state cannot be used. It belongs to the offsets: without it they are void as well.
   */
  static restore(state: unknown, options: StreamsOptions): Streams {
    const streams = new Streams(options);
    streams.#folding.past = state === undefined ? streams.#options.now() - PAST : restoreStreams(state, streams.#state);
    return streams;
  }

  /**
   * Takes in one line of `rollups/`; false when it is none. Never throws.
   *
   * @param options.compacted - `skip`: the line is of a file that was folded to its end before it was compacted
   */
  fold(line: string, { compacted = 'fold' }: { readonly compacted?: 'fold' | 'skip' } = {}): boolean {
    return this.#folding.fold(line, compacted === 'skip');
  }

  /** Looks at one line of `traces/`: is its operation ahead of what its process has counted? Never throws. */
  span(buffer: Buffer, start = 0, end = buffer.length): void {
    this.#runtimes.span(buffer, start, end, this.#options.now());
  }

  /** Ids of processes that have ended. Their last lines may not be read yet. */
  departed(): readonly string[] {
    return this.#runtimes.departed(this.#options.now());
  }

  /** All that these processes have written is read: counts what they could not, and takes back what they held open. */
  settle(departed: readonly string[]): void {
    if (departed.length > 0) this.#folding.settle(departed);
  }

  /** Counts something of the sender's own. */
  count(instrument: Instrument, value: number, attributes: Readonly<Record<string, AttributeValue>>): void {
    this.#folding.count(this.#options.resource, instrument, value, keyValues(attributes));
  }

  /**
   * What is to be sent, as OTLP/JSON metrics requests: first those of which it is not known whether they arrived,
   * as they were, then what has changed since. Called again it gives the same.
   *
   * @param now - epoch milliseconds; whatever it is, the times of a stream's points strictly increase
   */
  requests(now: number, gauges: readonly Gauge[] = []): string[] {
    const { maxBytes, interval, resource, instance } = this.#options;
    const own = this.#services.service(resource);
    for (const { name, unit, description, value, attributes = {} } of gauges) {
      this.#services.metric(own, { scope: SCOPE, name, unit, description, kind: 'gauge' }).find(keyValues(attributes), [], now).set(value, now);
    }
    this.#offers.expire(now);
    const requests = new Requests<Stream>(maxBytes, this.#isDelta);
    for (const service of this.#services.all) {
      const json = resourceJson(service.attributes, instance + service.suffix);
      // How the directory stands is of no environment: whoever sends says it under the same identity.
      const plain = service.suffix === '' ? json : resourceJson(service.attributes, instance);
      for (const metric of service.metrics.values()) {
        const { kind, scope } = metric.described;
        for (const stream of metric.all) {
          const points = stream.attempt({ now, interval });
          if (points !== undefined) requests.add(kind === 'gauge' && scope.name === SCOPE.name ? plain : json, metric.described, points, stream);
        }
      }
    }
    return this.#offers.make(requests.end(), now);
  }

  /** Whether all that was folded has arrived; without what the sender says of itself. */
  get areSent(): boolean {
    const apps = Array.from(this.#services.metrics()).filter(({ described: { name, kind } }) => kind !== 'gauge' && name !== TELEMETRY_DROPPED.name);
    return apps.every((metric) => Array.from(metric.all).every(({ isSent }) => isSent));
  }

  /** The request at this index of the last `requests()` was accepted, or refused for good. */
  sent(index: number): void {
    this.#offers.sent(index);
  }

  /** It has certainly not been taken this time: its numbers will be in the next ones, unless it may have arrived before. */
  failed(index: number): void {
    this.#offers.failed(index);
  }

  /** Plain JSON. */
  save(): unknown {
    return saveStreams(this.#state, this.#folding.past);
  }

  get #state(): StreamsState {
    return { services: this.#services, runtimes: this.#runtimes, offers: this.#offers, instance: this.#options.instance, isDelta: this.#isDelta };
  }

  get #isDelta(): boolean {
    return this.#options.temporality !== 'cumulative';
  }
}

function keyValues(attributes: Readonly<Record<string, AttributeValue>>): readonly KeyValue[] {
  return JSON.parse(attributesJson(attributes)) as KeyValue[];
}
