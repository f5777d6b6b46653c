/** Playwright's operations through the preload: real programs, a real browser, the versions that people have. */
import { describe, expect, test } from 'vitest';
import { node24, program } from '../guest/fixture.ts';
import { type RecordedSpan, type Result, run, runRegistered, spans, temporaryDirectory, totals } from '../support/program.ts';
import { chromiumEnvironment } from './chromium.ts';
import { DRIVERS, type DriverName, driver } from './drivers.ts';
import { pages } from './pages.ts';

/** A program around `body`, which has `browser`, `page` and `said`: the app's own view of its errors. */
const source = (body: string): string => `
const { chromium } = require('playwright-core');
const first = (error) => [error.name, error.message.split('\\n')[0]].join(' | ');
const main = async () => {
  const browser = await chromium.launch(JSON.parse(process.env.CHROMIUM));
  const page = await browser.newPage({ viewport: { width: 800, height: 600 }, userAgent: 'Tested' });
  const goto = (path) => page.goto(process.env.PAGES + path);
  ${body}
  await browser.close();
};
main();`;

interface Run {
  readonly result: Result;
  readonly operations: readonly RecordedSpan[];
  readonly counts: Record<string, number>;
}

async function runOn(name: DriverName, body: string, { file = 'app.cjs', node = process.execPath, env = {} } = {}): Promise<Run> {
  const { origin } = await pages();
  const directory = temporaryDirectory();
  const result = await run(node, ['--require', `${process.cwd()}/dist/register.cjs`, program(await driver(name), file, source(body))], {
    env: { SPOOR_DIR: directory, PAGES: origin, ...(await chromiumEnvironment()), ...env },
  });
  return { result, operations: spans(directory).filter(({ attributes }) => attributes['spoor.selector.driver']), counts: operationCounts(directory) };
}

/** How often each operation was counted, as `click` or `click not_found`. */
function operationCounts(directory: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [series, count] of Object.entries(totals(directory))) {
    if (!series.startsWith('spoor.selector.duration ')) continue;
    const [, operation] = /spoor\.selector\.operation=([\w.]+)/.exec(series)!;
    const error = /error\.type=(\w+)/.exec(series)?.[1];
    const key = error ? `${operation} ${error}` : operation!;
    counts[key] = (counts[key] ?? 0) + count;
  }
  return counts;
}

const named = (operations: readonly RecordedSpan[], name: string): RecordedSpan['attributes'][] => operations.filter((span) => span.name === name).map(({ attributes }) => attributes);

const EVERYTHING = `
  await goto('/late.html?after=200&token=s3cr3t#part');
  await page.locator('#late').click();
  await goto('/form.html');
  await page.getByLabel('Full name').fill('Jane');
  await page.locator('#size').selectOption('m');
  await page.getByRole('checkbox').check();
  await page.locator('#notes').press('A');
  await page.locator('#file').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  await page.locator('#drag').dragTo(page.locator('#drop'));
  await page.getByTestId('card-number').hover();
  await page.locator('#hidden').waitFor({ state: 'hidden' });
  console.log(await page.locator('label').count(), await page.locator('#hidden').isVisible(), await page.locator('#drop').textContent());
  const handle = await page.$('#name'); await handle.fill('Joe');
  console.log((await page.locator('option').all()).length);
  for (const action of [
    () => page.locator('option').click({ timeout: 500 }), () => page.locator('#nope').click({ timeout: 200 }), () => page.locator('#hidden').click({ timeout: 300 }),
    () => page.locator('a]').count(), () => page.waitForURL('**/never', { timeout: 100 }), () => page.waitForSelector('#hidden', { timeout: 200 }),
  ]) await action().then(() => console.log('no error'), (error) => console.log(first(error)));
  await goto('/frames.html');
  await page.frameLocator('#form-frame').locator('#name').fill('In a frame');
  await goto('/list.html');
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.locator('#open').click()]);
  await popup.locator('.first').click();`;

