/** The system's Firefox, or where the variables say, and the WebDriver server that Selenium needs for it. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { onPath } from './chromedriver.ts';

/** What a program needs to launch it, for `JSON.parse(process.env.CHROMIUM)`. Throws, saying what to install, where there is none. */
export function firefoxEnvironment(): { CHROMIUM: string } {
  return { CHROMIUM: JSON.stringify({ browser: 'firefox', executablePath: firefox(), headless: true }) };
}

/** The same for Selenium. Undefined without geckodriver, which is on no registry but cargo's. */
export function geckodriverEnvironment(): { GECKODRIVER: string } | undefined {
  const built = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'spoor-geckodriver/bin/geckodriver');
  const driver = process.env.GECKODRIVER_PATH?.trim() || onPath('geckodriver') || (existsSync(built) ? built : undefined);
  return driver === undefined ? undefined : { GECKODRIVER: JSON.stringify({ driver, browser: firefox() }) };
}

function firefox(): string {
  const found = process.env.FIREFOX_PATH?.trim() || onPath('firefox') || onPath('firefox-esr');
  if (found === undefined) throw new Error('no Firefox: `.ci/install-browser` installs it on Debian and Ubuntu; or set FIREFOX_PATH');
  return found;
}
