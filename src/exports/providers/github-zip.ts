/** Artifacts as one zip, made while it is read. */
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { ReadyArtifact } from '../artifact.ts';
import { toldApart } from '../names.ts';

/** Compressed already, or not to be compressed. */
const STORED = /^(?:image\/(?!svg|bmp)|video\/|audio\/)|^application\/(?:zip|gzip|zstd|x-7z|x-bzip|vnd\.openxmlformats|pdf)/;

/** The bytes of the zip. An artifact that cannot be read makes it fail. */
export async function* zipOf(artifacts: readonly ReadyArtifact[], signal: AbortSignal): AsyncGenerator<Buffer> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const names = toldApart(artifacts.map(({ name }) => zipName(name)));
  // One after the other: yazl asks for a stream when it comes to it.
  for (const [i, artifact] of artifacts.entries()) {
    zip.addReadStreamLazy(names[i]!, { mode: 0o100644, compressionLevel: STORED.test(artifact.mediaType) ? 0 : 6 }, (given) => {
      const source = Readable.from(copies(artifact, signal), { objectMode: false, highWaterMark: 256 * 1024 });
      source.once('error', (error) => output.destroy(error));
      given(null, source);
    });
  }
  zip.once('error', (error: Error) => output.destroy(error));
  zip.end();
  for await (const chunk of output) yield chunk as Buffer;
}

/** Where a zip is unpacked a backslash may part folders, and a letter and a colon be a drive: one such name, and none could be packed. */
function zipName(name: string): string {
  return name.replaceAll('\\', '_').replace(/^([A-Za-z]):/, '$1_');
}

/** A chunk is only valid until the next is asked for, and a stream reads ahead. */
async function* copies(artifact: ReadyArtifact, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const chunk of artifact.chunks({ signal })) yield Buffer.from(chunk);
}
