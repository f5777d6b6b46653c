/**
 * File calls as promises of one system call each. Node's own promises wrap a descriptor in an object, which
 * takes longer than the call; small artifacts would be twice as slow.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';

/** Of this process: a killed one's leftovers, in a container where all have the same pid, are in nobody's way. */
const OURS = `${process.pid.toString(36)}${randomBytes(4).toString('hex')}`;
let count = 0;

/** The name of a temporary file beside what it becomes. */
export function temporaryName(): string {
  return `.spoor-${OURS}-${(++count).toString(36)}.tmp`;
}

export function open(path: string, flags: string | number, mode?: number): Promise<number> {
  return new Promise((resolve, reject) => fs.open(path, flags, mode, (error, descriptor) => (error ? reject(error) : resolve(descriptor))));
}

export function close(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => fs.close(descriptor, (error) => (error ? reject(error) : resolve())));
}

export function stat(descriptor: number): Promise<fs.Stats> {
  return new Promise((resolve, reject) => fs.fstat(descriptor, (error, stats) => (error ? reject(error) : resolve(stats))));
}

export function read(descriptor: number, buffer: Buffer, length: number): Promise<number> {
  return new Promise((resolve, reject) => fs.read(descriptor, buffer, 0, length, null, (error, count) => (error ? reject(error) : resolve(count))));
}

export function rename(from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => fs.rename(from, to, (error) => (error ? reject(error) : resolve())));
}

export function sync(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => fs.fsync(descriptor, (error) => (error ? reject(error) : resolve())));
}

/** Removes a file if it is there; whatever else goes wrong is not worth a word. */
export function discard(path: string): Promise<void> {
  return new Promise((resolve) => fs.unlink(path, () => resolve()));
}

/** All of it, however little the system takes at a time. */
export async function writeAll(descriptor: number, buffer: Buffer): Promise<void> {
  for (let start = 0; start < buffer.length; ) start += await writeSome(descriptor, buffer, start);
}

function writeSome(descriptor: number, buffer: Buffer, start: number): Promise<number> {
  return new Promise((resolve, reject) =>
    fs.write(descriptor, buffer, start, buffer.length - start, null, (error, count) => {
      if (error) reject(error);
      else if (count === 0) reject(Object.assign(new Error('nothing was written'), { code: 'EIO' }));
      else resolve(count);
    }),
  );
}
