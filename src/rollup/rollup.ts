import type { Attributes } from '@opentelemetry/api';
import { now } from '../clock.ts';
import type { Instrument } from '../conventions.ts';
import type { Origin, Recorder } from '../runtime.ts';
import { Accumulation } from './accumulation.ts';
import { Ledger, type Delta } from './ledger.ts';
import { checked, SeriesTable, type Series } from './series.ts';

export interface RollupOptions {
  /** Most series of one metric, the overflow series included. Default 2,000, as in the SDK. */
  readonly maxSeries?: number;
  /** Told what was not recorded: `invalid_value` (the number), `invalid_attribute` (only that attribute). */
  readonly onDropped: (reason: string, count: number) => void;
  /** Epoch milliseconds. Default: the system's clock. */
  readonly now?: () => number;
}

/** A series that stood still for so long makes room for another one when its metric is full. */
const IDLE = 10 * 60_000;
/** How often at most to look for such series. */
const SWEEP = 10_000;

/**
 * The numbers of this process, aggregated as they come: counters, up-down counters and exponential histograms
 * with exemplars, by the attributes that the instrument declares. Nothing here waits, and nothing throws.
 *
 * Memory is bounded: above `maxSeries` series of a metric, new attribute sets go to its series
 * `{ otel.metric.overflow: true }`. Unlike the SDK's delta temporality, which begins anew at each collection,
 * the cap holds for the process (with ten collections a second it would bound nothing on disk); in a process
 * that lives long, series idle for 10 minutes give up their place when another one needs it.
 *
 * Several may take the numbers without taking them from each other, through a `Ledger` each: `takeDelta` for the
 * files, and any `metricCollector`.
 */
export class Rollup implements Recorder {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly #maxSeries: number;
  readonly #onDropped: (reason: string, count: number) => void;
  readonly #tables = new Map<Instrument, SeriesTable>();
  readonly #byName = new Map<string, SeriesTable>();
  readonly #ledgers: Ledger[] = [];
  readonly #files: Ledger;
  #changed: Series[] = [];
  #swept = -Infinity;

  constructor(options: RollupOptions) {
    this.#maxSeries = options.maxSeries ?? 2_000;
    this.#onDropped = options.onDropped;
    this.now = options.now ?? now;
    this.#files = this.openLedger();
  }

  record(instrument: Instrument, value: number, attributes: Attributes, origin?: Origin): void {
    try {
      if (!Number.isFinite(value) || (value < 0 && instrument.type !== 'updowncounter')) {
        this.#onDropped('invalid_value', 1);
        return;
      }
      const table = this.#tables.get(instrument) ?? this.#table(instrument);
      const series = table.find(attributes) ?? this.#add(table, attributes);
      let live = series.live;
      if (live === undefined) {
        live = series.live = new Accumulation(instrument.type);
        this.#changed.push(series);
      }
      live.record(value);
      if (origin !== undefined && instrument.type !== 'updowncounter') live.sample(this.now(), value, origin.traceId, origin.spanId);
    } catch {
      // An attribute's getter, or the callback: the app must not feel it.
    }
  }

  /**
   * What changed since the last delta; undefined when nothing did. The caller owns it: it writes it, or gives
   * it back with `restore`.
   */
  takeDelta(): Delta | undefined {
    this.settle();
    return this.#files.take(this.now());
  }

  /** Takes back a delta that could not be written; the next one holds its numbers. */
  restore(delta: Delta): void {
    this.#files.restore(delta);
  }

  /** For a further taker of the numbers, from now on. */
  openLedger(): Ledger {
    this.settle();
    const ledger = new Ledger(this.now());
    this.#ledgers.push(ledger);
    return ledger;
  }

  /** Brings every ledger up to date. */
  settle(): void {
    if (this.#changed.length === 0) return;
    const now = this.now();
    for (const series of this.#changed) {
      const { live } = series;
      if (live === undefined) continue;
      series.live = undefined;
      series.changed = now;
      // The last one keeps the object, the others a copy.
      for (let i = this.#ledgers.length - 1; i >= 0; i--) this.#ledgers[i]!.add(series, i === 0 ? live : live.clone());
    }
    this.#changed = [];
  }

  /** The first time that this declaration is seen; another copy of the package may have brought the same metric. */
  #table(instrument: Instrument): SeriesTable {
    let table = this.#byName.get(instrument.name);
    if (table === undefined) this.#byName.set(instrument.name, (table = new SeriesTable(instrument, this.#maxSeries)));
    // A caller that makes a new declaration for each call costs time, not memory.
    if (this.#tables.size >= 256) this.#tables.clear();
    this.#tables.set(instrument, table);
    return table;
  }

  #add(table: SeriesTable, attributes: Attributes): Series {
    const values = checked(table.instrument, attributes, () => this.#onDropped('invalid_attribute', 1));
    const now = this.now();
    if (table.isFull && Math.abs(now - this.#swept) >= SWEEP) {
      this.#swept = now;
      table.forget((series) => series.live === undefined && now - series.changed >= IDLE && !this.#ledgers.some((ledger) => ledger.needs(series)));
    }
    return table.add(values, now);
  }
}
