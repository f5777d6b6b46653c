/** Opening the file that lines are appended to. */
import { constants, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory, prepareDirectory } from './layout.ts';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR } = constants;

/** O_NONBLOCK: a pipe in the file's place must not stop the app. */
export function openOrMake(path: string, directory: string): number {
  const flags = O_RDWR | O_APPEND | O_CREAT | (O_NONBLOCK ?? 0);
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    prepareDirectory(directory);
    makeDirectory(dirname(path));
    return openSync(path, flags, 0o600);
  }
}

/** The byte at the end; a device has none. */
export function lastByte(descriptor: number, size: number): number | undefined {
  const byte = Buffer.allocUnsafe(1);
  return readSync(descriptor, byte, 0, 1, size - 1) === 1 ? byte[0] : undefined;
}
