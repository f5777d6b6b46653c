/** Takes lines apart into streams: deltas into their totals, marks into what is known of their processes. */
import { ATTR, SCOPE, type Instrument } from '../conventions.ts';
import { parseRequest, type KeyValue, type Metric, type Scope } from '../rollup/request.ts';
import { describe, type Described } from './metric-streams.ts';
import type { Runtimes } from './runtimes.ts';
import type { Service, ServiceStreams } from './service-streams.ts';
import { instrumentNamed } from './span-numbers.ts';
import type { Stream } from './stream.ts';
import { boundsOf, single, type Measured } from './value.ts';

export interface FoldingOptions {
  readonly services: ServiceStreams;
  readonly runtimes: Runtimes;
  readonly histograms: 'exponential' | 'explicit';
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Prometheus refuses coarser histograms, and the whole request with them. Ours never are. */
const COARSEST = -4;

export class Folding {
  readonly #options: FoldingOptions;
  readonly #services: ServiceStreams;
  readonly #runtimes: Runtimes;
  /** Epoch milliseconds: what was counted before is no increase. */
  past = 0;

  constructor(options: FoldingOptions) {
    this.#options = options;
    this.#services = options.services;
    this.#runtimes = options.runtimes;
  }

  /** False when it is no line of numbers. Never throws. */
  fold(line: string, skipCompacted: boolean): boolean {
    try {
      const { resources } = parseRequest(line);
      const now = this.#options.now();
      for (const { attributes, scopes } of resources) {
        const service = this.#services.service(attributes);
        const runtime = this.#runtimes.hear(attributes, now);
        let isCompacted = false;
        for (const scope of scopes) if (this.#marks(scope, runtime)) isCompacted = true;
        if (isCompacted && skipCompacted) continue;
        for (const scope of scopes) for (const metric of scope.metrics) this.#metric(service, scope, metric, runtime, isCompacted, now);
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Counts what these processes could not, and takes back what they held open. */
  settle(departed: readonly string[]): void {
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
        stream.add(point, [{ timeUnixNano, asDouble: value, traceId, spanId }], this.#pastTime(timeUnixNano));
      }
    }
  }

  /** One number, of a service. */
  count(resource: readonly KeyValue[], instrument: Instrument, value: number, attributes: readonly KeyValue[]): void {
    const point: Measured = { ...single(value), value };
    this.#services.metric(this.#services.service(resource), this.#described(instrument)).find(attributes, boundsOf(point, instrument.unit), this.#options.now()).add(point, [], undefined);
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
    // What cannot be folded: cumulative numbers, summaries. And what was open in an hour long over cannot be known from its sum.
    if (found === undefined || (found.kind === 'updowncounter' && isCompacted)) return;
    const streams = this.#services.metric(service, found);
    for (const point of metric.points) {
      if (point.scale < COARSEST) continue;
      const stream = streams.find(point.attributes, boundsOf(point, metric.unit), now);
      if (found.kind === 'gauge') stream.set(point.value, Number(point.timeUnixNano.slice(0, -6)));
      else if (found.kind === 'updowncounter' && runtime !== undefined) stream.addPart(runtime, point.value);
      else stream.add(point, point.exemplars, this.#pastTime(point.timeUnixNano));
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

  /** Epoch milliseconds, of what was counted before spoor shipped from here. */
  #pastTime(nanoseconds: string): number | undefined {
    const time = Number(nanoseconds.slice(0, -6));
    return time < this.past ? time : undefined;
  }
}
