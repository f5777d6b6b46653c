import type { Request } from './metrics-requests.ts';
import type { Stream } from './stream.ts';

interface Offer extends Request<Stream> {
  /** Epoch milliseconds. */
  readonly at: number;
  /** It was offered before, or by another process: it may have arrived then. */
  readonly isRepeated: boolean;
}

/** A request of which nothing is heard is not offered any longer: backends refuse points that are older. */
const HOLD = 4 * 60_000;

/**
 * Requests of which it is not known whether they arrived. They are offered again as they were: the same points twice
 * are one to a backend, but a lower value after a higher one would be a restart.
 */
export class Offers {
  #offers: readonly Offer[] = [];
  /** What was given last, by index. */
  #given: readonly Offer[] = [];

  /** Gives up those that are too old. */
  expire(now: number): void {
    // A clock that was set back must not make one look young for long.
    const isHeld = ({ at }: Offer): boolean => Math.abs(now - at) < HOLD;
    for (const offer of this.#offers) if (!isHeld(offer)) for (const stream of offer.items) stream.expired();
    this.#offers = this.#offers.filter(isHeld).map((offer) => ({ ...offer, isRepeated: true }));
  }

  /** All that are open, the new ones last. */
  make(requests: readonly Request<Stream>[], now: number): string[] {
    this.#offers = this.#given = [...this.#offers, ...requests.map((request) => ({ ...request, at: now, isRepeated: false }))];
    return this.#given.map(({ json }) => json);
  }

  sent(index: number): void {
    this.#close(index, (stream) => stream.arrived());
  }

  failed(index: number): void {
    if (this.#given[index]?.isRepeated === false) this.#close(index, (stream) => stream.failed());
  }

  #close(index: number, tell: (stream: Stream) => void): void {
    const offer = this.#given[index];
    if (offer === undefined || !this.#offers.includes(offer)) return;
    offer.items.forEach(tell);
    this.#offers = this.#offers.filter((other) => other !== offer);
  }

  save(indexOf: (stream: Stream) => number): SavedOffer[] {
    return this.#offers.map(({ json, at, items }) => ({ json, at, streams: items.map(indexOf) }));
  }

  /** @throws {Error} when they are of other streams */
  restore(saved: readonly SavedOffer[], all: readonly Stream[]): void {
    const streamAt = (index: number): Stream => {
      const stream = all[index];
      if (stream === undefined) throw new Error(`a request of the streams names stream ${index} of ${all.length}`);
      return stream;
    };
    this.#offers = saved.map(({ json, at, streams }) => ({ json: String(json), at, isRepeated: true, items: streams.map(streamAt) }));
  }
}

export interface SavedOffer {
  readonly json: string;
  readonly at: number;
  /** Their places in the saved streams. */
  readonly streams: readonly number[];
}
