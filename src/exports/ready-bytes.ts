import { copyFile, link, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ReadyArtifact } from './artifact.ts';
import { Named } from './described.ts';
import { makeFolder } from './make-folder.ts';

/** An artifact as the publish itself has it: what writers see, and more. */
export interface Ready extends ReadyArtifact {
  /** Whether a writer was given the path of a file that is not ours. */
  readonly isShown: boolean;
  /** False when such a file is not what it was. */
  unchanged(): Promise<boolean>;
}

/** What is the same whatever an artifact's bytes are in. */
export abstract class ReadyBytes extends Named {
  abstract path(): Promise<string>;

  async placeIn(directory: string, name = this.name): Promise<string> {
    const target = join(directory, name);
    await makeFolder(dirname(target));
    // A hard link to a symbolic one is that, and from here it leads elsewhere.
    const source = await realpath(await this.path());
    await link(source, target).catch(() => copyFile(source, target));
    return target;
  }
}
