/** What the holder of a directory's lease does: both roads, the heartbeat, and the last send. */
import { clearInterval, setInterval } from 'node:timers';
import { LEASE_BEAT, type Lease } from './lease.ts';
import { SignalLoop } from './loop.ts';
import { Report } from './report.ts';
import type { Left, Road, ShipSettings, Stop } from './road.ts';
import type { ShippedSignal } from './state.ts';
import { readStatusFile } from './status.ts';
import { TraceRoad } from './traces.ts';

export interface ShipperOptions {
  readonly directory: string;
  /** Held. */
  readonly lease: Lease;
  readonly settings: ShipSettings;
  readonly signals: readonly ShippedSignal[];
}

export class Shipper {
  readonly #options: ShipperOptions;
  readonly #report: Report;
  readonly #loops: SignalLoop[] = [];
  readonly #roads = new Map<ShippedSignal, Road>();
  readonly #beat: NodeJS.Timeout;

  /** @throws what the file system says when the state cannot be read */
  constructor(options: ShipperOptions) {
    this.#options = options;
    const { directory, lease, settings, signals } = options;
    const before = readStatusFile(directory);
    this.#report = new Report(directory, () => lease.held);
    const road = (signal: ShippedSignal): Road => {
      const common = { directory, lease, settings, onDropped: (reason: string, count: number) => this.#dropped(reason, count), onSent: (lines: number) => this.#report.sent(signal, lines) };
      return new TraceRoad(common);
    };
    for (const signal of signals) {
      if (signal === 'metrics') continue;
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

  /** Sends what there is now, once. What stopped it, if anything did. */
  async once(): Promise<Stop | undefined> {
    const stops = await Promise.all(this.#loops.map((loop) => loop.once()));
    return stops.find((stop) => stop !== undefined);
  }

  /** The last send, in at most so many milliseconds; then the lease is given back. */
  async end(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    await Promise.all(this.#loops.map((loop) => loop.end(until)));
    clearInterval(this.#beat);
    this.#report.write(true);
    this.#options.lease.release();
  }

  left(): Partial<Record<ShippedSignal, Left>> {
    return Object.fromEntries(Array.from(this.#roads, ([signal, road]) => [signal, road.left()]));
  }

  /** Lines (of numbers: requests) that were taken since this holder began. */
  sent(signal: ShippedSignal): number {
    return this.#report.of(signal)?.sent ?? 0;
  }

  #dropped(_reason: string, _count: number): void {}
}
