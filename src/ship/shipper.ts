/** What the holder of a directory's lease does: both roads, the heartbeat, and the last send. */
import { clearInterval, setInterval } from 'node:timers';
import { steady } from '../clock.ts';
import { ATTR, SHIP_LAST_SUCCESS, SHIP_UNSENT_AGE, SHIP_UNSENT_SIZE, type Instrument } from '../conventions.ts';
import { counted, log } from '../log.ts';
import type { KeyValue } from '../rollup/request.ts';
import { ensureDirectoryId } from '../store/layout.ts';
import { metricPreferences } from './endpoints.ts';
import { LEASE_BEAT, type Lease } from './lease.ts';
import { SignalLoop } from './loop.ts';
import { MetricRoad } from './metrics.ts';
import { Report } from './report.ts';
import type { Road, ShipSettings, Stop } from './road.ts';
import type { ShippedSignal } from './paths.ts';
import { readStatusFile } from './status.ts';
import type { Gauge } from './streams.ts';
import { TraceRoad } from './traces.ts';

export interface ShipperOptions {
  readonly directory: string;
  /** Held. */
  readonly lease: Lease;
  readonly settings: ShipSettings;
  readonly signals: readonly ShippedSignal[];
  /** OTLP attributes of the sender's own resource: its own numbers are under it. */
  readonly resource: readonly KeyValue[];
}

export class Shipper {
  readonly #options: ShipperOptions;
  readonly #report: Report;
  readonly #loops: SignalLoop[] = [];
  readonly #roads = new Map<ShippedSignal, Road>();
  readonly #beat: NodeJS.Timeout;
  #metrics: MetricRoad | undefined;

  /** @throws what the file system says when the state cannot be read */
  constructor(options: ShipperOptions) {
    this.#options = options;
    const { directory, lease, settings, signals } = options;
    const before = readStatusFile(directory);
    this.#report = new Report(directory, () => lease.held);
    const road = (signal: ShippedSignal): Road => {
      const common = { directory, lease, settings, onDropped: (reason: string, count: number) => this.#dropped(reason, count), onSent: (lines: number) => this.#report.sent(signal, lines) };
      if (signal === 'traces') return new TraceRoad(common);
      this.#metrics = new MetricRoad({ ...common, ...metricPreferences(), instance: ensureDirectoryId(directory), resource: options.resource, gauges: () => this.#gauges() });
      return this.#metrics;
    };
    for (const signal of signals) {
      this.#roads.set(signal, road(signal));
      const loop = new SignalLoop({ signal, road: this.#roads.get(signal)!, lease, report: this.#report, every: settings.shipInterval });
      this.#report.begin(signal, loop.sender.url, before?.[signal]);
      this.#loops.push(loop);
    }
    this.#beat = setInterval(() => lease.beat(), LEASE_BEAT);
  }

  /** Sends until it is ended. False: the lease was lost. */
  async run(): Promise<boolean> {
    await Promise.all(this.#loops.map((loop) => loop.run()));
    const { held } = this.#options.lease;
    if (!held) clearInterval(this.#beat);
    return held;
  }

  /** Sends what there is now, once, in at most so many milliseconds. What stopped it, if anything did. */
  async once(milliseconds = Infinity): Promise<Stop | undefined> {
    const until = steady() + milliseconds;
    const stops = await Promise.all(this.#loops.map((loop) => loop.once(until)));
    return stops.find((stop) => stop !== undefined);
  }

  /** The last send, in at most so many milliseconds; then the lease is given back. */
  async end(milliseconds: number): Promise<void> {
    const until = steady() + milliseconds;
    await Promise.all(this.#loops.map((loop) => loop.end(until)));
    this.close();
  }

  /** Gives the lease back, without another send. */
  close(): void {
    clearInterval(this.#beat);
    this.#metrics?.close();
    this.#report.write(true);
    this.#options.lease.release();
  }

  /** Whether all numbers that were read have arrived; without what the sender says of itself. */
  get areNumbersSent(): boolean {
    return this.#metrics?.areNumbersSent ?? true;
  }

  /** Lines (of numbers: requests) that were taken since this holder began. */
  sent(signal: ShippedSignal): number {
    return this.#report.of(signal)?.sent ?? 0;
  }

  #dropped(reason: string, count: number): void {
    log('warn', 'ship', `dropped_${reason}`, `${counted(count, 'line')} will not be sent from ${this.#options.directory}: ${reason}`);
    this.#metrics?.dropped(reason, count);
  }

  #gauges(): Gauge[] {
    return [...this.#roads].flatMap(([signal, road]) => {
      const { bytes, since } = road.left();
      const attributes = { [ATTR.SHIP_SIGNAL]: signal };
      const success = this.#report.of(signal)?.lastSuccess;
      const gauge = ({ name, unit, description }: Instrument, value: number): Gauge => ({ name, unit, description, value, attributes });
      return [
        gauge(SHIP_UNSENT_SIZE, bytes),
        gauge(SHIP_UNSENT_AGE, since === undefined ? 0 : Math.max(0, Date.now() - since) / 1000),
        ...(success === undefined ? [] : [gauge(SHIP_LAST_SUCCESS, success / 1000)]),
      ];
    });
  }
}
