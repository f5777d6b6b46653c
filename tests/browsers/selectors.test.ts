/** selectors.resolve on the handles of real drivers: what they look like, and targets that go away in the middle. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, run, spans, temporaryDirectory, totals } from '../support/program.ts';
import { chromedriverEnvironment } from './chromedriver.ts';
import { chromiumEnvironment } from './chromium.ts';
import { type DriverName, driver } from './drivers.ts';
import { pages } from './pages.ts';

const HEAD = `
const main = async () => {
  const { selectors, start } = await import(${JSON.stringify(join(ROOT, 'dist/src/index.js'))});
  start();
  const look = (name, find) => selectors.resolve(name, { strategies: [{ name: 'css', find }], fingerprint: 'evaluate' }, () => 'acted');
  const failed = (promise) => promise.then(() => 'it did not reject', (error) => error);`;

const SOURCES = {
  playwright: `const { chromium } = require('playwright-core');${HEAD}
  const browser = await chromium.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/list.html');
  console.log(await look('item', () => page.$('.item')));
  console.log(await look('item', () => page.locator('.item').first()));
  console.log(await look('item', () => page.locator('.item').nth(0)));
  const waiting = failed(selectors.resolve('gone', { strategies: [{ name: 'css', find: () => page.waitForSelector('#never') }] }));
  await page.close();
  const error = await waiting;
  console.log(error.message.split('\\n')[0].includes('closed'), error.stack.includes('waitForSelector'));
  const other = await browser.newPage();
  const crashing = failed(selectors.resolve('gone', { strategies: [{ name: 'css', find: () => other.waitForSelector('#never') }, { name: 'second', find: () => other.$('p') }] }));
  await failed(other.goto('chrome://crash'));
  await failed(browser.close());
  await crashing;
};
main();`,
  puppeteer: `const puppeteer = require('puppeteer-core');${HEAD}
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/list.html');
  console.log(await look('item', () => page.$('.item')));
  console.log(await look('item', async () => (await page.$$('.item')).slice(0, 1)));
  const waiting = failed(selectors.resolve('gone', { strategies: [{ name: 'css', find: () => page.waitForSelector('#never') }] }));
  browser.process().kill('SIGKILL');
  await waiting;
};
main();`,
  selenium: `const { Builder, By } = require('selenium-webdriver');
const chrome = require('selenium-webdriver/chrome.js');${HEAD}
  const { driver: path, browser, args } = JSON.parse(process.env.CHROMEDRIVER);
  const options = new chrome.Options().setChromeBinaryPath(browser).addArguments(...args);
  const driver = await new Builder().forBrowser('chrome').setChromeOptions(options).setChromeService(new chrome.ServiceBuilder(path)).build();
  await driver.get(process.env.PAGES + '/list.html');
  console.log(await look('item', () => driver.findElement(By.css('.item'))));
  await failed(selectors.resolve('gone', { strategies: [{ name: 'css', find: () => driver.findElement(By.css('#never')) }] }));
  await driver.quit();
  await failed(selectors.resolve('gone', { strategies: [{ name: 'css', find: () => driver.findElement(By.css('.item')) }] }));
};
main();`,
};

const CASES: readonly { name: DriverName; source: keyof typeof SOURCES; says: string; gone: readonly unknown[] }[] = [
  { name: 'playwright-1.65', source: 'playwright', says: 'acted\nacted\nacted\ntrue true\n', gone: ['target_closed', expect.stringMatching(/^target_/)] },
  { name: 'puppeteer-24', source: 'puppeteer', says: 'acted\nacted\n', gone: ['detached'] },
  { name: 'selenium-4.46', source: 'selenium', says: 'acted\n', gone: ['not_found', 'target_closed'] },
];

test.each(CASES)('$name: the same element looks the same, and what goes away is one failed attempt', async ({ name, source, says, gone }) => {
  const { origin } = await pages();
  const directory = temporaryDirectory();
  const env = { PAGES: origin, SPOOR_DIR: directory, ...(source === 'selenium' ? chromedriverEnvironment() : await chromiumEnvironment()) };
  const result = await run(process.execPath, ['-e', SOURCES[source]], { cwd: await driver(name), env });
  expect([result.code, result.stderr, result.stdout]).toEqual([0, '', says]);
  const resolved = spans(directory).filter(({ attributes }) => attributes['spoor.selector.operation'] === 'resolve');
  const found = resolved.filter(({ attributes }) => attributes['spoor.selector.name'] === 'item').map(({ attributes }) => [attributes['spoor.selector.fingerprint'], attributes['spoor.selector.drift']]);
  expect(found).toEqual(found.map((_, i) => ['li.first.item role=listitem testid=item position=0 text=a ·4', i === 0 ? undefined : 0]));
  // The look at the element is spoor's own.
  expect(Object.keys(totals(directory)).filter((series) => /operation=(?:evaluate|executeScript)/.test(series))).toEqual([]);
  expect(resolved.filter(({ attributes }) => attributes['spoor.selector.name'] === 'gone').map(({ attributes }) => attributes['error.type'])).toEqual(gone);
});
