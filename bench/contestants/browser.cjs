/** Asks a real browser as often as it is asked. Argument: which driver, and what is done with it. */
const { createRequire } = require('node:module');
const { join } = require('node:path');

const load = createRequire(join(process.env.DRIVERS, 'index.js'));
const times = (work) => async (count) => {
  for (let i = 0; i < count; i++) await work();
};

const playwright = (work) => async () => {
  const browser = await load('playwright-core').chromium.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGE);
  return { work: () => work(page), close: () => browser.close() };
};

/** @returns what one turn does, and the end of the browser */
async function puppeteer() {
  const browser = await load('puppeteer-core').launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGE);
  return { work: async () => (await page.$('#button')).dispose(), close: () => browser.close() };
}

async function selenium() {
  const { Builder, By } = load('selenium-webdriver');
  const chrome = load('selenium-webdriver/chrome.js');
  const { driver: path, browser, args } = JSON.parse(process.env.CHROMEDRIVER);
  const options = new chrome.Options().setChromeBinaryPath(browser).addArguments(...args);
  const driver = await new Builder().forBrowser('chrome').setChromeOptions(options).setChromeService(new chrome.ServiceBuilder(path)).build();
  await driver.get(process.env.PAGE);
  return { work: () => driver.findElement(By.css('#button')), close: () => driver.quit() };
}

async function main() {
  const { work, close } = await { count: playwright((page) => page.locator('.item').count()), click: playwright((page) => page.locator('#button').click()), puppeteer, selenium }[process.argv[2]]();
  const { contestant } = await import('../harness/contestant.js');
  contestant(times(work), undefined, close);
}
main();
