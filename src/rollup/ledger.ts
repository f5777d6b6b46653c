import type { Accumulation } from './accumulation.ts';
import type { Series } from './series.ts';

/** The numbers of one interval. */
export interface Delta {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly entries: ReadonlyMap<Series, Accumulation>;
}

/** What one taker of the numbers has not taken yet. At most one accumulation a series, however long it waits. */
export class Ledger {
  #start: number;
  #entries = new Map<Series, Accumulation>();

  constructor(start: number) {
    this.#start = start;
  }

  /** Takes ownership of `accumulation`. */
  add(series: Series, accumulation: Accumulation): void {
    const waiting = this.#entries.get(series);
    if (waiting === undefined) this.#entries.set(series, accumulation);
    else waiting.merge(accumulation);
  }

  /** Whether forgetting the series would lose numbers. */
  needs(series: Series): boolean {
    return this.#entries.has(series);
  }

  take(now: number): Delta | undefined {
    if (this.#entries.size === 0) return undefined;
    // A clock that was set back must not make an interval that ends before it begins.
    const delta = { start: Math.min(this.#start, now), end: now, entries: this.#entries };
    this.#entries = new Map();
    this.#start = now;
    return delta;
  }

  restore(delta: Delta): void {
    this.#start = Math.min(this.#start, delta.start);
    for (const [series, accumulation] of delta.entries) this.add(series, accumulation);
  }
}