describe.each(['playwright-1.65', 'playwright-1.58', 'playwright-1.53', 'playwright-1.52', 'playwright-1.49', 'playwright-1.44', 'playwright-1.40'] as const)('%s', (name) => {
  test('every operation is counted; actions, waits and failures have spans that tell what happened', async () => {
    const { result, operations, counts } = await runOn(name, EVERYTHING);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    // The name that its errors have is Playwright's own affair.
    const timeout = name === 'playwright-1.40' ? 'Error' : 'TimeoutError';
    expect(result.stdout.split('\n')).toEqual([
      '6 false dropped',
      '3',
      expect.stringMatching(/^Error \| locator\.click: Error: strict mode violation: locator\('option'\) resolved to 3 elements:$/),
      `${timeout} | locator.click: Timeout 200ms exceeded.`,
      `${timeout} | locator.click: Timeout 300ms exceeded.`,
      expect.stringMatching(/^Error \| locator\.count: .*"\]" while parsing (?:css )?selector "a\]"/),
      `${timeout} | page.waitForURL: Timeout 100ms exceeded.`,
      `${timeout} | page.waitForSelector: Timeout 200ms exceeded.`,
      '',
    ]);
    expect(counts).toEqual({
      click: 3,
      fill: 3,
      selectOption: 1,
      check: 1,
      press: 1,
      setInputFiles: 1,
      dragTo: 1,
      hover: 1,
      waitForSelector: 1,
      // `all()` counts too.
      count: 2,
      isVisible: 1,
      textContent: 1,
      querySelector: 1,
      waitForEvent: 1,
      'click ambiguous': 1,
      'click not_found': 1,
      'click not_actionable': 1,
      'count invalid_selector': 1,
      'waitForNavigation timeout': 1,
      'waitForSelector timeout': 1,
    });
    // Reads that succeed have no span.
    for (const read of ['isVisible', 'textContent', 'querySelector']) expect(named(operations, read)).toEqual([]);
    const [late, ambiguous, missing, hidden, opened, inPopup] = named(operations, 'click');
    expect(late).toMatchObject({
      'spoor.selector.driver_version': DRIVERS[name][0].split('@')[1],
      'spoor.selector.text': '#late',
      'spoor.selector.engine': 'css',
      'spoor.selector.outcome': 'completed',
      'spoor.selector.match_count': 1,
      'spoor.selector.fingerprint': 'button testid=late-button',
      'spoor.selector.viewport': '800x600',
      'user_agent.original': 'Tested',
      'user_agent.name': 'chromium',
      'user_agent.version': expect.stringMatching(/^\d+\./),
      'url.full': expect.stringMatching(/\/late\.html\?after=&token=$/),
    });
    expect(late!['spoor.selector.wait_time']).toBeGreaterThan(0.05);
    expect(ambiguous).toMatchObject({ 'error.type': 'ambiguous', 'spoor.selector.match_count': 3 });
    expect(missing).toMatchObject({ 'error.type': 'not_found', 'spoor.selector.retry_count': 0 });
    expect(hidden).toMatchObject({ 'error.type': 'not_actionable', 'spoor.selector.fingerprint': 'p' });
    // Then it waited within one try.
    expect(Number(hidden!['spoor.selector.retry_count']) > 0).toBe(name !== 'playwright-1.40');
    // The page is another one, and so is its frame.
    expect(inPopup!['spoor.selector.page_id']).not.toBe(opened!['spoor.selector.page_id']);
    const [byLabel, byHandle, inFrame] = named(operations, 'fill');
    expect(byLabel).toMatchObject({ 'spoor.selector.text': 'label="…"', 'spoor.selector.engine': 'label' });
    expect(byHandle).toMatchObject({ 'spoor.selector.text': '#name' });
    expect(inFrame).toMatchObject({ 'spoor.selector.text': '#form-frame >> control=enter-frame >> #name' });
  });

  // What `toHaveScreenshot` of the test runner calls.
  test('an assertion about a screenshot', async () => {
    const body = `
  await page.setContent('<p id="box" style="width: 50px; height: 50px; background: red"></p>');
  const expected = await page.locator('#box').screenshot();
  const compare = async (locator, more) => {
    const options = { locator, expected, isNot: false, timeout: 1000, comparator: 'pixelmatch', ...more };
    const { errorMessage } = await page._expectScreenshot({ ...options, comparatorOptions: options, screenshotOptions: {} });
    return typeof errorMessage;
  };
  console.log(await compare(page.locator('#box')));
  await page.evaluate(() => { document.querySelector('#box').style.background = 'blue'; });
  console.log(await compare(page.locator('#box')), await compare(page.locator('#nope')), await compare(undefined));`;
    const { result, operations } = await runOn(name, body);
    expect(result).toMatchObject({ code: 0, stdout: 'undefined\nstring string string\n', stderr: '' });
    expect(named(operations, 'to.have.screenshot').map((one) => [one['spoor.selector.text'], one['error.type']])).toEqual([['#box', undefined], ['#box', 'assertion_failed'], ['#nope', 'not_found'], [undefined, 'assertion_failed']]);
  });
});

test.each(['cjs', 'mjs'])('Node 24, %s', async (module) => {
  const { result, counts } = await runOn('playwright-1.65', `await goto('/list.html'); await page.locator('#open').click();`, { file: `app.${module}`, node: await node24() });
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(counts).toEqual({ click: 1 });
});

