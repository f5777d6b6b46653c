/** The newest so many items, in the order in which they came; adding one always costs the same. */
export class Ring<T> {
  readonly #capacity: number;
  readonly #items: T[] = [];
  #pushed = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(item: T): void {
    this.#items[this.#pushed++ % this.#capacity] = item;
  }

  /** How many were ever added. */
  get pushed(): number {
    return this.#pushed;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The oldest first. */
  list(): T[] {
    if (this.#pushed <= this.#capacity) return this.#items.slice();
    const oldest = this.#pushed % this.#capacity;
    return this.#items.slice(oldest).concat(this.#items.slice(0, oldest));
  }
}
