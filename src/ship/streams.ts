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
 *   not all trace lines could be read, no `settle`.
 * - A send: `requests()`, then save, then send them in this order, telling `sent` or `failed` for each. With neither
 *   (the connection broke, it is not known what arrived) the same request is offered again, byte for byte.
 * - A closed hour may be compacted by whoever has folded it to its end and saved that; no one else may, once
 *   there is state. Of a file that was replaced since, fold the lines with `compacted: 'skip'`.
 */
import type { Instrument } from '../conventions.ts';
import { ATTR, SCOPE } from '../conventions.ts';
import { attributesJson } from '../rollup/otlp.ts';
import { parseRequest, type KeyValue, type Metric, type Scope } from '../rollup/request.ts';
import type { AttributeValue } from '../rollup/series.ts';
import { Requests } from './metrics-requests.ts';
import { describe, type Described } from './metric-streams.ts';
import { Offers, type SavedOffer } from './offers.ts';
import { Runtimes, type SavedRuntimes } from './runtimes.ts';
import { resourceJson } from './service.ts';
import { ServiceStreams, type SavedService, type Service } from './service-streams.ts';
import { instrumentNamed } from './span-numbers.ts';
import type { Stream } from './stream.ts';
import { boundsOf, single, type Measured } from './value.ts';

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
/** Prometheus refuses coarser histograms, and the whole request with them. Ours never are. */
const COARSEST = -4;

export class Streams {
  readonly #options: Required<Omit<StreamsOptions, 'resource'>> & Pick<StreamsOptions, 'resource'>;
  readonly #services: ServiceStreams;
  readonly #runtimes = new Runtimes();
  readonly #offers = new Offers();
  /** Epoch milliseconds: see {@link PAST}. */
  #past = 0;
  /** Points of kinds that cannot be folded: cumulative ones, summaries. */
  skipped = 0;

  private constructor(options: StreamsOptions) {
    this.#options = { temporality: 'cumulative', histograms: 'exponential', maxSeries: 2_000, maxBytes: 1 << 20, interval: 10_000, now: Date.now, ...options };
    this.#services = new ServiceStreams({ maxSeries: this.#options.maxSeries, delta: this.#isDelta });
  }

  /**
   * @param state - what `save` gave; undefined: the directory was never shipped from
   * @throws {Error} when the state cannot be used. It belongs to the offsets: without it they are void as well.
   */
  static restore(state: unknown, options: StreamsOptions): Streams {
    const streams = new Streams(options);
    if (state === undefined) streams.#past = streams.#options.now() - PAST;
    else streams.#restore(state as SavedStreams);
    return streams;
  }

