/** Makes an app's artifact ready: its size known, to be read any number of times. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Artifact } from './artifact.ts';
import { ContentReady } from './content-ready.ts';
import type { Described } from './described.ts';
import { fault } from './faults.ts';
import { FileReady } from './file-ready.ts';
import type { Ready } from './ready-bytes.ts';
import type { Spool } from './spool.ts';

export interface Preparing {
  readonly spool: Spool;
  readonly cwd: string;
  /** Milliseconds without a chunk after which a stream is given up. */
  readonly idle: number;
  readonly signal: AbortSignal | undefined;
}

/** An artifact whose bytes are in memory; undefined for any other. */
export function contentOf(artifact: Artifact, description: Described, { spool }: Pick<Preparing, 'spool'>): Ready | undefined {
  return 'content' in artifact && artifact.content !== undefined ? new ContentReady(description, bytesOf(artifact.content), spool) : undefined;
}

/** @throws when it cannot be read: a missing file, a stream that fails, a disk that is full */
export async function prepare(artifact: Artifact, description: Described, { spool, cwd, idle, signal }: Preparing): Promise<Ready> {
  if ('file' in artifact && artifact.file !== undefined) {
    const path = resolve(cwd, artifact.file);
    const look = await stat(path);
    if (!look.isFile()) throw fault(look.isDirectory() ? 'EISDIR' : 'not_a_file', `${path} is not a regular file`);
    return new FileReady(description, path, look);
  }
  if ('stream' in artifact && artifact.stream !== undefined) {
    const { path, sha256 } = await spool.take(description.name, artifact.stream, idle, signal);
    return new FileReady(description, path, await stat(path), sha256);
  }
  throw fault('bad_artifact', `${description.name} has neither content nor file nor stream`);
}

function bytesOf(content: string | Uint8Array): Buffer {
  if (typeof content === 'string') return Buffer.from(content === '' || content.endsWith('\n') ? content : `${content}\n`);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
