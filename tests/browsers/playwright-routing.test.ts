/** The trace goes on from an operation through the page to its backend: where it was asked for, and nowhere else. */
import { join } from 'node:path';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { program } from '../guest/fixture.ts';
import { REGISTER, run, spans, temporaryDirectory } from '../support/program.ts';
import { chromiumEnvironment } from './chromium.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';
import { type RunWith, parentOf, runAsking, testOrigins } from './propagated.ts';

const source = (body: string): string => `
const { chromium } = require('playwright-core');
const main = async () => {
  const browser = await chromium.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  const ask = async (origin = '') => {
    await page.goto(process.env.PAGES + '/backend.html?origin=' + origin);
    await page.locator('#ask').click();
    await page.locator('#answer', { hasText: /./ }).waitFor();
    return page.locator('#answer').textContent();
  };
  ${body}
  await browser.close();
};
main();`;

const runWith: RunWith = (body, allowed) => runAsking('playwright-1.65', source(body), allowed);

testOrigins(runWith);

test('several operations at once: none of them is the cause', async () => {
  const body = `
  await page.goto(process.env.PAGES + '/backend.html');
  const waits = [page.locator('#nope').waitFor({ timeout: 3000 }).catch(() => {}), page.locator('#nope2').waitFor({ timeout: 3000 }).catch(() => {})];
  await page.evaluate(() => fetch('/api/order').then((response) => response.json()));
  await Promise.all(waits);`;
  const { result, asked } = await runWith(body, (origin) => origin);
  expect(result.code).toBe(0);
  expect(asked.map(parentOf)).toEqual([undefined]);
});

test('a read without a span is open too: neither it nor the wait beside it is known to be the cause', async () => {
  const body = `
  await page.goto(process.env.PAGES + '/backend.html');
  await Promise.all([page.locator('#answer', { hasText: /./ }).waitFor(), page.$eval('#ask', (button) => new Promise((resolve) => { new MutationObserver(() => resolve()).observe(document.querySelector('#answer'), { childList: true }); button.click(); }))]);`;
  const { result, asked, all } = await runWith(body, (origin) => origin);
  expect(result.code).toBe(0);
  expect(all.map(({ name }) => name)).toContain('waitForSelector');
  expect(asked.map(parentOf)).toEqual([undefined]);
});

test("the app's own routes come first, and what they answer or abort is theirs", async () => {
  const body = `
  await page.route('**/api/order', (route) => route.fallback());
  console.log(await ask());
  await page.unroute('**/api/order');
  await page.route('**/api/order', (route) => route.fulfill({ json: { method: 'mine' } }));
  console.log(await ask());`;
  const { result, asked } = await runWith(body, (origin) => origin);
  expect(result).toMatchObject({ code: 0, stdout: 'POST\nmine\n', stderr: '' });
  expect(asked).toHaveLength(1);
  expect(parentOf(asked[0]!)).toMatch(/./);
});

test('from a test of Playwright Test through the page to the backend, and no step of ours in its report', async () => {
  const { origin, requests } = await pages();
  const directory = temporaryDirectory();
  const folder = await driver('playwright-test');
  const config = program(folder, 'playwright.config.js', `
module.exports = { testDir: __dirname, workers: 1, timeout: 60_000, reporter: [['json', { outputFile: process.env.REPORT }]], use: { launchOptions: JSON.parse(process.env.CHROMIUM), baseURL: process.env.PAGES } };`);
  writeFileSync(join(config, '../ask.spec.js'), `
const { test, expect } = require('@playwright/test');
test('asks', async ({ page }) => {
  await page.goto('/backend.html');
  await page.evaluate(() => fetch('/api/order', { method: 'POST' }).then((response) => response.json()));
});`);
  const once = async (env: NodeJS.ProcessEnv): Promise<unknown> => {
    const report = join(directory, 'report.json');
    const result = await run(process.execPath, [join(folder, 'node_modules/@playwright/test/cli.js'), 'test', '--config', config], { cwd: join(config, '..'), env: { PAGES: origin, REPORT: report, ...(await chromiumEnvironment()), ...env } });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    return (JSON.parse(readFileSync(report, 'utf8')) as { suites: { specs: { tests: { results: { steps?: unknown; errors: unknown }[] }[] }[] }[] }).suites[0]!.specs[0]!.tests[0]!.results.map(({ steps, errors }) => [steps, errors]);
  };
  const without = await once({});
  const watched = await once({ NODE_OPTIONS: `--require ${REGISTER}`, SPOOR_DIR: join(directory, 'spoor'), SPOOR_SELECTOR_PROPAGATION: origin });
  expect(watched).toEqual(without);
  const [, asked] = requests.filter(({ url }) => url.startsWith('/api/'));
  const attempt = spans(join(directory, 'spoor')).find(({ name }) => name === 'test asks')!;
  expect(asked!.headers.traceparent).toBe(`00-${attempt.traceId}-${attempt.spanId}-01`);
});

// Playwright gives the headers of the first to all that follow, and shows a route none of them: said in docs/playwright.md.
test('a redirect takes the header along, wherever it leads', async () => {
  const body = `
  await page.goto(process.env.PAGES + '/backend.html');
  const waiting = page.locator('#answer', { hasText: 'GET' }).waitFor();
  await page.evaluate(async (to) => { document.querySelector('#answer').textContent = (await (await fetch('/api/redirect?to=' + to)).json()).method; }, process.env.OTHER + '/api/order');
  await waiting;`;
  const { result, asked } = await runWith(body, (origin) => origin);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(asked.map(({ url, headers }) => [url.split('?')[0], headers.traceparent !== undefined])).toEqual([['/api/redirect', true], ['/api/order', true]]);
});
