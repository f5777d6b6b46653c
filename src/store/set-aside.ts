/** What a reader could not use, by file, so that it can be said instead of silently left out. */
export interface SetAside {
  /** Relative to the directory. */
  readonly file: string;
  /** Lines of it that could not be read; absent when the whole file could not. */
  readonly lines?: number;
  readonly because: string;
}

export class Aside {
  readonly #lines = new Map<string, { lines: number; because: string }>();
  readonly #files = new Map<string, SetAside>();

  line(file: string, because: string): void {
    const known = this.#lines.get(file);
    if (known === undefined) this.#lines.set(file, { lines: 1, because });
    else known.lines++;
  }

  file(file: string, because: string): void {
    this.#files.set(file, { file, because });
  }

  list(): SetAside[] {
    return [...this.#files.values(), ...[...this.#lines].map(([file, { lines, because }]) => ({ file, lines, because }))];
  }
}
