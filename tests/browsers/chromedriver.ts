/** The WebDriver server and the Chromium of its version, which Selenium needs: the system's, or where the variables say. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FLAGS } from './chromium.ts';

export function onPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next folder.
    }
  }
  return undefined;
}

/** What a program needs, for `JSON.parse(process.env.CHROMEDRIVER)`. Throws, saying what to install, where there is none. */
export function chromedriverEnvironment(): { CHROMEDRIVER: string } {
  const driver = process.env.CHROMEDRIVER_PATH?.trim() || onPath('chromedriver');
  const browser = process.env.CHROMEDRIVER_BROWSER?.trim() || onPath('chromium') || onPath('google-chrome');
  if (driver === undefined || browser === undefined) {
    throw new Error('Selenium needs chromedriver and the browser of its version: `.ci/install-browser` installs them on Debian and Ubuntu; or set CHROMEDRIVER_PATH and CHROMEDRIVER_BROWSER');
  }
  return { CHROMEDRIVER: JSON.stringify({ driver, browser, args: FLAGS }) };
}
