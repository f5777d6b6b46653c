/** The ground that the other tests stand on: each driver drives the browser, in both module systems, and nobody calls out. */
import { expect, test } from 'vitest';
import { node24, program } from '../guest/fixture.ts';
import { run } from '../support/program.ts';
import { chromedriverEnvironment } from './chromedriver.ts';
import { chromiumEnvironment } from './chromium.ts';
import { type DriverName, driver } from './drivers.ts';
import { pages } from './pages.ts';

const PLAYWRIGHT = `
const { chromium } = require('playwright-core');
const main = async () => {
  const browser = await chromium.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/list.html');
  console.log(await page.locator('.item').count(), await page.title());
  await browser.close();
};
main();`;

const PUPPETEER = `
const puppeteer = require('puppeteer-core');
const main = async () => {
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/list.html');
  console.log((await page.$$('.item')).length, await page.title());
  await browser.close();
};
main();`;

const SELENIUM = `
const { Builder, By } = require('selenium-webdriver');
const chrome = require('selenium-webdriver/chrome.js');
const main = async () => {
  const { driver: path, browser, args } = JSON.parse(process.env.CHROMEDRIVER);
  const options = new chrome.Options().setChromeBinaryPath(browser).addArguments(...args);
  const driver = await new Builder().forBrowser('chrome').setChromeOptions(options).setChromeService(new chrome.ServiceBuilder(path)).build();
  await driver.get(process.env.PAGES + '/list.html');
  console.log((await driver.findElements(By.css('.item'))).length, await driver.getTitle());
  await driver.quit();
};
main();`;

const cases: readonly { name: DriverName; source: string; newer?: true }[] = [
  { name: 'playwright-1.65', source: PLAYWRIGHT },
  { name: 'playwright-1.58', source: PLAYWRIGHT },
  { name: 'playwright-1.53', source: PLAYWRIGHT },
  { name: 'playwright-1.52', source: PLAYWRIGHT },
  { name: 'playwright-1.49', source: PLAYWRIGHT },
  { name: 'playwright-1.40', source: PLAYWRIGHT },
  { name: 'puppeteer-24', source: PUPPETEER },
  { name: 'puppeteer-25', source: PUPPETEER, newer: true },
  { name: 'selenium-4.46', source: SELENIUM },
  { name: 'selenium-4.49', source: SELENIUM, newer: true },
];

test.each(cases)('$name drives the browser', async ({ name, source, newer }) => {
  const { origin, requests } = await pages();
  const env = { PAGES: origin, ...(name.startsWith('selenium') ? chromedriverEnvironment() : await chromiumEnvironment()) };
  const folder = await driver(name);
  const binary = newer ? await node24() : process.execPath;
  for (const module of ['mjs', 'cjs']) {
    const result = await run(binary, [program(folder, `app.${module}`, source)], { env });
    expect(result, module).toEqual({ code: 0, signal: null, stdout: '5 List\n', stderr: '' });
  }
  expect(requests.map(({ url }) => url)).toEqual(['/list.html', '/list.html']);
});
