/** So many actions at a time, shared by all who have some: each gets its turn. */

interface Runner {
  /** Starts its next action; false when that was the last. */
  start(): boolean;
}

export class Lanes {
  readonly #waiting: Runner[] = [];
  #free: number;

  /** @param width at least one */
  constructor(width: number) {
    this.#free = typeof width === 'number' && width >= 1 ? Math.floor(width) : 1;
  }

  /** Runs `action` for 0 to `count` - 1: what each resolved with, in that order. Rejects when one of them does. */
  all<T>(count: number, action: (index: number) => Promise<T>): Promise<T[]> {
    return new Promise((resolve, reject) => {
      if (count === 0) return resolve([]);
      const results = Array.from<T>({ length: count });
      let next = 0;
      let left = count;
      const start = (): boolean => {
        const index = next++;
        action(index).then(
          (result) => {
            results[index] = result;
            if (--left === 0) resolve(results);
            this.#end();
          },
          (error: unknown) => {
            reject(error as Error);
            this.#end();
          },
        );
        return next < count;
      };
      this.#waiting.push({ start });
      this.#fill();
    });
  }

  #end(): void {
    this.#free++;
    this.#fill();
  }

  #fill(): void {
    for (let runner; this.#free > 0 && (runner = this.#waiting.shift()) !== undefined; ) {
      this.#free--;
      if (runner.start()) this.#waiting.push(runner);
    }
  }
}
