/** The package's bundles, which load when they are needed: by then an `npm ci` may have taken them away. */
import { writeSync } from 'node:fs';

/** The process, or its machine, has too much open or in use at the moment. */
const PASSING = new Set<string | undefined>(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);

let said = false;

/**
 * What `load` gives; undefined where it fails, which is said once. Never throws. No `log`: every process preloads this.
 * @param onFailure is told whether another time it may go well
 */
export function part<T>(load: () => T, onFailure?: (passes: boolean) => void): T | undefined {
  try {
    return load();
  } catch (error) {
    complain(error as NodeJS.ErrnoException | undefined, onFailure);
    return undefined;
  }
}

function complain(error: NodeJS.ErrnoException | undefined, onFailure?: (passes: boolean) => void): void {
  try {
    onFailure?.(PASSING.has(error?.code));
    if (said) return;
    said = true;
    writeSync(2, `spoor: a part of the package cannot be loaded, and what needs it is not recorded: ${String(error?.message).split('\n', 1)[0]!}\n`);
  } catch {
    // A stderr that is closed, or a stub's error that cannot be read.
  }
}
