/** How far a publish is, on a terminal's stderr, when it takes longer than a moment. */
import { exports } from '../exports/exports.ts';

const FIRST_MS = 500;
const NEXT_MS = 100;

export class ExportProgress {
  readonly #least: number;
  readonly #started = Date.now();
  #said = 0;
  #ended = 0;
  #landed = 0;

  /** @param least how many writes there are when nothing falls back */
  constructor(least: number) {
    this.#least = least;
    if (!process.stderr.isTTY) return;
    for (const event of ['written', 'handed_over', 'failed', 'skipped'] as const) exports.on(event, () => this.#step(event === 'written' || event === 'handed_over'));
  }

  #step(landed: boolean): void {
    this.#ended++;
    if (landed) this.#landed++;
    const now = Date.now();
    if (now - this.#started < FIRST_MS || now - this.#said < NEXT_MS) return;
    this.#said = now;
    process.stderr.write(`\r\u001b[Kpublishing… ${this.#landed} of ${this.#least}${this.#ended > this.#landed ? `, ${this.#ended - this.#landed} failed or skipped` : ''}`);
  }

  done(): void {
    if (this.#said > 0) process.stderr.write('\r\u001b[K');
  }
}
