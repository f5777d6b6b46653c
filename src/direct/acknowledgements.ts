/** What the exporting thread says came of what it was given: in shared memory, which can be read where no event loop turns. */
import { log } from '../log.ts';
import { CELL, MOST_WORDS } from './messages.ts';

/** Different reasons of failures that are said. */
const MOST_REASONS = 8;

export class Acknowledgements {
  readonly cells = new Int32Array(new SharedArrayBuffer(CELL.COUNT * Int32Array.BYTES_PER_ELEMENT));
  readonly words = new Uint8Array(new SharedArrayBuffer(MOST_WORDS));
  readonly #onDropped: (reason: string, count: number, why?: string) => void;
  /** Reasons that are in the log. */
  readonly #said = new Set<string>();
  #reported = 0;
  #uncounted = 0;

  constructor(onDropped: (reason: string, count: number, why?: string) => void) {
    this.#onDropped = onDropped;
  }

  /** Spans that were sent, or could not be. */
  get answered(): number {
    return Atomics.load(this.cells, CELL.SENT) + Atomics.load(this.cells, CELL.FAILED);
  }

  /** Another end is waited for. */
  clearEnd(): void {
    Atomics.store(this.cells, CELL.ENDED, 0);
  }

  /** Stops the app's thread until the other has come to its end, for so many milliseconds at most. Whether something came of it. */
  waitForEnd(atMost: number): boolean {
    const isAnswered = Atomics.wait(this.cells, CELL.ENDED, 0, atMost) !== 'timed-out';
    return isAnswered && (Atomics.load(this.cells, CELL.FAILED) === 0 || Atomics.load(this.cells, CELL.SENT) > 0);
  }

  /** Failures of spans are counted; of those of numbers, which the next send makes up for, each reason is said once. */
  reportFailed(): void {
    const [failed, uncounted] = [CELL.FAILED, CELL.UNCOUNTED].map((cell) => Atomics.load(this.cells, cell)) as [number, number];
    const why = Buffer.from(this.words).toString('utf8', 0, Atomics.load(this.cells, CELL.WORDS));
    const since = failed - this.#reported;
    const isNew = !this.#said.has(why) && this.#said.size < MOST_REASONS;
    if (since > 0) this.#onDropped('export_failed', since, why);
    else if (uncounted > this.#uncounted && isNew) log('warn', 'direct', 'numbers_failed', `numbers could not be sent: ${why}`);
    if (isNew && (since > 0 || uncounted > this.#uncounted)) this.#said.add(why);
    this.#reported = failed;
    this.#uncounted = uncounted;
  }
}
