/** Makes a file with bytes that are in memory, whole or not at all. */
import fs from 'node:fs';

/** Below this, three calls to a local disk take less of the app's thread than handing them to the pool and back. */
const QUICK_BYTES = 65_536;

/** Types of file systems that are on this machine, as Linux numbers them: ext, xfs, btrfs, tmpfs, overlay, f2fs, zfs. */
const LOCAL = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1]);

/** Whether a device is a local disk. One that is not (a share, say) may stop whoever waits for it. */
const local = new Map<number, boolean>();

/** Folders on local disks. */
const localFolders = new Set<string>();
const MAX_FOLDERS = 1_000;

/** The app's event loop gets its turn after so many milliseconds of files made at once. */
const TURN_MS = 1;
let turnBegan = 0;

/**
 * One promise for all calls: a program that follows its context through promises pays for each of them.
 * @param folder that both paths are in
 */
export function putFile(folder: string, temporary: string, path: string, bytes: Buffer): Promise<void> {
  if (bytes.length <= QUICK_BYTES && localFolders.has(folder) && performance.now() - turnBegan < TURN_MS) return putAtOnce(temporary, path, bytes);
  return new Promise((resolve, reject) => {
    fs.open(temporary, 'wx', (failed, descriptor) => {
      turnBegan = performance.now();
      if (failed) return reject(failed);
      const fail = (error: Error): void => fs.unlink(temporary, () => reject(error));
      if (bytes.length <= QUICK_BYTES && isLocal(descriptor, temporary)) {
        if (localFolders.size < MAX_FOLDERS) localFolders.add(folder);
        try {
          putQuickly(descriptor, temporary, path, bytes);
          resolve();
        } catch (error) {
          fail(error as Error);
        }
        return;
      }
      writeFrom(descriptor, bytes, 0, (problem) =>
        fs.close(descriptor, (closing) => {
          if (problem ?? closing) return fail((problem ?? closing)!);
          fs.rename(temporary, path, (renaming) => (renaming ? fail(renaming) : resolve()));
        }),
      );
    });
  });
}

async function putAtOnce(temporary: string, path: string, bytes: Buffer): Promise<void> {
  const descriptor = fs.openSync(temporary, 'wx');
  try {
    putQuickly(descriptor, temporary, path, bytes);
  } catch (error) {
    fs.unlinkSync(temporary);
    throw error;
  }
}

function putQuickly(descriptor: number, temporary: string, path: string, bytes: Buffer): void {
  try {
    for (let start = 0; start < bytes.length; ) {
      const count = fs.writeSync(descriptor, bytes, start);
      if (count === 0) throw nothingWritten();
      start += count;
    }
  } finally {
    fs.closeSync(descriptor);
  }
  fs.renameSync(temporary, path);
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

/** False while it is not known: that is asked once for a device, and not waited for. */
function isLocal(descriptor: number, path: string): boolean {
  const { dev } = fs.fstatSync(descriptor);
  const known = local.get(dev);
  if (known !== undefined) return known;
  local.set(dev, false);
  if (process.platform === 'linux') fs.statfs(path, (error, found) => local.set(dev, !error && LOCAL.has(found.type)));
  return false;
}
