/** Reads a file in order, ahead of who takes the chunks, and hashes it while they are written elsewhere. */
import { createHash } from 'node:crypto';
import { type Stats, constants, createReadStream } from 'node:fs';
import { fault } from './faults.ts';
import { close, open, read, stat } from './files.ts';

export const CHUNK_BYTES = 262_144;

/** What a file looked like: when one of these differs, so may its bytes. */
export type Look = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

/**
 * Opens a regular file, whatever is at the path: a pipe must not stop us.
 * @throws code `not_a_file` for anything else; what the system says
 */
async function openRegular(path: string): Promise<{ readonly descriptor: number; readonly look: Stats }> {
  const descriptor = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const look = await stat(descriptor);
    if (!look.isFile()) throw fault(look.isDirectory() ? 'EISDIR' : 'not_a_file', `${path} is not a regular file`);
    return { descriptor, look };
  } catch (error) {
    await close(descriptor);
    throw error;
  }
}

/** A file that may come from anywhere, as a text. @throws as `openRegular`; code `too_large` when there is more than `most` bytes */
export async function readText(path: string, most: number): Promise<string> {
  const { descriptor, look } = await openRegular(path);
  try {
    if (look.size > most) throw fault('too_large', `${path} has ${look.size} bytes; ${most} are read at most`);
    const bytes = Buffer.allocUnsafe(look.size);
    let size = 0;
    // Not more than it had, should it grow.
    for (let count = 1; count > 0 && size < bytes.length; size += count) count = await read(descriptor, bytes.subarray(size), bytes.length - size);
    return bytes.toString('utf8', 0, size);
  } finally {
    await close(descriptor);
  }
}

/** The same of anything that can be read to its end, such as a pipe. */
export async function readPiped(path: string, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw fault('too_large', `${path} has more than ${most} bytes, which are read at most`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

export function sameLook(one: Look, other: Look): boolean {
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs && one.ino === other.ino && one.dev === other.dev;
}

export interface Reading {
  readonly signal?: AbortSignal | undefined;
  readonly chunkBytes?: number | undefined;
  /** Called after the last chunk. */
  readonly onEnd: (read: { readonly size: number; readonly sha256: string; readonly before: Look; readonly after: Look }) => void;
  /** A file that grows without end is left after so many bytes. */
  readonly most: number;
}

/**
 * Two buffers: while a chunk is written by who took it, it is hashed here and the next one is read. A chunk is
 * valid until the next is asked for.
 */
export async function* readChunks(path: string, { signal, chunkBytes = CHUNK_BYTES, onEnd, most }: Reading): AsyncGenerator<Buffer, void, void> {
  const { descriptor, look } = await openRegular(path);
  let reading: Promise<number> | undefined;
  let hashing: Promise<void> | undefined;
  try {
    const hash = createHash('sha256');
    const bytes = Math.max(1, Math.min(chunkBytes, look.size + 1));
    let front = Buffer.allocUnsafeSlow(bytes);
    let back = Buffer.allocUnsafeSlow(look.size < bytes ? 1 : bytes);
    let size = 0;
    reading = read(descriptor, front, front.length);
    for (;;) {
      const count = await reading;
      if (count === 0 || size > most) break;
      signal?.throwIfAborted();
      size += count;
      reading = read(descriptor, back, back.length);
      reading.catch(() => {});
      const chunk = front.subarray(0, count);
      // Not now: whoever takes the chunk starts writing it first.
      hashing = new Promise((resolve) => setImmediate(() => resolve(void hash.update(chunk))));
      yield chunk;
      await hashing;
      [front, back] = [back, front];
    }
    onEnd({ size, sha256: hash.digest('hex'), before: look, after: await stat(descriptor) });
  } finally {
    await reading?.catch(() => {});
    await hashing;
    await close(descriptor);
  }
}
