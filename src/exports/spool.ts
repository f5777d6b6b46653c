/** The private folder of one publish: streams are spooled into it, and files made for programs that want a path. */
import { createHash } from 'node:crypto';
import { constants, mkdir, mkdtemp, rm } from 'node:fs';
import { writev } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { fault } from './faults.ts';
import { close, open } from './files.ts';
import { mustBeWhole, stopListening, takeStream } from './waiting-streams.ts';

/** Gathered before they are written: a stream's chunks may be small. */
const BATCH_BYTES = 262_144;

export interface Spooled {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export class Spool {
  readonly #parent: string | undefined;
  #folder: Promise<string> | undefined;
  #count = 0;

  /** @param parent where the folder is made, preferably on the disk where the artifacts go; undefined: the system's temporary one */
  constructor(parent: string | undefined) {
    this.#parent = parent;
  }

  /** Whether there is a folder to remove. */
  get isUsed(): boolean {
    return this.#folder !== undefined;
  }

  /** The folder, made when it is first asked for; mode 0700. */
  folder(): Promise<string> {
    const make = promisify(mkdtemp);
    this.#folder ??= make(join(this.#parent ?? tmpdir(), '.spool-')).catch((error) => {
      if (this.#parent === undefined) throw error;
      return make(join(tmpdir(), 'spoor-export-'));
    });
    return this.#folder;
  }

  /** A path for a new file that ends in the name's last part. */
  async place(name: string): Promise<string> {
    const folder = join(await this.folder(), String(++this.#count));
    await promisify(mkdir)(folder);
    return join(folder, basename(name));
  }

  /**
   * Writes a stream to a file, hashed on the way. Memory stays at two batches.
   * @param idle milliseconds without a chunk after which it is given up as `timeout`
   */
  async take(name: string, stream: Readable | AsyncIterable<Uint8Array | string>, idle: number, signal: AbortSignal | undefined): Promise<Spooled> {
    // Before anything is waited for: of two that want it the first has it.
    takeStream(stream);
    const path = await this.place(name);
    const descriptor = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
    const hash = createHash('sha256');
    let size = 0;
    let batch: Buffer[] = [];
    let batched = 0;
    let writing: Promise<void> | undefined;
    let iterator: AsyncIterator<Uint8Array | string> | undefined;
    let ended = false;
    try {
      mustBeWhole(stream);
      iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array | string>;
      for (;;) {
        const { done, value } = await within(iterator.next(), idle, signal, name);
        if (done) break;
        const chunk = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        hash.update(chunk);
        size += chunk.length;
        batch.push(chunk);
        batched += chunk.length;
        if (batched < BATCH_BYTES) continue;
        await writing;
        writing = writeBatch(descriptor, batch);
        // It is looked at with the next batch.
        writing.catch(() => {});
        batch = [];
        batched = 0;
      }
      ended = true;
      await writing;
      await writeBatch(descriptor, batch);
    } finally {
      await writing?.catch(() => {});
      if (ended) stopListening(stream);
      else void leave(iterator).catch(() => {});
      await close(descriptor);
    }
    return { path, size, sha256: hash.digest('hex') };
  }

  async remove(): Promise<void> {
    if (this.#folder === undefined) return;
    await promisify(rm)(await this.#folder, { recursive: true, force: true });
  }
}

async function leave(iterator: AsyncIterator<unknown> | undefined): Promise<void> {
  await iterator?.return?.();
}

function within<T>(next: Promise<T>, idle: number, signal: AbortSignal | undefined, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(fault('cancelled', `the publish was cancelled while the stream of ${name} was read`));
    const timer = setTimeout(() => reject(fault('timeout', `the stream of ${name} gave nothing for ${idle} ms`)), idle);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop);
    next.then(resolve, reject).finally(settle);
  });
}

async function writeBatch(descriptor: number, chunks: Buffer[]): Promise<void> {
  let rest = chunks.filter((chunk) => chunk.length > 0);
  while (rest.length > 0) {
    let written = await new Promise<number>((resolve, reject) => writev(descriptor, rest, null, (error, count) => (error ? reject(error) : resolve(count))));
    if (written === 0) throw fault('EIO', 'nothing was written');
    rest = rest.flatMap((chunk) => {
      const left = chunk.subarray(written);
      written = Math.max(0, written - chunk.length);
      return left.length > 0 ? [left] : [];
    });
  }
}
