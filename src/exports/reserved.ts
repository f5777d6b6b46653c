/**
 * Keeps artifacts off the files that their publish writes about itself: the later of the two would replace the other,
 * and both would be reported as written.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from './faults.ts';
import { collisionKey } from './names.ts';
import type { WriteContext, WriteResult, Writer } from './writer.ts';
import type { ReadyArtifact } from './artifact.ts';

export interface Reserved {
  /** The manifest's folder. */
  readonly folder: string;
  /** Collision keys of what is written there. */
  readonly names: ReadonlySet<string>;
}

/**
 * A writer below `root` with which such an artifact is `failed: reserved_name`.
 * @param reserved undefined where no manifest is written
 */
export function sparing(writer: Writer, root: string, reserved: Reserved | undefined): Writer {
  if (reserved === undefined) return writer;
  const write = (artifact: ReadyArtifact, context: WriteContext): WriteResult | Promise<WriteResult> => writer.write!(artifact, context);
  return {
    ...writer,
    write(artifact, context) {
      const parts = artifact.name.split('/');
      // By the name alone nearly all are known to be others.
      if (!parts.some((part) => reserved.names.has(collisionKey(part)))) return write(artifact, context);
      return mustBeFree(parts, root, reserved).then(() => write(artifact, context));
    },
  };
}

/** Folders too: one where a file of the publish is to be is in its way. */
async function mustBeFree(parts: readonly string[], root: string, { folder, names }: Reserved): Promise<void> {
  const own = await realpath(folder);
  for (const [i, part] of parts.entries()) {
    if (!names.has(collisionKey(part))) continue;
    const found = await realpath(join(root, ...parts.slice(0, i))).catch(() => undefined);
    if (found === own) throw fault('reserved_name', `${join(folder, part)} is written by the publish itself: give the artifact another name, or put the manifest into another folder`);
  }
}
