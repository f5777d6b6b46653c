import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { node24 } from '../guest/fixture.ts';
import { totals } from '../support/program.ts';
import { chromedriverEnvironment } from './chromedriver.ts';
import { type Subject, compare, described, operations, unchanged } from './compared.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';
import { BY_HAND, EVERYTHING, GONE, HUGE, SECRETS, UNKNOWN, WATCHED } from './selenium-programs.ts';

interface Case {
  readonly name: 'selenium-4.46' | 'selenium-4.49';
  readonly module: 'cjs' | 'mjs';
  readonly on: 'this Node' | 'Node 24';
  readonly how: 'register' | 'hand';
}

const cases: readonly Case[] = [
  { name: 'selenium-4.46', module: 'cjs', on: 'this Node', how: 'register' },
  { name: 'selenium-4.46', module: 'mjs', on: 'this Node', how: 'register' },
  { name: 'selenium-4.49', module: 'cjs', on: 'Node 24', how: 'register' },
  { name: 'selenium-4.49', module: 'mjs', on: 'Node 24', how: 'register' },
  { name: 'selenium-4.46', module: 'mjs', on: 'this Node', how: 'hand' },
];

async function subject({ name, module, on, how }: Case, source: string, env: NodeJS.ProcessEnv): Promise<Subject> {
  return {
    folder: await driver(name),
    node: on === 'Node 24' ? await node24() : process.execPath,
    file: `app.${module}`,
    source,
    env: { ...chromedriverEnvironment(), ...env },
    byHand: how === 'hand' ? BY_HAND : undefined,
  };
}

/** What EVERYTHING does: operation, selector, error. */
const RECORDED = [
  'findElement *[id="name"]', 'findElements #order input', 'findElements .none', 'findElement form', 'findElements label', 'findElement form',
  'findElement tag name=select', 'getTagName tag name=select', 'findElement h1', 'getText h1', 'findElement h1', 'getText h1',
  'findElement *[name="name"]', 'getAttribute *[name="name"]', 'findElement *[id="hidden"]', 'isDisplayed *[id="hidden"]', 'findElement //button[0]',
  'isEnabled //button[0]', 'findElement h1', 'getRect h1', 'findElement h1', 'getCssValue h1', 'findElements button', 'findElement *[id="name"]',
  'sendKeys *[id="name"]', 'findElement *[id="name"]', 'clear *[id="name"]', 'findElement *[id="terms"]', 'click *[id="terms"]',
  'findElement *[id="size"]', 'getAttribute *[id="size"]', 'getAttribute *[id="size"]', 'findElements tag name=option',
  'getAttribute tag name=option', 'getAttribute tag name=option', 'isSelected tag name=option', 'isEnabled tag name=option', 'click tag name=option',
  'getAttribute tag name=option', 'findElement *[id="file"]', 'sendKeys *[id="file"]', 'findElement *[id="submit"]', 'click *[id="submit"]',
  'findElement *[id="result"]', 'getText *[id="result"]', 'findElement *[id="drag"]', 'findElement *[id="drop"]', 'actions *[id="drag"]',
  'findElement *[id="order"]', 'submit *[id="order"]', 'wait *[id="late"]', 'wait *[id="late"]', 'click *[id="late"]', 'findElement *[id="late"]',
  'wait *[id="late"]', 'wait', 'wait #leaving', 'findElement *[id="form-frame"]', 'findElement *[id="name"]', 'sendKeys *[id="name"]',
  'findElement *[id="popup"]', 'click *[id="popup"]', 'wait', 'wait h1', 'getText h1', 'findElement *[id="items"]', 'findElement *[id="items"]',
  'findElement *[id="items"]', 'findElement *[id="items"]', 'findElement #none → not_found', 'findElement #none → not_found',
  'findElement *[id="hidden"]', 'click *[id="hidden"] → not_actionable', 'findElement [[ → invalid_selector', 'findElements [[ → invalid_selector',
  'findElement link text="…" → not_found', 'wait *[id="none"] → not_found', 'findElement *[id="hidden"]', 'wait *[id="hidden"] → not_actionable',
  'findElement *[id="hidden"]', 'wait *[id="hidden"] → not_actionable',
  'wait → timeout', 'wait → Error', 'wait → TypeError', 'findElement *[id="submit"]', 'click *[id="submit"] → detached',
  // What is not sent any more, but for a click on what was not found.
  'findElement h1', 'findElement *[id="name"] → target_closed', 'click h1 → target_closed', 'findElement *[id="name"] → target_closed',
];

