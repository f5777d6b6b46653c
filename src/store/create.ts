/** Makes a file that is whole from the moment it is there, and only if there was none. */
import { linkSync, unlinkSync, writeFileSync } from 'node:fs';

/** False when there is one already. @throws what the system says: no space, or no hard links here; then there is none, nor a part of one */
export function createWhole(path: string, content: string): boolean {
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 8)}.tmp`;
  try {
    writeFileSync(temporary, content, { flag: 'wx', mode: 0o600 });
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    try {
      unlinkSync(temporary);
    } catch {
      // It was not made.
    }
  }
}
