/** The rollup's numbers as OTLP/JSON lines, written as they change. */
import { clearTimeout, setTimeout } from 'node:timers';
import { steady } from '../clock.ts';
import { deltaLine } from './otlp.ts';
import type { Rollup } from './rollup.ts';

export interface RollupFileOptions {
  readonly rollup: Pick<Rollup, 'takeDelta' | 'restore'>;
  /** Writes one line now; false when it could not. */
  readonly append: (line: string) => boolean;
  /** The resource's attributes, as an OTLP/JSON array. */
  readonly resource: string;
  /** Least milliseconds between two lines. Default 100. */
  readonly interval?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** After so many lines with no pause between them the process counts as busy and long-lived … */
const BUSY_AFTER = 10;
/** … and writes this often, in milliseconds. A failed write is tried again after this time too. */
const BUSY_INTERVAL = 1_000;

/**
 * Writes what changed since the last line, synchronously with an operation, when the interval has passed: a
 * loop of synchronous spawns lets no timer run. A timer, which keeps no process alive, writes the rest. A line
 * that cannot be written loses nothing: its numbers are in the next one.
 */
export class RollupFile {
  readonly #options: RollupFileOptions;
  readonly #shortest: number;
  readonly #now: () => number;
  #last: number;
  #sequence = 0;
  #linesWithoutPause = 0;
  #interval: number;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: RollupFileOptions) {
    this.#options = options;
    this.#shortest = this.#interval = options.interval ?? 100;
    this.#now = options.now ?? steady;
    // Not in the past: most processes live shorter than the interval and need one line, at their end.
    this.#last = this.#now();
  }

  /** After each operation, with its number, when its numbers have been recorded. */
  touch(sequence: number): void {
    if (sequence > this.#sequence) this.#sequence = sequence;
    if (this.#ended) {
      this.#write();
      return;
    }
    const due = this.#last + this.#interval - this.#now();
    if (due <= 0) this.#write();
    else this.#arm(due);
  }

  /** Writes what there is. */
  flush(): void {
    this.#write();
  }

  /** The last line of this runtime, written even without numbers; an operation that ends after it is written at once. */
  end(sequence: number): void {
    if (sequence > this.#sequence) this.#sequence = sequence;
    this.#ended = true;
    this.#write(true);
  }

  #write(always = false): void {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    const now = this.#now();
    const { rollup, append, resource } = this.#options;
    const delta = rollup.takeDelta();
    if (delta === undefined && !always) {
      this.#last = now;
      return;
    }
    const isWritten = append(deltaLine(delta, { resource, sequence: this.#sequence, final: this.#ended }));
    this.#pace(now, isWritten);
    if (isWritten) return;
    if (delta !== undefined) rollup.restore(delta);
    if (!this.#ended) this.#arm(this.#interval);
  }

  #pace(now: number, isWritten: boolean): void {
    this.#linesWithoutPause = now - this.#last < 2 * this.#interval ? this.#linesWithoutPause + 1 : 0;
    const isSlow = !isWritten || this.#linesWithoutPause >= BUSY_AFTER;
    this.#interval = isSlow ? Math.max(BUSY_INTERVAL, this.#shortest) : this.#shortest;
    this.#last = now;
  }

  #arm(milliseconds: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#write();
    }, milliseconds).unref();
  }
}
