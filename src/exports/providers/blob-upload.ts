/**
 * Upload to an address of Azure Blob Storage, in blocks (REST: Put Block, Put Block List): each block is tried
 * again by itself, and nothing has to be read twice.
 */
import { createHash } from 'node:crypto';
import { type RetrySettings, request } from './request.ts';

export interface BlobUpload {
  readonly mediaType: string;
  readonly signal: AbortSignal;
  readonly retry?: RetrySettings | undefined;
  /** Default 4 MiB. */
  readonly blockBytes?: number;
  /** How many blocks are on their way, and in memory, at a time. Default 4. */
  readonly inFlight?: number;
}

const API_VERSION = '2024-11-04';
const WHAT = 'the upload';

/** @throws RequestFailed; its message does not hold the address, which is as good as a key */
export async function uploadBlocks(address: string, bytes: AsyncIterable<Buffer>, { mediaType, signal, retry, blockBytes = 4 << 20, inFlight = 4 }: BlobUpload): Promise<{ size: number; attempts: number }> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const ids: string[] = [];
  const running = new Set<Promise<void>>();
  /** Blocks that have arrived, to be filled again. */
  const free: Buffer[] = [];
  let failure: { readonly error: unknown } | undefined;
  let size = 0;
  let attempts = 1;

  const put = async (parameters: string, body: Buffer | string, headers: Record<string, string>): Promise<void> => {
    const answer = await request(WHAT, () => ({ url: `${address}${address.includes('?') ? '&' : '?'}${parameters}`, init: { method: 'PUT', body, headers: { 'x-ms-version': API_VERSION, ...headers } } }), either, retry);
    attempts = Math.max(attempts, answer.attempts);
  };
  const send = async (block: Buffer): Promise<void> => {
    while (running.size >= inFlight) await Promise.race(running);
    if (failure !== undefined) throw failure.error;
    // All ids of a blob have the same length.
    const id = Buffer.from(`spoor-${String(ids.length).padStart(8, '0')}`).toString('base64');
    ids.push(id);
    size += block.length;
    const one: Promise<void> = put(`comp=block&blockid=${encodeURIComponent(id)}`, block, { 'content-md5': createHash('md5').update(block).digest('base64') })
      .catch((error: unknown) => {
        failure ??= { error };
        stop.abort();
      })
      .finally(() => {
        running.delete(one);
        if (block.length === blockBytes) free.push(block);
      });
    running.add(one);
  };

  try {
    for await (const block of blocks(bytes, blockBytes, free)) await send(block);
    await Promise.all(running);
    if (failure !== undefined) throw failure.error;
  } catch (error) {
    stop.abort();
    await Promise.all(running);
    throw failure?.error ?? error;
  }
  const list = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`;
  await put('comp=blocklist', list, { 'content-type': 'application/xml', 'x-ms-blob-content-type': mediaType });
  return { size, attempts };
}

/** Buffers of their own, all of `length` but the last. */
async function* blocks(bytes: AsyncIterable<Buffer>, length: number, free: Buffer[]): AsyncGenerator<Buffer> {
  let block: Buffer | undefined;
  let held = 0;
  for await (const chunk of bytes) {
    for (let from = 0; from < chunk.length; ) {
      block ??= free.pop() ?? Buffer.allocUnsafeSlow(length);
      const taken = chunk.copy(block, held, from);
      held += taken;
      from += taken;
      if (held < length) continue;
      yield block;
      block = undefined;
      held = 0;
    }
  }
  if (block !== undefined) yield block.subarray(0, held);
}
