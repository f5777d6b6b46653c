/** The programs of docs/puppeteer.md and docs/selenium.md run, and do what the pages say. */
import { delimiter, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { node24 } from '../guest/fixture.ts';
import { CLI, run, spans, temporaryDirectory } from '../support/program.ts';
import { chromedriverEnvironment } from './chromedriver.ts';
import { chromium } from './chromium.ts';
import { programsOf, written } from './docs.ts';

const operations = (directory: string): string[] =>
  spans(directory).filter(({ attributes }) => attributes['spoor.selector.driver']).map(({ name, attributes }) => [name, attributes['spoor.selector.text'], attributes['error.type']].filter(Boolean).join(' '));

const SDK = { OTEL_TRACES_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

test.each(['puppeteer.md', 'selenium.md'])('the programs of %s', (page) => expect([...programsOf(page).keys()]).toEqual(['shop.mjs', 'own-sdk.mjs', 'by-hand.mjs']));

test('puppeteer.md', async () => {
  const directory = temporaryDirectory();
  const env = { ...SDK, CHROMIUM_PATH: await chromium(), SPOOR_DIR: directory };
  // ES modules: found from Node 22.15 on.
  const node = await node24();
  expect(await run(node, [CLI, 'run', '--', node, await written('puppeteer.md', 'shop.mjs', 'puppeteer-24')], { env })).toMatchObject({ code: 0, stdout: 'no answer\n' });
  expect(operations(directory)).toEqual(['type #name', 'click #order', 'waitForSelector .thanks not_found']);
  const own = await run(node, [await written('puppeteer.md', 'own-sdk.mjs', 'puppeteer-24')], { env });
  expect([own.code, own.stdout]).toEqual([0, expect.stringContaining("'spoor.selector.operation': 'click'")]);
  expect(await run(process.execPath, [await written('puppeteer.md', 'by-hand.mjs', 'puppeteer-24')], { env })).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(operations(directory)).toHaveLength(4);
});

test('selenium.md', async () => {
  const directory = temporaryDirectory();
  const { driver } = JSON.parse(chromedriverEnvironment().CHROMEDRIVER) as { driver: string };
  // Selenium finds its driver by the path; it must not call out for another.
  const env = { ...SDK, PATH: [dirname(driver), process.env.PATH].join(delimiter), SE_OFFLINE: 'true', SPOOR_DIR: directory };
  expect(await run(process.execPath, [CLI, 'run', '--', process.execPath, await written('selenium.md', 'shop.mjs', 'selenium-4.46')], { env })).toMatchObject({ code: 0, stdout: 'no answer\n' });
  expect(operations(directory)).toEqual(['sendKeys *[id="name"]', 'click *[id="order"]', 'wait .thanks not_found']);
  const own = await run(process.execPath, [await written('selenium.md', 'own-sdk.mjs', 'selenium-4.46')], { env });
  expect([own.code, own.stdout]).toEqual([0, expect.stringContaining("'spoor.selector.operation': 'click'")]);
  expect(await run(process.execPath, [await written('selenium.md', 'by-hand.mjs', 'selenium-4.46')], { env })).toMatchObject({ code: 0, stdout: '' });
  expect(operations(directory)).toHaveLength(4);
});
