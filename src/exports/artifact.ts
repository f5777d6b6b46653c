/** What is published: as an app gives it, and as a writer gets it. */
import type { Readable } from 'node:stream';

/** Labels of an artifact, for the manifest. */
export type Metadata = Readonly<Record<string, string | number | boolean | null>>;

interface ArtifactBase {
  /**
   * Where it goes below a destination's root: a relative path with `/`, such as `reports/unit.html`. A name that
   * would leave the root (`../`, absolute, NUL) fails as `bad_name`; one that is there already, also by case, as
   * `duplicate_name`.
   */
  readonly name: string;
  /** What kind of thing it is, such as `report`: a metric attribute, so few values. Default: `file`. */
  readonly type?: string | undefined;
  /** Default: by the name's extension, else `application/octet-stream`. */
  readonly mediaType?: string | undefined;
  readonly metadata?: Metadata | undefined;
}

/** A text gets a newline at its end where it has none; bytes are kept as they are. */
export interface ContentArtifact extends ArtifactBase {
  readonly content: string | Uint8Array;
}
/** A regular file; read when it is written, never held in memory. */
export interface FileArtifact extends ArtifactBase {
  readonly file: string;
}
/** Read once, into a temporary file that all writers read. */
export interface StreamArtifact extends ArtifactBase {
  readonly stream: Readable | AsyncIterable<Uint8Array | string>;
}

export type Artifact = ContentArtifact | FileArtifact | StreamArtifact;

/** An artifact that is ready to be written: its name is safe, its size is known, it can be read any number of times. */
export interface ReadyArtifact {
  /** Relative, with `/`, without `.`, `..`, NUL or empty parts. It may still hold what a CI takes for a command. */
  readonly name: string;
  readonly type: string;
  readonly mediaType: string;
  readonly metadata: Metadata;
  /** Bytes. */
  readonly size: number;
  /** The bytes where they are in memory anyway. */
  readonly content: Buffer | undefined;
  /**
   * SHA-256 in hexadecimal where it is known: of content and streams at once, of a file after it was read once.
   * A writer that reads to the end by `chunks` finds it here.
   */
  readonly sha256: string | undefined;
  /** The same, reading the file if need be. */
  digest(signal?: AbortSignal): Promise<string>;
  /**
   * The bytes in order, hashed on the way. A chunk is valid until the next is asked for.
   * @throws ChangedWhileRead after the last when they differ from those read before
   */
  chunks(options?: { readonly signal?: AbortSignal; readonly chunkBytes?: number }): AsyncGenerator<Buffer, void, void>;
  /**
   * Absolute path of a file with the bytes, for a program that reads it: the artifact's own, or a temporary one
   * with the same base name, gone after the publish. Whether it changed meanwhile is looked at after the write.
   */
  path(): Promise<string>;
  /**
   * The same, as a file that ends in the artifact's whole name (or another one): `<directory>/<name>`; a hard link or
   * a copy. For agents that take the path for the name.
   */
  placeIn(directory: string, name?: string): Promise<string>;
  /**
   * A temporary file with the bytes that the caller may link to where it goes, instead of writing them again. The
   * first who asks gets it, where there is one: a second link would be the same file as the first.
   */
  claim(): string | undefined;
}

/** The bytes of an artifact were not the same each time: somebody writes to it. `failed: changed_while_read`. */
export class ChangedWhileRead extends Error {
  readonly code = 'changed_while_read';

  constructor(name: string) {
    super(`${name} changed while it was read`);
    this.name = 'ChangedWhileRead';
  }
}
