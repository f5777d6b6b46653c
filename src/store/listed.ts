/** Listing a folder for who reads: what is there and cannot be read must not look as if nothing had been recorded. */
import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The names in a folder, in order; none where there is no folder. @throws an error that says what cannot be read, and why */
export function listed(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    const path = inTheWay(folder);
    throw Object.assign(new Error(`${path} cannot be read: ${code === 'ENOTDIR' ? 'it is no folder' : code + ownerOf(path)}`), { code });
  }
}

/** The folder itself, or the one above it that lets nobody in. */
function inTheWay(path: string): string {
  try {
    statSync(path);
    return path;
  } catch {
    return dirname(path) === path ? path : inTheWay(dirname(path));
  }
}

function ownerOf(path: string): string {
  const owner = statSync(path, { throwIfNoEntry: false })?.uid;
  const user = process.getuid?.();
  return user === undefined || owner === undefined || owner === user ? '' : ` (it belongs to another user, uid ${owner}; this is uid ${user})`;
}
