import { expect, test } from 'vitest';
import { type Subject, described, operations, unchanged } from './compared.ts';
import { type DriverName, driver } from './drivers.ts';
import { firefoxEnvironment, geckodriverEnvironment } from './firefox.ts';
import { pages } from './pages.ts';
import * as puppeteer from './puppeteer-programs.ts';
import * as selenium from './selenium-programs.ts';

async function subject(name: DriverName, source: string, env: NodeJS.ProcessEnv): Promise<Subject> {
  return { folder: await driver(name), node: process.execPath, file: 'app.cjs', source, env };
}

test('Puppeteer, over WebDriver BiDi: everything is as without, and everything is recorded', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject('puppeteer-25', puppeteer.EVERYTHING, { ...firefoxEnvironment(), PAGES: origin, SPOOR_SELECTOR_SPANS: 'all' }));
  // Some are begun in one moment.
  expect(described(directory).toSorted()).toEqual(puppeteer.RECORDED.toSorted());
  const { attributes } = operations(directory).find((span) => span.name === '$$')!;
  expect(attributes).toMatchObject({
    'spoor.selector.match_count': 5,
    'spoor.selector.page_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'user_agent.name': 'firefox',
    'user_agent.version': expect.stringMatching(/^\d+\./),
    'url.full': `${origin}/form.html?from=&token=`,
  });
  // Nobody tells of them.
  expect(attributes).not.toHaveProperty(['spoor.selector.request_count']);
});

test('Puppeteer: pages, frames and browsers that go away in the middle of a call', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject('puppeteer-24', puppeteer.GONE, { ...firefoxEnvironment(), PAGES: origin }));
  expect(described(directory)).toEqual([
    'waitForSelector #closes → target_closed',
    'click #closes-too → target_closed',
    // Its pages do not crash by an address.
    'waitForSelector #crashes → not_found',
    'waitForSelector #detaches → detached',
    'waitForSelector #killed → target_closed',
    '$ #after → target_closed',
  ]);
});

test.runIf(geckodriverEnvironment())('Selenium: everything is as without, and everything is recorded', async () => {
  const { origin } = await pages();
  const { directory } = await unchanged(await subject('selenium-4.46', selenium.EVERYTHING, { ...geckodriverEnvironment(), PAGES: origin, SPOOR_SELECTOR_SPANS: 'all' }));
  expect(described(directory).toSorted()).toEqual(selenium.RECORDED.toSorted());
  const found = operations(directory).find((span) => span.name === 'findElements')!;
  expect(found.attributes).toMatchObject({ 'spoor.selector.match_count': 5, 'user_agent.name': 'firefox', 'user_agent.version': expect.stringMatching(/^\d+\./) });
});
