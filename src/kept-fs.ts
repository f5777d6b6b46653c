/**
 * `node:fs` as it was when the first copy of spoor loaded in this thread: stands for it in the bundles. Tests of the
 * app replace its functions later, count their calls, or give descriptors of their own; and what is recorded has to
 * reach the disk all the same. Not all that there are: to look at each takes longer than all else that a preload
 * does. The build says which one is missing.
 */
const KEY = Symbol.for('spoor.fs');
type Slot = { readonly [KEY]?: typeof import('node:fs') };

const kept = (globalThis as Slot)[KEY];
export const {
  appendFileSync, closeSync, constants, existsSync, fchmodSync, fstatSync, fsyncSync, linkSync, lstatSync, mkdirSync,
  openSync, readFileSync, readSync, readdirSync, readlinkSync, realpathSync, renameSync, rmSync, rmdirSync, statSync,
  symlinkSync, unlinkSync, utimesSync, writeFileSync, writeSync, writevSync,
} = kept ?? process.getBuiltinModule('node:fs');

const own = {
  appendFileSync, closeSync, constants, existsSync, fchmodSync, fstatSync, fsyncSync, linkSync, lstatSync, mkdirSync,
  openSync, readFileSync, readSync, readdirSync, readlinkSync, realpathSync, renameSync, rmSync, rmdirSync, statSync,
  symlinkSync, unlinkSync, utimesSync, writeFileSync, writeSync, writevSync,
};
if (kept === undefined) Object.defineProperty(globalThis, KEY, { value: own });
