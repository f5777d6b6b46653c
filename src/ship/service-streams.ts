import type { KeyValue } from '../rollup/request.ts';
import { describedKey, MetricStreams, type Described, type Limits, type SavedMetric } from './metric-streams.ts';
import { lasting, serviceKey } from './service.ts';

/** The streams of one service in one environment. */
export interface Service {
  /** Without its environment. */
  readonly name: string;
  /**
   * What its instance is told by, after the directory's identity. To backends environments of one service and one
   * instance are the same (OpenTelemetry's conventions say so), and one of two streams would be lost: so all but the
   * first, which the directory most often has alone, have a number.
   */
  readonly suffix: string;
  /** As the last of its processes had them. */
  attributes: readonly KeyValue[];
  readonly metrics: Map<string, MetricStreams>;
}

/** All streams of a directory, by service and metric. */
export class ServiceStreams {
  readonly #limits: Limits;
  readonly #services = new Map<string, Service>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get all(): Iterable<Service> {
    return this.#services.values();
  }

  *metrics(): Generator<MetricStreams> {
    for (const { metrics } of this.#services.values()) yield* metrics.values();
  }

  service(attributes: readonly KeyValue[]): Service {
    const { service: name, environment } = serviceKey(attributes);
    const key = name + environment;
    let service = this.#services.get(key);
    if (service === undefined) {
      const earlier = [...this.all].filter((other) => other.name === name).length;
      this.#services.set(key, (service = { name, suffix: earlier === 0 ? '' : `/${earlier + 1}`, attributes: [], metrics: new Map() }));
    }
    service.attributes = lasting(attributes);
    return service;
  }

  metric({ metrics }: Service, described: Described): MetricStreams {
    const key = describedKey(described);
    let metric = metrics.get(key);
    if (metric === undefined) metrics.set(key, (metric = new MetricStreams(described, this.#limits)));
    return metric;
  }

  save(): SavedService[] {
    return Array.from(this.#services.values(), ({ attributes, metrics }) => ({ attributes, metrics: Array.from(metrics.values(), (metric) => metric.save()) }));
  }

  restore(saved: readonly SavedService[]): void {
    for (const { attributes, metrics } of saved) {
      const service = this.service(attributes);
      for (const metric of metrics) service.metrics.set(describedKey(metric), MetricStreams.restore(metric, this.#limits));
    }
  }
}

export interface SavedService {
  readonly attributes: readonly KeyValue[];
  readonly metrics: readonly SavedMetric[];
}
