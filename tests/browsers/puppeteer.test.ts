import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { node24 } from '../guest/fixture.ts';
import { type RecordedSpan, totals } from '../support/program.ts';
import { chromiumEnvironment } from './chromium.ts';
import { type Subject, compare, described, operations, unchanged } from './compared.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';
import { BIDI, CRASH, EVERYTHING, GONE, HUGE, INSTRUMENT, RECORDED, SECRETS, TWO_COPIES, UNKNOWN, WATCHED } from './puppeteer-programs.ts';

const cases = [
  { name: 'puppeteer-24', module: 'cjs', on: 'this Node', how: 'register' },
  { name: 'puppeteer-24', module: 'mjs', on: 'Node 24', how: 'register' },
  { name: 'puppeteer-25', module: 'cjs', on: 'Node 24', how: 'register' },
  { name: 'puppeteer-25', module: 'mjs', on: 'Node 24', how: 'register' },
  { name: 'puppeteer-24', module: 'mjs', on: 'this Node', how: 'module' },
  { name: 'puppeteer-25', module: 'mjs', on: 'this Node', how: 'module' },
] as const;

async function subject(one: { name: 'puppeteer-24' | 'puppeteer-25'; module: string; on: string; how: 'register' | 'module' | 'given' }, source: string, env: NodeJS.ProcessEnv): Promise<Subject> {
  return {
    folder: await driver(one.name),
    node: one.on === 'Node 24' ? await node24() : process.execPath,
    file: `app.${one.module}`,
    source,
    env: { ...(await chromiumEnvironment()), ...env },
    byHand: one.how === 'register' ? undefined : INSTRUMENT[one.how],
  };
}

describe.each(cases)('$name, $module, $on, by $how', (one) => {
  test('everything is as without, and everything is recorded', async () => {
    const { origin } = await pages();
    const { directory } = await unchanged(await subject(one, EVERYTHING, { PAGES: origin, SPOOR_SELECTOR_SPANS: 'all' }));
    // Some are begun in one moment.
    expect(described(directory).toSorted()).toEqual(RECORDED.toSorted());
    expectNumbers(directory);
    expectDetails(operations(directory), origin, one.name === 'puppeteer-24' ? '24.43.1' : '25.16.0');
  });
});

/** Each of them is counted, once. */
function expectNumbers(directory: string): void {
  const sums = totals(directory);
  const counted = (operation: string, outcome: string): number =>
    Object.entries(sums)
      .filter(([name]) => name.startsWith('spoor.selector.duration ') && name.includes(`operation=${operation} `) && name.includes(`outcome=${outcome}`))
      .reduce((sum, [, count]) => sum + count, 0);
  for (const operation of new Set(RECORDED.map((line) => line.split(' ', 1)[0]!))) {
    const all = RECORDED.filter((line) => line === operation || line.startsWith(`${operation} `));
    const failed = all.filter((line) => line.includes('→'));
    expect([operation, counted(operation, 'completed'), counted(operation, 'failed')]).toEqual([operation, all.length - failed.length, failed.length]);
  }
}

/** A span tells where it was, what was found, and how long it waited. */
function expectDetails(all: RecordedSpan[], origin: string, version: string): void {
  const find = (name: string, text: string): Record<string, unknown> => all.find((span) => span.name === name && span.attributes['spoor.selector.text'] === text)!.attributes;
  expect(find('$', '#none')).toMatchObject({ 'spoor.selector.match_count': 0, 'spoor.selector.outcome': 'completed' });
  expect(find('$', '#name')).not.toHaveProperty(['spoor.selector.match_count']);
  expect(find('$$', '#order input')).toMatchObject({
    'spoor.selector.match_count': 5,
    'spoor.selector.driver': 'puppeteer',
    'spoor.selector.driver_version': version,
    'spoor.selector.engine': 'css',
    'spoor.selector.viewport': '800x600',
    'spoor.selector.page_id': expect.stringMatching(/^[0-9A-F]{32}$/),
    'spoor.selector.frame_id': expect.stringMatching(/^[0-9A-F]{32}$/),
    'url.full': `${origin}/form.html?from=&token=`,
  });
  // Enabled after 250 ms: it was looked for once, and waited for until then.
  const late = find('click', '#disabled');
  expect(late).toMatchObject({ 'spoor.selector.retry_count': 0 });
  expect(late['spoor.selector.wait_time']).toBeGreaterThan(0.01);
  expect(find('click', '.none')['spoor.selector.retry_count']).toBe(0);
  expect(find('click', '#next')['spoor.selector.request_count']).toBeGreaterThanOrEqual(0);
  // Told by the page's requests, after the first of them.
  expect(find('click', '#popup')).toMatchObject({ 'user_agent.name': 'chrome', 'user_agent.version': expect.stringMatching(/^147\./) });
  const inFrame = all.filter(({ name, attributes }) => name === 'type' && attributes['spoor.selector.text'] === '#name').at(-1)!.attributes;
  expect(inFrame['spoor.selector.frame_id']).not.toBe(inFrame['spoor.selector.page_id']);
}

/** How the app's version is loaded makes no difference to these. */
const one = { name: 'puppeteer-24', module: 'cjs', on: 'this Node', how: 'register' } as const;

