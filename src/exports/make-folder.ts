import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, where they are not there. As `makeDirectory` of the store does, and for the same
 * reason by hand (Node's own recursion never ends in `/proc`), but not on the app's thread: it may be on a share that
 * does not answer.
 */
export async function makeFolder(path: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await mkdir(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') return;
      const above = dirname(path);
      if (code !== 'ENOENT' || attempt > 0 || above === path) throw error;
      await makeFolder(above);
    }
  }
}
