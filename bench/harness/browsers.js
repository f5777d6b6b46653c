// @ts-check
/** The drivers and the browsers that spoor is measured in: installed once for each set of versions, outside the project. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createServer } from 'node:http';
import { FLAGS, chromium } from '../../scripts/chromium.js';
import { cleanEnvironment } from './environment.js';
import { CACHE } from './places.js';

const DRIVERS = ['playwright-core@1.65.1', 'puppeteer-core@24.43.1', 'selenium-webdriver@4.46.0'];

/**
 * @typedef {object} Browsers
 * @property {Record<string, string>} env for the measured programs: `DRIVERS` (a folder), `CHROMIUM`, and where there is
 *   one `CHROMEDRIVER`
 * @property {() => void} close ends the server of the page that is measured, `PAGE`
 */

/**
 * @param {(message: string) => void} say
 * @returns {Promise<Browsers>}
 */
export async function browsers(say) {
  const page = await servePage();
  return {
    env: {
      DRIVERS: drivers(say),
      CHROMIUM: JSON.stringify({ executablePath: await chromium(CACHE), args: FLAGS }),
      PAGE: `http://127.0.0.1:${page.port}/`,
      ...chromedriver(),
    },
    close: page.close,
  };
}

/** @param {(message: string) => void} say */
function drivers(say) {
  const folder = join(CACHE, `drivers-${DRIVERS.join('+').replaceAll(/[^\w.]+/g, '-')}`);
  if (existsSync(folder)) return folder;
  say('installing the drivers, once …');
  const making = `${folder}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  writeFileSync(join(making, 'package.json'), '{ "private": true }\n');
  try {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...DRIVERS], { cwd: making, env: cleanEnvironment(), stdio: ['ignore', 'ignore', 'inherit'] });
    renameSync(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return folder;
}

/** Selenium's part comes with the system; without it its rows are left out. */
function chromedriver() {
  const driver = onPath('chromedriver');
  const browser = onPath('chromium') ?? onPath('google-chrome');
  return driver && browser ? { CHROMEDRIVER: JSON.stringify({ driver, browser, args: FLAGS }) } : {};
}

/** @param {string} name */
function onPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const PAGE = `<!doctype html><title>Page</title><ul>${'<li class="item">one</li>'.repeat(20)}</ul><button id="button">Button</button>`;

/** @returns {Promise<{ port: number, close: () => void }>} */
function servePage() {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      resolve({ port, close: () => server.closeAllConnections() ?? server.close() });
    });
  });
}
