/** What is known of an artifact without reading it. */
import type { Artifact, Metadata } from './artifact.ts';
import { mediaTypeOf } from './media-type.ts';

export interface Described {
  readonly name: string;
  readonly type: string;
  readonly mediaType: string;
  readonly metadata: Metadata;
}

/** @param name safe already */
export function described(artifact: Partial<Artifact>, name: string): Described {
  return { name, type: word(artifact.type) ?? 'file', mediaType: word(artifact.mediaType) ?? mediaTypeOf(name), metadata: plain(artifact.metadata) };
}

/** A short text, or what reads as one; JavaScript callers give anything. */
export function word(value: unknown): string | undefined {
  return (typeof value === 'string' || typeof value === 'number') && value !== '' ? String(value).slice(0, 256) : undefined;
}

/** Only what a manifest may hold. */
function plain(metadata: Metadata | undefined | null): Metadata {
  const values = Object.entries(metadata ?? {}).map(([key, value]): [string, Metadata[string]] => {
    const isPlain = value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
    return [key, isPlain ? value : String(value)];
  });
  return Object.fromEntries(values);
}

/** What an artifact is called, whatever its bytes are in. */
export class Named implements Described {
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
}
