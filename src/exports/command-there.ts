/**
 * Whether a program is there, known without starting it: a start that fails is recorded as a failure of the app's,
 * and a command that is not there is none, but skipped.
 */
import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/** False only where the system finds nothing either: it looks in the same places, from the same folder. */
export function mayBeThere(file: string, cwd: string, path: string | undefined): boolean {
  // Windows adds endings, and has places of its own.
  if (process.platform === 'win32') return true;
  if (file.includes('/')) return existsSync(resolve(cwd, file));
  // Without a PATH it is the system's own.
  return path === undefined || path.split(delimiter).some((folder) => existsSync(resolve(cwd, folder, file)));
}
