/**
 * A form is filled in with a name, a card number and a password, which also stand in selectors, in assertions and
 * their messages, in addresses and in errors. None of it may be in any file, nor in any request to a collector.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { program } from '../guest/fixture.ts';
import { runRegistered, temporaryDirectory } from '../support/program.ts';
import { chromiumEnvironment } from './chromium.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';

const SECRETS = ['Janeway', 'Kathryn', '4111 1111 1111 1111', '4111111111111111', 'hunter2-Pa$$', 's3cr3t-token'];

const SOURCE = `
const { test: _test, expect } = require('@playwright/test');
const { chromium } = require('@playwright/test');
const quietly = async (action) => { try { await action(); } catch {} };
const main = async () => {
  const browser = await chromium.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage({ httpCredentials: { username: 'Kathryn', password: 'hunter2-Pa$$' } });
  const address = new URL(process.env.PAGES + '/form.html?customer=Kathryn%20Janeway&token=s3cr3t-token#Janeway');
  address.username = 'Kathryn'; address.password = 's3cr3t-token';
  await page.goto(address.href);
  await page.getByLabel('Full name').fill('Kathryn Janeway');
  await page.locator('#card').pressSequentially('4111 1111 1111 1111');
  await page.locator('#password').fill('hunter2-Pa$$');
  await page.locator('#notes').press('J');
  await page.evaluate((name) => { document.querySelector('#result').textContent = 'Ordered by ' + name + ' with 4111111111111111'; document.title = name; }, 'Kathryn Janeway');
  await page.getByText('Ordered by Kathryn Janeway').click();
  await page.locator('text=Kathryn').hover();
  await page.evaluate((name) => { for (const more of [1, 2]) document.body.append(Object.assign(document.createElement('p'), { textContent: name })); }, 'Kathryn Janeway');
  const short = { timeout: 200 };
  for (const action of [
    () => page.getByText('Kathryn Janeway, 4111 1111 1111 1111').click(short),
    () => page.locator('[value="hunter2-Pa$$"]').click(short),
    () => page.locator('[value=Janeway]').click(short),
    () => page.locator('//input[@value="Janeway"]').click(short),
    () => page.locator('input', { hasText: 'Janeway' }).click(short),
    () => page.locator('form', { has: page.getByText('Kathryn') }).click(short),
    () => page.getByRole('button', { name: /Janeway/i }).click(short),
    () => page.getByText(/[KJ]athryn Janeway/).click(short),
    () => page.locator('p', { hasText: /Kathryn (Janeway)/ }).click(short),
    () => page.getByPlaceholder(/[Kk]athryn Janeway/).click(short),
    () => page.getByText(/Kathryn>>Janeway/).click(short),
    () => page.locator('text = Kathryn Janeway').click(short),
    () => page.locator('role=button[name=/[Kk]athryn Janeway/]').click(short),
    () => page.locator('[title=Kathryn\\\\ Janeway]').click(short),
    () => page.locator("//p[.='Kathryn Janeway]").click(short),
    () => page.locator('a[title="Kathryn Janeway"]]').click(short),
    () => page.getByPlaceholder('Kathryn').fill('hunter2-Pa$$', short),
    () => page.locator('#result').fill('hunter2-Pa$$', short),
    () => page.locator('Janeway=4111 1111 1111 1111').count(),
    () => page.locator('text="Kathryn').count(),
    () => page.locator('#size').selectOption('Janeway', short),
    () => page.locator('p').click(short),
    () => page.waitForURL('**/Janeway', short),
    () => page.waitForEvent('request', { predicate: () => false, ...short }),
    () => page.waitForFunction((name) => document.title === name + '!', 'Janeway', short),
    () => page.locator('#card').evaluate((element, name) => { throw new Error(name + element.value); }, 'Janeway'),
    () => page.$eval('#card', (element) => { throw new Error(element.value); }),
    () => expect(page.locator('#name'), 'customer Kathryn Janeway').toHaveValue('Janeway', short),
    () => expect(page.locator('#password')).toHaveValue('s3cr3t-token', short),
    () => expect(page.locator('#result'), 'Kathryn').toHaveText('4111111111111111', short),
    () => expect(page).toHaveTitle('Janeway', short),
    () => expect(page.getByText('Janeway')).toBeHidden(short),
  ]) await quietly(action);
  await page.goto(process.env.PAGES + '/form.html?s3cr3t-token');
  await quietly(() => page.locator('#y').click(short));
  const data = await browser.newPage();
  await data.goto('data:text/html,<p id=x>Kathryn Janeway 4111111111111111');
  await quietly(() => data.locator('#y').click(short));
  await browser.close();
};
main();`;

/** Takes everything that it is sent, and keeps it. */
async function collector(): Promise<{ endpoint: string; received: () => string }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      bodies.push(`${request.url} ${JSON.stringify(request.headers)} ${(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('latin1')}`);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => bodies.join('\n') };
}

function everyFile(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => `${path}\n${readFileSync(path, 'utf8')}`)
    .join('\n');
}

/** As it is, without its spaces, and as a URL or JSON would write it. */
const forms = (secret: string): string[] => [secret, secret.replaceAll(' ', ''), encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), secret.toLowerCase()];

test.each([
  ['by default', {}],
  ['with the texts of errors', { SPOOR_RECORD_SELECTOR_ERRORS: 'true' }],
  ['with all spans', { SPOOR_SELECTOR_SPANS: 'all', SPOOR_RECORD_SELECTOR_ERRORS: 'true' }],
])('%s', async (_, env) => {
  const directory = temporaryDirectory();
  const { origin } = await pages();
  const { endpoint, received } = await collector();
  const result = await runRegistered(directory, [program(await driver('playwright-test'), 'app.cjs', SOURCE)], {
    env: { PAGES: origin, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_LOG_LEVEL: 'debug', ...(await chromiumEnvironment()), ...env },
  });
  expect(result.code).toBe(0);
  const places = { files: everyFile(directory), requests: received(), stderr: result.stderr };
  // What is looked through is all there.
  expect(places.files).toContain('to.have.value');
  expect(places.files).toContain('not_actionable');
  expect(places.requests).toContain('/v1/traces');
  if ('SPOOR_RECORD_SELECTOR_ERRORS' in env) expect(places.files).toContain('exception.message');
  const found = Object.entries(places).flatMap(([place, text]) => SECRETS.flatMap(forms).flatMap((form) => (text.includes(form) ? [`${form} in ${place}: ${text.slice(text.indexOf(form) - 200, text.indexOf(form) + 60)}`] : [])));
  expect(found).toEqual([]);
});

test("a person's own rule", async () => {
  const directory = temporaryDirectory();
  const { origin } = await pages();
  const source = `
const { chromium } = require('@playwright/test');
const main = async () => {
  const browser = await chromium.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage();
  await page.goto(process.env.PAGES + '/list.html');
  await page.locator('#janeway-row .item').first().click({ timeout: 200 }).catch(() => {});
  await page.setContent('<button class="btn customer-janeway" data-testid="janeway-card" role="janeway">x</button><janeway-x>y</janeway-x>');
  await page.locator('button').click();
  await page.locator('janeway-x').click();
  await browser.close();
};
main();`;
  await runRegistered(directory, [program(await driver('playwright-test'), 'app.cjs', source)], { env: { PAGES: origin, SPOOR_SELECTOR_REDACT: 'janeway|127\\.0', ...(await chromiumEnvironment()) } });
  const files = everyFile(join(directory, 'traces')) + everyFile(join(directory, 'selectors'));
  expect(files).toContain('#…-row .item');
  expect(files).toContain('button.btn role=_ testid=_-card');
  expect(files).toContain('"testId":"_-card"');
  expect(files).not.toContain('janeway');
  expect(files).toContain('http://….0.1:');
});
