/** Delta lines as processes write them, and what a backend would make of the requests. */
import { hostname } from 'node:os';
import { expect } from 'vitest';
import { ATTR, SPAWN_ACTIVE, SPAWN_DURATION, TELEMETRY_DROPPED } from '../../src/conventions.ts';
import { deltaLine } from '../../src/rollup/otlp.ts';
import { Rollup } from '../../src/rollup/rollup.ts';
import { Streams, type StreamsOptions } from '../../src/ship/streams.ts';

export const T0 = Date.parse('2026-11-21T12:00:00Z');
export const INSTANCE = '00000000-0000-4000-8000-000000000001';

export function streams(options: Partial<StreamsOptions> = {}, state?: unknown): Streams {
  return Streams.restore(state, { instance: INSTANCE, resource: [{ key: 'service.name', value: { stringValue: 'app' } }], now: () => T0, ...options });
}

export const saved = (from: Streams): unknown => JSON.parse(JSON.stringify(from.save()));

/** One process. */
export class Process {
  readonly #rollup: Rollup;
  readonly #resource: string;
  sequence = 0;

  constructor(id: string, { service = 'app', environment, pid = 0, space = 'elsewhere', now = () => T0 }: { service?: string; environment?: string; pid?: number; space?: string; now?: () => number } = {}) {
    this.#rollup = new Rollup({ onDropped: () => {}, now });
    const attributes = [['service.name', { stringValue: service }], ['service.instance.id', { stringValue: id }], ...(environment === undefined ? [] : [['deployment.environment.name', { stringValue: environment }]]), ...(pid > 0 ? [['process.pid', { intValue: pid }], ['host.name', { stringValue: hostname() }], [ATTR.PROCESS_SPACE, { stringValue: space }]] : [])];
    this.#resource = JSON.stringify(attributes.map(([key, value]) => ({ key, value })));
  }

  spawn(seconds: number, executable = 'node'): this {
    this.sequence++;
    const attributes = { 'spoor.spawn.kind': 'spawn', 'process.executable.name': executable };
    this.#rollup.record(SPAWN_DURATION, seconds, attributes, { traceId: 'a'.repeat(32), spanId: String(this.sequence).padStart(16, '0') });
    return this;
  }

  active(value: number, kind = 'spawn'): this {
    this.#rollup.record(SPAWN_ACTIVE, value, { 'spoor.spawn.kind': kind });
    return this;
  }

  drop(count: number): this {
    this.#rollup.record(TELEMETRY_DROPPED, count, { reason: 'ENOSPC' });
    return this;
  }

  line(final = false): string {
    return deltaLine(this.#rollup.takeDelta(), { resource: this.#resource, sequence: this.sequence, final });
  }

  /** Line of an operation's span. */
  span(sequence: number, seconds: number, executable = 'node'): Buffer {
    const attributes = [{ key: 'spoor.spawn.kind', value: { stringValue: 'spawn' } }, { key: 'process.executable.name', value: { stringValue: executable } }, { key: 'spoor.sequence', value: { intValue: sequence } }];
    const span = { traceId: 'b'.repeat(32), spanId: String(sequence).padStart(16, '0'), name: executable, startTimeUnixNano: `${T0}000000`, endTimeUnixNano: `${BigInt(T0) * 1_000_000n + BigInt(Math.round(seconds * 1e9))}`, attributes };
    return Buffer.from(JSON.stringify({ resourceSpans: [{ resource: { attributes: JSON.parse(this.#resource) }, scopeSpans: [{ scope: { name: 'spoor' }, spans: [span] }] }] }));
  }
}

export interface Seen {
  /** Nanoseconds. */
  readonly time: bigint;
  readonly start: bigint;
  readonly value: number;
  readonly sum: number;
  readonly scale: number;
  readonly point: any;
}

/** Like a backend: takes requests, holds every stream to the rules, and keeps its points. */
export class Backend {
  readonly series = new Map<string, Seen[]>();
  readonly requests: any[] = [];

  take(requests: readonly string[]): this {
    for (const text of requests) {
      const request = JSON.parse(text);
      this.requests.push(request);
      for (const { resource, scopeMetrics } of request.resourceMetrics) for (const { metrics } of scopeMetrics) for (const metric of metrics) this.#metric(resource, metric);
    }
    return this;
  }

  #metric(resource: any, metric: any): void {
    const of = (key: string): string => resource.attributes.find((attribute: any) => attribute.key === key)?.value.stringValue;
    const data = metric.sum ?? metric.exponentialHistogram ?? metric.histogram ?? metric.gauge;
    for (const point of data.dataPoints) {
      const attributes = point.attributes.map(({ key, value }: any) => `${key}=${Object.values(value)[0]}`).sort();
      const key = [`${of('service.name')}/${of('service.instance.id')}`, metric.name, ...attributes].join(' ');
      const seen: Seen = { time: BigInt(point.timeUnixNano), start: BigInt(point.startTimeUnixNano), value: Number(point.count ?? point.asDouble ?? point.asInt), sum: point.sum ?? 0, scale: point.scale ?? 0, point };
      const before = this.series.get(key) ?? [];
      this.series.set(key, before);
      const last = before.at(-1);
      // The same point again changes nothing.
      if (before.some(({ time, value }) => time === seen.time && value === seen.value)) continue;
      expect(metric.gauge !== undefined || seen.start < seen.time).toBe(true);
      if (last !== undefined) {
        expect(seen.time, key).toBeGreaterThan(last.time);
        if (metric.exponentialHistogram && data.aggregationTemporality === 2) expect(seen.scale).toBeLessThanOrEqual(last.scale);
        if (data.aggregationTemporality === 2) expect(seen.start).toBe(last.start);
        if (data.aggregationTemporality === 2 && (metric.sum === undefined || metric.sum.isMonotonic)) expect(seen.value).toBeGreaterThanOrEqual(last.value);
      }
      before.push(seen);
    }
  }

  /** The last value of each stream. */
  get totals(): Record<string, number> {
    return Object.fromEntries([...this.series].map(([key, points]) => [key, points.at(-1)!.value] as const).sort());
  }

  /** What `increase()` over everything sees: nothing of a first value. */
  get increases(): Record<string, number> {
    return Object.fromEntries([...this.series].map(([key, points]) => [key, points.at(-1)!.value - points[0]!.value] as const).sort());
  }
}

export const KEY = (service: string, metric: string, ...attributes: string[]): string => [`${service}/${INSTANCE}`, metric, ...attributes.sort()].join(' ');
export const SPAWNS = (executable = 'node', service = 'app'): string => KEY(service, 'spoor.spawn.duration', `process.executable.name=${executable}`, 'spoor.spawn.kind=spawn');

/** A send that succeeds. */
export function send(from: Streams, backend: Backend, now: number): void {
  const requests = from.requests(now);
  backend.take(requests);
  requests.forEach((_, index) => from.sent(index));
}
