/** An artifact whose bytes are in memory. */
import { hash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Described } from './described.ts';
import { type Ready, ReadyBytes } from './ready-bytes.ts';
import type { Spool } from './spool.ts';

export class ContentReady extends ReadyBytes implements Ready {
  readonly content: Buffer;
  readonly #spool: Spool;
  #sha256: string | undefined;
  #path: Promise<string> | undefined;

  constructor(description: Described, content: Buffer, spool: Spool) {
    super(description);
    this.content = content;
    this.#spool = spool;
  }

  get size(): number {
    return this.content.length;
  }

  get sha256(): string {
    this.#sha256 ??= hash('sha256', this.content);
    return this.#sha256;
  }

  async digest(): Promise<string> {
    return this.sha256;
  }

  async *chunks({ chunkBytes }: { readonly chunkBytes?: number } = {}): AsyncGenerator<Buffer, void, void> {
    const step = chunkBytes ?? this.size;
    for (let start = 0; start < this.size; start += step) yield this.content.subarray(start, start + step);
  }

  path(): Promise<string> {
    this.#path ??= this.#spool.place(this.name).then((path) => writeFile(path, this.content).then(() => path));
    return this.#path;
  }

  get isShown(): boolean {
    return false;
  }

  claim(): undefined {
    return undefined;
  }

  async unchanged(): Promise<boolean> {
    return true;
  }
}
