import { keepExemplars } from '../rollup/exemplars.ts';
import { exemplarJson } from '../rollup/otlp.ts';
import type { WireExemplar } from '../rollup/request.ts';

/** The exemplars that wait for a stream's next points: the latest and the greatest, in the order of their times. */
export class StreamExemplars {
  readonly #latest: WireExemplar[] = [];
  readonly #greatest: WireExemplar[] = [];

  add(exemplars: readonly WireExemplar[]): void {
    if (exemplars.length > 0) keepExemplars({ latest: this.#latest, greatest: this.#greatest }, exemplars);
  }

  /** All of them, which wait no more. */
  take(): readonly WireExemplar[] {
    return [...this.#latest.splice(0), ...this.#greatest.splice(0)];
  }

  /** Those that go with a point, as the inner part of a JSON array. */
  json(): string {
    const [latest] = this.#latest;
    const greatest = this.#greatest.find(({ spanId }) => spanId !== latest?.spanId);
    const chosen = latest === undefined ? [] : greatest === undefined ? [latest] : [greatest, latest];
    return chosen.map(({ timeUnixNano, asDouble, traceId, spanId }) => exemplarJson(timeUnixNano, asDouble, traceId, spanId)).join(',');
  }

  /** Undefined: none. */
  save(): readonly (readonly WireExemplar[])[] | undefined {
    return this.#latest.length > 0 ? [this.#latest, this.#greatest] : undefined;
  }
}