test('an ES module', async () => {
  const { result, counts } = await runOn('playwright-1.65', `await goto('/list.html'); await page.locator('#open').click();`, { file: 'app.mjs' });
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(counts).toEqual({ click: 1 });
});

test('spans of cheap reads are there when asked for, with the number of elements', async () => {
  const { operations } = await runOn('playwright-1.65', `await goto('/list.html'); await page.locator('.item').count(); await page.$$('.item'); await page.locator('.first').textContent();`, {
    env: { SPOOR_SELECTOR_SPANS: 'all' },
  });
  expect(operations.map((span) => [span.name, span.attributes['spoor.selector.match_count']])).toEqual([['count', 5], ['querySelectorAll', 5], ['textContent', 1]]);
});

test('an element that is held was found: what cannot be done with it is not actionable', async () => {
  const body = `await goto('/form.html');
  const hidden = await page.$('#hidden');
  const name = await page.$('#name');
  await page.$('#nope');
  for (const action of [() => hidden.click({ timeout: 100 }), () => hidden.fill('x', { timeout: 100 }), () => name.check(), () => name.waitForElementState('disabled', { timeout: 100 }), () => name.waitForSelector('b', { timeout: 100 })])
    await action().then(() => console.log('no error'), () => {});`;
  const { result, operations } = await runOn('playwright-1.65', body, { env: { SPOOR_SELECTOR_SPANS: 'all' } });
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(operations.map(({ name, attributes }) => [name, attributes['spoor.selector.text'], attributes['error.type'] ?? attributes['spoor.selector.match_count']])).toEqual([
    ['querySelector', '#hidden', undefined], ['querySelector', '#name', undefined], ['querySelector', '#nope', 0],
    ['click', '#hidden', 'not_actionable'], ['fill', '#hidden', 'not_actionable'], ['check', '#name', 'not_actionable'],
    ['waitForElementState', '#name', 'timeout'], ['waitForSelector', '#name >> b', 'not_found'],
  ]);
});

test('over connect() what the server does not tell is absent, not 0', async () => {
  const body = `
  const server = await chromium.launchServer(JSON.parse(process.env.CHROMIUM));
  const remote = await chromium.connect(server.wsEndpoint());
  const other = await remote.newPage();
  await other.goto(process.env.PAGES + '/list.html');
  await other.locator('#open').click();
  await other.locator('#nope').click({ timeout: 200 }).catch(() => {});
  await remote.close(); await server.close();`;
  const { operations } = await runOn('playwright-1.65', body);
  expect(operations.map(({ attributes }) => attributes['error.type'])).toEqual([undefined, 'not_found']);
  for (const { attributes } of operations) {
    expect(attributes).not.toHaveProperty(['spoor.selector.retry_count']);
    expect(attributes).not.toHaveProperty(['spoor.selector.wait_time']);
    expect(attributes).not.toHaveProperty(['spoor.selector.fingerprint']);
    expect(attributes).not.toHaveProperty(['spoor.selector.request_count']);
  }
});

test('requests that the page begins meanwhile are counted', async () => {
  const { operations } = await runOn('playwright-1.65', `await goto('/backend.html'); await page.locator('#ask').click(); await page.locator('#answer', { hasText: 'POST' }).waitFor(); await page.locator('#answer').click();`);
  const [ask, after] = operations.filter(({ name }) => name === 'click');
  const waited = operations.find(({ name }) => name === 'waitForSelector');
  expect(Number(ask!.attributes['spoor.selector.request_count']) + Number(waited!.attributes['spoor.selector.request_count'])).toBe(1);
  expect(after!.attributes['spoor.selector.request_count']).toBe(0);
});