  /**
   * Takes in one line of `rollups/`; false when it is none. Never throws.
   *
   * @param options.compacted - `skip`: the line is of a file that was folded to its end before it was compacted
   */
  fold(line: string, { compacted = 'fold' }: { readonly compacted?: 'fold' | 'skip' } = {}): boolean {
    try {
      const { resources } = parseRequest(line);
      const now = this.#options.now();
      for (const { attributes, scopes } of resources) {
        const service = this.#services.service(attributes);
        const runtime = this.#runtimes.hear(attributes, now);
        let isCompacted = false;
        for (const scope of scopes) if (this.#marks(scope, runtime)) isCompacted = true;
        if (isCompacted && compacted === 'skip') continue;
        for (const scope of scopes) for (const metric of scope.metrics) this.#metric(service, scope, metric, runtime, isCompacted, now);
      }
      return true;
    } catch {
      return false;
    }
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
    if (departed.length === 0) return;
    for (const metric of this.#services.metrics()) {
      if (metric.described.kind !== 'updowncounter') continue;
      for (const stream of metric.all) if (stream.parts.size > 0) this.#takeBack(stream, departed);
    }
    const now = this.#options.now();
    for (const { resource, numbers } of this.#runtimes.forget(departed)) {
      const service = this.#services.service(resource);
      for (const { name, attributes, value, timeUnixNano, traceId, spanId } of numbers) {
        const instrument = instrumentNamed(name);
        if (instrument === undefined) continue;
        const point = single(value);
        const stream = this.#services.metric(service, this.#described(instrument)).find(attributes, boundsOf(point, instrument.unit), now);
        stream.add(point, [{ timeUnixNano, asDouble: value, traceId, spanId }], this.#isPast(timeUnixNano));
      }
    }
  }

  /** Counts something of the sender's own. */
  count(instrument: Instrument, value: number, attributes: Readonly<Record<string, AttributeValue>>): void {
    const service = this.#services.service(this.#options.resource);
    const point: Measured = { ...single(value), value };
    this.#services.metric(service, this.#described(instrument)).find(keyValues(attributes), boundsOf(point, instrument.unit), this.#options.now()).add(point, [], false);
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
      const json = resourceJson(service.attributes, instance);
      for (const metric of service.metrics.values()) {
        for (const stream of metric.all) {
          const points = stream.attempt({ now, interval });
          if (points !== undefined) requests.add(json, metric.described, points, stream);
        }
      }
    }
    return this.#offers.make(requests.end(), now);
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
    const index = new Map<Stream, number>();
    for (const metric of this.#services.metrics()) for (const stream of metric.all) index.set(stream, index.size);
    const state: SavedStreams = {
      version: VERSION,
      instance: this.#options.instance,
      delta: this.#isDelta,
      past: this.#past,
      services: this.#services.save(),
      runtimes: this.#runtimes.save(),
      offers: this.#offers.save((stream) => index.get(stream)!),
    };
    return state;
  }

  #restore({ version, instance, delta, past, services, runtimes, offers }: SavedStreams): void {
    if (version !== VERSION) throw new Error(`the state of the streams has version ${version}, not ${VERSION}`);
    this.#past = past;
    this.#services.restore(services);
    this.#runtimes.restore(runtimes);
    const streams = Array.from(this.#services.metrics(), (metric) => [...metric.all]).flat();
    if (instance !== this.#options.instance) for (const stream of streams) stream.begin();
    else if (delta !== this.#isDelta) for (const stream of streams) stream.arrived();
    else this.#offers.restore(offers, (index) => streams[index]!);
  }

  get #isDelta(): boolean {
    return this.#options.temporality !== 'cumulative';
  }

  /** Notes how far the line reaches; true when it is a compacted one. */
  #marks({ attributes }: Scope, runtime: string | undefined): boolean {
    const of = (key: string): KeyValue['value'] | undefined => attributes.find((attribute) => attribute.key === key)?.value;
    const sequence = of(ATTR.SEQUENCE)?.intValue;
    if (sequence !== undefined && runtime !== undefined) this.#runtimes.reaches(runtime, Number(sequence), of(ATTR.FINAL)?.boolValue === true);
    const runtimes = of(ATTR.RUNTIMES)?.kvlistValue;
    for (const { key, value } of runtimes?.values ?? []) this.#runtimes.reaches(key, Number(value.intValue ?? 0), value.boolValue === true);
    return runtimes !== undefined;
  }

  #metric(service: Service, scope: Scope, metric: Metric, runtime: string | undefined, isCompacted: boolean, now: number): void {
    const found = describe(scope, metric, this.#options.histograms === 'explicit');
    if (found === undefined) {
      this.skipped += Math.max(1, metric.points.length);
      return;
    }
    // What was open in an hour long over cannot be known from its sum.
    if (found.kind === 'updowncounter' && isCompacted) return;
    const streams = this.#services.metric(service, found);
    for (const point of metric.points) {
      if (point.scale < COARSEST) {
        this.skipped++;
        continue;
      }
      const stream = streams.find(point.attributes, boundsOf(point, metric.unit), now);
      if (found.kind === 'gauge') stream.set(point.value, Number(point.timeUnixNano.slice(0, -6)));
      else if (found.kind === 'updowncounter' && runtime !== undefined) stream.addPart(runtime, point.value);
      else stream.add(point, point.exemplars, this.#isPast(point.timeUnixNano));
    }
  }

  #takeBack(stream: Stream, departed: readonly string[]): void {
    // An agent that one command began and another will end stays open between the two.
    const isAgent = stream.attributes.some(({ key, value }) => key === ATTR.SPAWN_KIND && value.stringValue === 'agent');
    for (const id of departed) stream.dropPart(id, isAgent && this.#runtimes.isFinal(id));
  }

  #described({ name, type, unit, description }: Instrument): Described {
    return { scope: SCOPE, name, unit, description, kind: type === 'histogram' ? this.#options.histograms : type };
  }

  #isPast(nanoseconds: string): boolean {
    return Number(nanoseconds.slice(0, -6)) < this.#past;
  }
}

const VERSION = 1;

interface SavedStreams {
  readonly version: number;
  readonly instance: string;
  readonly delta: boolean;
  readonly past: number;
  readonly services: readonly SavedService[];
  readonly runtimes: SavedRuntimes;
  readonly offers: readonly SavedOffer[];
}

function keyValues(attributes: Readonly<Record<string, AttributeValue>>): readonly KeyValue[] {
  return JSON.parse(attributesJson(attributes)) as KeyValue[];
}
