/** A bound on bytes a second, over time: a second's worth may go at once. 0: none. */
import { setTimeout } from 'node:timers/promises';
import { steady } from '../clock.ts';

export class Rate {
  readonly #perSecond: number;
  #left: number;
  #at = steady();

  constructor(bytesPerSecond: number) {
    this.#perSecond = bytesPerSecond;
    this.#left = this.#perSecond;
  }

  /** Resolves when so many bytes may go. */
  async take(bytes: number): Promise<void> {
    if (this.#perSecond === 0) return;
    const now = steady();
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    this.#left -= bytes;
    if (this.#left < 0) await setTimeout((-this.#left / this.#perSecond) * 1000);
  }
}
