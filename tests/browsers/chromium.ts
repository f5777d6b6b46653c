/** A Chromium for the tests, kept in their cache: see `scripts/chromium.js`. */
import { FLAGS, chromium as chromiumIn } from '../../scripts/chromium.js';
import { CACHE } from '../guest/fixture.ts';

export { FLAGS };

/** Path of an executable that takes Chromium's arguments. */
export const chromium = (): Promise<string> => chromiumIn(CACHE);

/** What a program needs to launch it: its path and flags, for `JSON.parse(process.env.CHROMIUM)`. */
export async function chromiumEnvironment(): Promise<{ CHROMIUM: string }> {
  return { CHROMIUM: JSON.stringify({ executablePath: await chromium(), args: FLAGS }) };
}
