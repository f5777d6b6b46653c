/** A browser for the demo: what `CHROMIUM_PATH` names, else one that Playwright has installed, else the system's. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'chromium-headless-shell', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];

/** Where installers put it that do not change the PATH. */
const PLACES = {
  darwin: ['/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].filter(Boolean).map((folder) => join(folder, 'Google/Chrome/Application/chrome.exe')),
};

export const HOW_TO_GET_ONE = `any Chrome or Chromium will do, and CHROMIUM_PATH names one that is elsewhere. To get one:
    npx playwright-core install --with-deps chromium-headless-shell
    sudo apt-get install chromium          Debian, Ubuntu
    brew install --cask chromium           macOS`;

/** Path of its executable; undefined where there is none. */
export async function findBrowser() {
  const given = process.env.CHROMIUM_PATH?.trim();
  if (given) return given;
  const { chromium } = await import('playwright-core');
  const inPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [chromium.executablePath(), ...inPath, ...(PLACES[process.platform] ?? [])].find((path) => path !== '' && existsSync(path) && isExecutable(path));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
