/** Makes a file with bytes that are in memory, whole or not at all. */
import fs from 'node:fs';
import { setImmediate } from 'node:timers';
import { steady } from '../clock.ts';
import { isLocal } from './local-disk.ts';

/** Below this, four calls to a local disk take less of the app's thread than handing them to the pool and back. */
const QUICK_BYTES = 65_536;

/** The app's event loop gets its turn after so many milliseconds of files made at once. */
const TURN_MS = 1;
let turn: { readonly began: number; readonly over: Promise<void> } | undefined;

/**
 * One promise for all calls: a program that follows its context through promises pays for each of them.
 * @param folder that both paths are in
 */
export function putFile(folder: string, temporary: string, path: string, bytes: Buffer): Promise<void> {
  return bytes.length <= QUICK_BYTES && isLocal(folder) ? putInTurn(temporary, path, bytes) : putByPool(temporary, path, bytes);
}

async function putInTurn(temporary: string, path: string, bytes: Buffer): Promise<void> {
  for (let { began, over } = currentTurn(); steady() - began > TURN_MS; { began, over } = currentTurn()) await over;
  const descriptor = fs.openSync(temporary, 'wx');
  try {
    fillQuickly(descriptor, bytes);
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.unlinkSync(temporary);
    throw error;
  }
}

/** It begins with the first file, and is over when the loop comes round. */
function currentTurn(): NonNullable<typeof turn> {
  turn ??= {
    began: steady(),
    over: new Promise((resolve) =>
      setImmediate(() => {
        turn = undefined;
        resolve();
      }),
    ),
  };
  return turn;
}

function fillQuickly(descriptor: number, bytes: Buffer): void {
  try {
    for (let start = 0; start < bytes.length; ) {
      const count = fs.writeSync(descriptor, bytes, start);
      if (count === 0) throw nothingWritten();
      start += count;
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

function putByPool(temporary: string, path: string, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.open(temporary, 'wx', (failed, descriptor) => {
      if (failed) return reject(failed);
      const fail = (error: Error): void => fs.unlink(temporary, () => reject(error));
      writeFrom(descriptor, bytes, 0, (problem) =>
        fs.close(descriptor, (closing) => {
          if (problem ?? closing) return fail((problem ?? closing)!);
          fs.rename(temporary, path, (renaming) => (renaming ? fail(renaming) : resolve()));
        }),
      );
    });
  });
}

function writeFrom(descriptor: number, bytes: Buffer, start: number, done: (problem: Error | undefined) => void): void {
  if (start === bytes.length) return done(undefined);
  fs.write(descriptor, bytes, start, bytes.length - start, null, (error, count) => {
    if (error) done(error);
    else if (count === 0) done(nothingWritten());
    else writeFrom(descriptor, bytes, start + count, done);
  });
}

function nothingWritten(): Error {
  return Object.assign(new Error('nothing was written'), { code: 'EIO' });
}