test('pages, frames and browsers that go away in the middle of a call', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject(one, GONE, { PAGES: origin }));
  expect(described(directory)).toEqual([
    'waitForSelector #closes → target_closed',
    'click #closes-too → target_closed',
    'waitForSelector #crashes → target_crashed',
    'waitForSelector #detaches → detached',
    'waitForSelector #killed → target_closed',
    '$ #after → target_closed',
  ]);
});

test('over WebDriver BiDi, where a page that is gone throws at most questions', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject(one, BIDI, { PAGES: origin }));
  expect(described(directory)).toEqual(['click #reset', 'click #none → not_found', 'click #submit → target_closed']);
});

test('a page that looks for it sees nothing of it', async () => {
  const { origin } = await pages();
  const { plain, directory } = await unchanged(await subject(one, WATCHED, { PAGES: origin, SPOOR_SELECTOR_SPANS: 'all' }));
  expect(JSON.parse(plain.stdout)).toMatchObject({ seen: { 'event click': 2 } });
  expect(described(directory)).toHaveLength(8);
});

test.each(['false', 'true'])('nothing that was typed or read is kept; messages of errors: %s', async (messages) => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject(one, SECRETS, { PAGES: origin, SPOOR_SELECTOR_SPANS: 'all', SPOOR_RECORD_SELECTOR_ERRORS: messages }));
  expect(operations(directory).length).toBeGreaterThan(10);
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const everything = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
  const typed = [...new Set(SECRETS.match(/\b(?:Passw0rd|Token|Fragment|Hunter2|Value|Jane|Key|Message|Locator)-[\w-]+/g))];
  expect(typed.length).toBeGreaterThan(12);
  // What the page's own code says in an error of its own is the one thing that is asked for.
  expect([...typed, '4111-1111'].filter((secret) => everything.includes(secret))).toEqual(messages === 'true' ? ['Message-in-page'] : []);
  expect(everything.includes('No element found')).toBe(messages === 'true');
});

test('selectors of a megabyte', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject(one, HUGE, { PAGES: origin, SPOOR_SELECTOR_SPANS: 'all' }));
  const all = operations(directory);
  expect(all.map(({ name }) => name)).toEqual(['$', 'click', 'waitForSelector']);
  expect(all.every(({ attributes }) => String(attributes['spoor.selector.text']).length <= 256)).toBe(true);
  expect(all[0]!.attributes['spoor.selector.hash']).toBe(all[2]!.attributes['spoor.selector.hash']);
});

test('a Puppeteer of unknown internals works as without, and one warning says so', async () => {
  const { plain, traced, directory } = await compare({ ...(await subject(one, UNKNOWN, {})), byHand: INSTRUMENT.given });
  expect({ ...traced, stderr: '' }).toEqual(plain);
  expect(traced.stderr.trim().split('\n')).toEqual([expect.stringContaining('spoor: this version of Puppeteer has another Frame'), 'not instrumented', 'not instrumented']);
  expect(operations(directory)).toEqual([]);
});

test('two copies in one process: each call is counted once, under its own version', async () => {
  const { origin } = await pages();
  const other = join(await driver('puppeteer-25'), 'node_modules/puppeteer-core');
  const { directory } = await unchanged({ ...(await subject(one, TWO_COPIES, { PAGES: origin, OTHER: other, SPOOR_SELECTOR_SPANS: 'all' })), node: await node24() });
  expect(operations(directory).map(({ name, attributes }) => [name, attributes['spoor.selector.driver_version']])).toEqual([['$$', '24.43.1'], ['$$', '25.16.0'], ['$$', '24.43.1']]);
});

test('by the default export alone, as in a bundle; spans for actions, waits and failures', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject({ ...one, module: 'mjs', how: 'given' }, EVERYTHING, { PAGES: origin }));
  // Without the module's own functions, the page would see who calls `$eval` and the like: they are not recorded.
  const withSpans = RECORDED.filter((line) => !/^(?:\$\$? |\$\$?eval|evaluate|isVisible|boundingBox|contentFrame)/.test(line) || line === '$ [[ → invalid_selector');
  expect(described(directory).toSorted()).toEqual(withSpans.toSorted());
  const queries = Object.entries(totals(directory)).filter(([name]) => name.startsWith('spoor.selector.duration ') && name.includes('operation=$ '));
  expect(queries.reduce((sum, [, count]) => sum + count, 0)).toBe(RECORDED.filter((line) => line.startsWith('$ ')).length);
});

test.each(['sync', 'async'])('a crash prints what it prints without: %s', async (how) => {
  const { origin } = await pages();
  const { plain, traced } = await compare(await subject({ ...one, module: 'mjs', how: 'module' }, CRASH, { PAGES: origin, HOW: how }));
  expect(plain.code).toBe(1);
  // The line of source is the one thing that cannot be had again where a handle throws at once.
  const printed = (stderr: string): string => (how === 'sync' ? stderr.replace(/^(.*\n).*\n *\^\n/, '$1') : stderr).replaceAll(/\n +at [^\n]*node:internal[^\n]*/g, '');
  expect({ ...traced, stderr: printed(traced.stderr) }).toEqual({ ...plain, stderr: printed(plain.stderr) });
});
