/** Where Playwright is loaded from. Imported by the preloaded bundle. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The entries of its packages: all have the library, and those of the test runner `test` besides. */
export const PLAYWRIGHT_FILE = /[\\/](?:playwright-core[\\/]index|playwright[\\/](?:index|test)|@playwright[\\/]test[\\/]index)\.js$/;
/** What is asked for to get one of them: a name, or a path with it. */
export const PLAYWRIGHT_REQUEST = /playwright/;

/** All packages of one release have the same version. */
export function playwrightVersion(file: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(join(dirname(file), 'package.json'), 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
