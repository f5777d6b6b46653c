/** The few of very many that a person should look at. */

interface Candidate<T> {
  /** The same span may be met twice: as itself and as an exemplar. */
  readonly spanId: string;
  readonly rank: number;
  readonly make: () => T | undefined;
}

/** The `size` candidates with the highest rank. What it holds is made into what is shown only at the end. */
export class Top<T> {
  readonly #size: number;
  #held: Candidate<T>[] = [];
  #least = -Infinity;

  constructor(size: number) {
    this.#size = size;
  }

  wants(rank: number): boolean {
    return rank > this.#least;
  }

  add(candidate: Candidate<T>): void {
    if (!this.wants(candidate.rank)) return;
    this.#held.push(candidate);
    if (this.#held.length >= this.#size * 8 + 16) this.#trim();
  }

  list(): T[] {
    this.#trim();
    return this.#held.slice(0, this.#size).flatMap(({ make }) => make() ?? []);
  }

  #trim(): void {
    const seen = new Set<string>();
    this.#held = this.#held
      .sort((a, b) => b.rank - a.rank)
      .filter(({ spanId }) => !seen.has(spanId) && seen.add(spanId))
      .slice(0, this.#size);
    if (this.#held.length >= this.#size) this.#least = this.#held.at(-1)?.rank ?? Infinity;
  }
}