describe.each(cases)('$name, $module, $on, by $how', (one) => {
  test('everything is as without, and everything is recorded', async () => {
    const { origin } = await pages();
    const { directory } = await unchanged(await subject(one, EVERYTHING, { PAGES: origin, SPOOR_SELECTOR_SPANS: 'all' }));
    // Some are begun in one moment.
    expect(described(directory).toSorted()).toEqual(RECORDED.toSorted());
    const all = operations(directory);
    const find = (name: string, text: string): Record<string, unknown> => all.find((span) => span.name === name && span.attributes['spoor.selector.text'] === text)!.attributes;
    expect(find('findElements', '#order input')).toMatchObject({
      'spoor.selector.match_count': 5,
      'spoor.selector.driver': 'selenium',
      'spoor.selector.driver_version': one.name === 'selenium-4.46' ? '4.46.0' : '4.49.0',
      'spoor.selector.engine': 'css',
      'user_agent.name': 'chrome',
      'user_agent.version': expect.stringMatching(/^\d+\./),
      'url.full': `${origin}/form.html?from=&token=`,
    });
    expect(find('findElements', '.none')).toMatchObject({ 'spoor.selector.match_count': 0, 'spoor.selector.outcome': 'completed' });
    const waited = find('wait', '*[id="late"]');
    expect(waited['spoor.selector.retry_count']).toBeGreaterThan(0);
    expect(waited['spoor.selector.wait_time']).toBeGreaterThan(0.05);
    // A click may lead anywhere, and nobody has asked since.
    expect(find('getText', '*[id="result"]')).not.toHaveProperty(['url.full']);
    expect(find('getText', 'h1')['spoor.selector.page_id']).toBeUndefined();
    const counted = Object.entries(totals(directory)).filter(([name]) => name.startsWith('spoor.selector.duration '));
    expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(RECORDED.length);
  });
});

const one = cases[0]!;

test('numbers for all, spans for actions, waits and failures', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject(one, WATCHED, { PAGES: origin }));
  expect(described(directory)).toEqual(['click *[id="button"]', 'sendKeys *[id="input"]', 'wait *[id="target"]', 'findElement *[id="none"] → not_found']);
  const counted = Object.entries(totals(directory)).filter(([name]) => name.startsWith('spoor.selector.duration '));
  expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(9);
});

test('windows and browsers that go away in the middle of a call', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject(one, GONE, { PAGES: origin }));
  expect(described(directory)).toEqual(['wait *[id="crashes"] → target_crashed', 'wait *[id="closes"] → target_closed', 'wait *[id="quits"] → target_closed']);
});

test('a page that looks for it sees nothing of it', async () => {
  const { origin } = await pages();
  const { plain } = await unchanged(await subject(one, WATCHED, { PAGES: origin, SPOOR_SELECTOR_SPANS: 'all' }));
  expect(JSON.parse(plain.stdout)).toMatchObject({ seen: { 'event click': 1 } });
});

test.each(['false', 'true'])('nothing that was typed or read is kept; messages of errors: %s', async (messages) => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject(one, SECRETS, { PAGES: origin, SPOOR_SELECTOR_SPANS: 'all', SPOOR_RECORD_SELECTOR_ERRORS: messages }));
  expect(operations(directory).length).toBeGreaterThan(10);
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const everything = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
  const typed = [...new Set(SECRETS.match(/\b(?:Passw0rd|Token|Fragment|Hunter2|Jane|Key|Message)-[\w-]+/g))];
  expect(typed.length).toBeGreaterThan(12);
  // What the app itself says in an error of its own is the one thing that is asked for.
  expect([...typed, '4111-1111'].filter((secret) => everything.includes(secret))).toEqual(messages === 'true' ? ['Message-of-mine'] : []);
  expect(everything.includes('no such element')).toBe(messages === 'true');
});

test('selectors of a megabyte', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject(one, HUGE, { PAGES: origin, SPOOR_SELECTOR_SPANS: 'all' }));
  const all = operations(directory);
  expect(all.map(({ name }) => name)).toEqual(['findElements', 'findElement', 'wait']);
  expect(all.every(({ attributes }) => String(attributes['spoor.selector.text']).length <= 256)).toBe(true);
  expect(all[0]!.attributes['spoor.selector.hash']).toBe(all[2]!.attributes['spoor.selector.hash']);
});

test('a Selenium of unknown internals works as without, and one warning says so', async () => {
  const { plain, traced, directory } = await compare({ ...(await subject(one, UNKNOWN, {})), byHand: BY_HAND });
  expect({ ...traced, stderr: '' }).toEqual(plain);
  expect(traced.stderr.trim().split('\n')).toEqual([expect.stringContaining('spoor: this version of selenium-webdriver has another WebDriver'), 'not instrumented', 'not instrumented']);
  expect(operations(directory)).toEqual([]);
});
