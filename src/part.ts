/** The package's bundles, which load when they are needed: by then an `npm ci` may have taken them away. */
import { writeSync } from 'node:fs';

let said = false;

/** What `load` gives; undefined where it fails, which is said once. Never throws. No `log`: every process preloads this. */
export function part<T>(load: () => T): T | undefined {
  try {
    return load();
  } catch (error) {
    if (!said) say(String((error as Error | undefined)?.message).split('\n', 1)[0]!);
    said = true;
    return undefined;
  }
}

function say(problem: string): void {
  try {
    writeSync(2, `spoor: a part of the package cannot be loaded, and what needs it is not recorded: ${problem}\n`);
  } catch {
    // A stderr that is closed.
  }
}