describe('faults', () => {
  test('a page, a context and a browser that close in the middle, and one that is killed', async () => {
    const body = `
  const closing = async (make, close) => {
    const other = await make();
    await other.goto(process.env.PAGES + '/list.html');
    const pending = other.locator('#nope').click().then(() => 'no error', first);
    await close(other);
    console.log(await pending);
  };
  await closing(() => browser.newPage(), (other) => other.close());
  await closing(async () => (await browser.newContext()).newPage(), (other) => other.context().close());
  const second = await chromium.launch(JSON.parse(process.env.CHROMIUM));
  await closing(() => second.newPage(), () => second.close());
  const server = await chromium.launchServer(JSON.parse(process.env.CHROMIUM));
  const third = await chromium.connect(server.wsEndpoint());
  await closing(() => third.newPage(), () => server.kill());
  const crash = await browser.newPage();
  await crash.goto(process.env.PAGES + '/list.html');
  const crashing = crash.locator('#nope').click().then(() => 'no error', first);
  await crash.goto('chrome://crash').catch(() => {});
  console.log(await crashing);`;
    const { result, operations, counts } = await runOn('playwright-1.65', body);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout.trim().split('\n')).toHaveLength(5);
    expect(counts).toEqual({ 'click target_closed': 4, 'click target_crashed': 1 });
    expect(operations).toHaveLength(5);
  });

  test('a selector of a megabyte', async () => {
    const { result, operations } = await runOn('playwright-1.65', `await goto('/list.html'); await page.locator('.item:not([title="' + 'x'.repeat(1_000_000) + '"])').first().click({ timeout: 5000 }).then(() => console.log('clicked'), (error) => console.log(first(error).slice(0, 60)));`);
    expect(result.code).toBe(0);
    expect(result.stdout).toBe('clicked\n');
    expect(operations).toHaveLength(1);
    expect((operations[0]!.attributes['spoor.selector.text'] as string).length).toBeLessThanOrEqual(256);
  });

  test('two copies of Playwright in one process, of two versions', async () => {
    const older = await driver('playwright-1.49');
    const { result, operations } = await runOn('playwright-1.65', `await goto('/list.html'); await page.locator('#open').click();
  const { chromium: old } = require(${JSON.stringify(`${older}/node_modules/playwright-core`)});
  const another = await old.launch(JSON.parse(process.env.CHROMIUM));
  const other = await another.newPage();
  await other.goto(process.env.PAGES + '/list.html');
  await other.locator('#open').click();
  await another.close();`);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(operations.map(({ name, attributes }) => [name, attributes['spoor.selector.driver_version'], attributes['spoor.selector.fingerprint']])).toEqual([['click', '1.65.1', 'button'], ['click', '1.49.1', 'button']]);
  });

  test('unknown internals: one warning, and the calls of the app work', async () => {
    const spoil = `
const { chromium } = require('playwright-core');
const prototype = Object.getPrototypeOf(chromium._connection);
const original = prototype.sendMessageToServer;
prototype.sendMessageToServer = function (message) { return original.apply(this, arguments); };
`;
    const directory = temporaryDirectory();
    const { origin } = await pages();
    const folder = await driver('playwright-1.65');
    // Spoilt before spoor comes, which is imported by the app here.
    const file = program(folder, 'app.cjs', `${spoil}require(${JSON.stringify(`${process.cwd()}/dist/register.cjs`)});\n${source(`await goto('/list.html'); console.log(await page.locator('.item').count());`).replace(/^const \{ chromium \}.*$/m, '')}`);
    const result = await run(process.execPath, [file], { env: { SPOOR_DIR: directory, PAGES: origin, ...(await chromiumEnvironment()) } });
    expect(result).toMatchObject({ code: 0, stdout: '5\n' });
    expect(result.stderr.trim().split('\n')).toEqual([expect.stringContaining('the internals of this Playwright are unknown')]);
  });
});

test('not a message more goes to the browser, or to its server', async () => {
  const body = `${EVERYTHING}
  console.log('messages', chromium._connection._lastId);`;
  const { origin } = await pages();
  const file = program(await driver('playwright-1.52'), 'app.cjs', source(body));
  const env = { PAGES: origin, ...(await chromiumEnvironment()) };
  const messages = ({ stdout }: Result): string | undefined => /^messages \d+$/m.exec(stdout)?.[0];
  const without = messages(await run(process.execPath, [file], { env }));
  expect(without).toBeDefined();
  expect(messages(await runRegistered(temporaryDirectory(), [file], { env }))).toBe(without);
});

test('what the page can see is the same with spoor and without', async () => {
  const body = `
  await goto('/watch.html');
  await page.locator('#button').click();
  await page.locator('#input').fill('x');
  await page.getByTestId('target').hover();
  await page.locator('#nope').click({ timeout: 200 }).catch(() => {});
  await page.evaluate(() => globalThis.finish?.());
  console.log(await page.title());`;
  const { origin } = await pages();
  const file = program(await driver('playwright-1.65'), 'app.cjs', source(body));
  const env = { PAGES: origin, ...(await chromiumEnvironment()) };
  const without = await run(process.execPath, [file], { env });
  const watched = await runRegistered(temporaryDirectory(), [file], { env });
  expect(without).toMatchObject({ code: 0, stderr: '' });
  expect(without.stdout.length).toBeGreaterThan(10);
  // How many moves of the mouse the browser makes one event of differs from run to run.
  const seen = ({ stdout, ...rest }: Result) => ({ ...rest, stdout: stdout.replace(/"event mousemove":\d+/, '"event mousemove"') });
  expect(seen(watched)).toEqual(seen(without));
});
