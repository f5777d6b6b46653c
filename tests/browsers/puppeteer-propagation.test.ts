/** The trace goes on from an operation of Puppeteer's through the page to its backend: where it was asked for, and nowhere else. */
import { expect, test } from 'vitest';
import { type RunWith, parentOf, runAsking, testOrigins } from './propagated.ts';

const source = (body: string): string => `
const puppeteer = require('puppeteer-core');
const main = async () => {
  const browser = await puppeteer.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  const ask = async (origin = '') => {
    await page.goto(process.env.PAGES + '/backend.html?origin=' + origin);
    await page.waitForSelector('#ask');
    await page.click('#ask');
    await page.waitForSelector('#answer:not(:empty)');
    return page.evaluate(() => document.getElementById('answer').textContent);
  };
  ${body}
  await browser.close();
};
main();`;

const runWith: RunWith = (body, allowed) => runAsking('puppeteer-24', source(body), allowed);

testOrigins(runWith);

test("beside the app's own interception", async () => {
  const body = `
  console.log(await ask());
  await page.setRequestInterception(true);
  page.on('request', (request) => (request.url().endsWith('/mine') ? request.respond({ body: 'mine' }) : request.continue()));
  console.log(await page.evaluate(async () => (await fetch('/api/mine')).text()), await ask());`;
  const { result, asked } = await runWith(body, (origin) => origin);
  expect(result).toMatchObject({ code: 0, stdout: 'POST\nmine POST\n', stderr: '' });
  expect(asked.map((request) => parentOf(request) !== undefined)).toEqual([true, true]);
});

test('several operations at once: none of them is the cause', async () => {
  const body = `
  await page.goto(process.env.PAGES + '/backend.html');
  await page.waitForSelector('#ask');
  const waits = ['#nope', '#nope2'].map((selector) => page.waitForSelector(selector, { timeout: 3000 }).catch(() => {}));
  await page.evaluate(() => fetch('/api/order').then((response) => response.json()));
  await Promise.all(waits);`;
  const { result, asked } = await runWith(body, (origin) => origin);
  expect(result.code).toBe(0);
  expect(asked.map(parentOf)).toEqual([undefined]);
});

test('a read without a span is open too: neither it nor the wait beside it is known to be the cause', async () => {
  const body = `
  await page.goto(process.env.PAGES + '/backend.html');
  await page.waitForSelector('#ask');
  await Promise.all([page.waitForSelector('#answer:not(:empty)'), page.$eval('#ask', (button) => new Promise((resolve) => { new MutationObserver(() => resolve()).observe(document.querySelector('#answer'), { childList: true }); button.click(); }))]);`;
  const { result, asked, all } = await runWith(body, (origin) => origin);
  expect(result.code).toBe(0);
  expect(all.filter(({ attributes }) => attributes['spoor.selector.driver']).map(({ name }) => name)).toEqual(['waitForSelector', 'waitForSelector']);
  expect(asked.map(parentOf)).toEqual([undefined]);
});

test('a redirect to another origin gets nothing', async () => {
  const body = `
  await page.goto(process.env.PAGES + '/backend.html');
  await page.waitForSelector('#ask');
  const waiting = page.waitForSelector('#answer:not(:empty)');
  await page.evaluate(async (to) => { document.querySelector('#answer').textContent = (await (await fetch('/api/redirect?to=' + to)).json()).method; }, process.env.OTHER + '/api/order');
  await waiting;`;
  const { result, asked } = await runWith(body, (origin) => origin);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(asked.map(({ url, headers }) => [url.split('?')[0], headers.traceparent !== undefined])).toEqual([['/api/redirect', true], ['/api/order', false]]);
});
