/** Makes an app's artifact ready: its name checked, its size known, to be read any number of times. */
import { hash } from 'node:crypto';
import { copyFile, link, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Artifact, ChangedWhileRead, type Metadata, type ReadyArtifact } from './artifact.ts';
import { fault } from './faults.ts';
import { mediaTypeOf } from './media-type.ts';
import { type Look, readChunks, sameLook } from './read-file.ts';
import type { Spool } from './spool.ts';

export interface Described {
  readonly name: string;
  readonly type: string;
  readonly mediaType: string;
  readonly metadata: Metadata;
}

/** What is known of an artifact without reading it. The name must be safe already. */
export function described(artifact: Artifact, name: string): Described {
  return { name, type: word(artifact.type) ?? 'file', mediaType: word(artifact.mediaType) ?? mediaTypeOf(name), metadata: plain(artifact.metadata) };
}

function word(value: string | undefined): string | undefined {
  return value ? String(value).slice(0, 256) : undefined;
}

/** Only what a manifest may hold; JavaScript callers give anything. */
function plain(metadata: Metadata = {}): Metadata {
  const values = Object.entries(metadata).map(([key, value]): [string, Metadata[string]] => {
    const isPlain = value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
    return [key, isPlain ? value : String(value)];
  });
  return Object.fromEntries(values);
}

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

/** What the engine knows besides. */
export interface Ready extends ReadyArtifact {
  /** Whether a writer was given the path of a file that is not ours. */
  readonly isShown: boolean;
  /** False when such a file is not what it was. */
  unchanged(): Promise<boolean>;
}

/** What an artifact is called, whatever its bytes are in. */
abstract class Named implements Described {
  readonly name: string;
  readonly type: string;
  readonly mediaType: string;
  readonly metadata: Metadata;

  constructor({ name, type, mediaType, metadata }: Described) {
    this.name = name;
    this.type = type;
    this.mediaType = mediaType;
    this.metadata = metadata;
  }

  abstract path(): Promise<string>;

  async placeIn(directory: string): Promise<string> {
    const target = join(directory, this.name);
    await mkdir(dirname(target), { recursive: true });
    const source = await this.path();
    await link(source, target).catch(() => copyFile(source, target));
    return target;
  }
}

class ContentReady extends Named implements Ready {
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

class FileReady extends Named implements Ready {
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
