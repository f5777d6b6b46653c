/** An artifact whose bytes are in a file: the app's, or one that was spooled. */
import { stat } from 'node:fs/promises';
import { ChangedWhileRead } from './artifact.ts';
import type { Described } from './described.ts';
import { type Look, readChunks, sameLook } from './read-file.ts';
import { type Ready, ReadyBytes } from './ready-bytes.ts';

export class FileReady extends ReadyBytes implements Ready {
  readonly size: number;
  readonly content = undefined;
  readonly #path: string;
  readonly #look: Look;
  readonly #isSpooled: boolean;
  #claimed = false;
  #sha256: string | undefined;
  #shown = false;

  /** @param sha256 known of what was spooled */
  constructor(description: Described, path: string, look: Look, sha256?: string) {
    super(description);
    this.#path = path;
    this.#look = look;
    this.size = look.size;
    this.#sha256 = sha256;
    this.#isSpooled = sha256 !== undefined;
  }

  get sha256(): string | undefined {
    return this.#sha256;
  }

  async digest(signal?: AbortSignal): Promise<string> {
    if (this.#sha256 === undefined) for await (const _ of this.chunks(signal && { signal })) signal?.throwIfAborted();
    return this.#sha256!;
  }

  async *chunks({ signal, chunkBytes }: { readonly signal?: AbortSignal; readonly chunkBytes?: number } = {}): AsyncGenerator<Buffer, void, void> {
    yield* readChunks(this.#path, { signal, chunkBytes, most: this.size, onEnd: (read) => this.#compare(read) });
  }

  #compare({ size, sha256, before, after }: { size: number; sha256: string; before: Look; after: Look }): void {
    const first = (this.#sha256 ??= size === this.size ? sha256 : undefined);
    // By the clock too: of a file that is written over while it is read for the first time there is nothing to compare.
    const still = this.#isSpooled || (before.mtimeMs === after.mtimeMs && before.size === after.size);
    if (sha256 !== first || !still) throw new ChangedWhileRead(this.name);
  }

  async path(): Promise<string> {
    this.#shown = true;
    return this.#path;
  }

  get isShown(): boolean {
    return this.#shown && !this.#isSpooled;
  }

  claim(): string | undefined {
    if (!this.#isSpooled || this.#claimed) return undefined;
    this.#claimed = true;
    return this.#path;
  }

  async unchanged(): Promise<boolean> {
    if (!this.isShown) return true;
    const look = await stat(this.#path).catch(() => undefined);
    return look !== undefined && sameLook({ ...look, ctimeMs: 0 }, { ...this.#look, ctimeMs: 0 });
  }
}
