/** spoor/playwright in a whole run of Playwright Test. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { REGISTER, ROOT, type Result, run, spans } from '../support/program.ts';
import { chromiumEnvironment } from './chromium.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';

const ENTRY = join(ROOT, 'dist/src/runners/playwright.js');

const TESTS = `
import { test as base, expect } from '@playwright/test';
import { appendFileSync } from 'node:fs';
import { collecting } from '${ENTRY}';
const test = base.extend(collecting((page) => page.evaluate(() => {
  if (document.title === 'broken') throw new Error('no state here');
  return globalThis.appState;
}), { name: 'app-state' })).extend({
  // Says whether a browser was opened.
  browser: async ({ browser }, use) => { appendFileSync(process.env.OPENED, 'x'); await use(browser); },
});
test('passes', async ({ page }) => { await page.goto('/form.html'); await page.evaluate(() => { globalThis.appState = { step: 2 }; }); });
test('fails', async ({ page }) => { await page.goto('/form.html'); await page.evaluate(() => { globalThis.appState = 'half way'; }); await page.locator('#nope').click({ timeout: 100 }); });
test('collects nothing', async ({ page }) => { await page.goto('/form.html'); });
test('cannot collect', async ({ page }) => { await page.goto('/form.html'); await page.evaluate(() => { document.title = 'broken'; }); });
test('closes its page', async ({ page }) => { await page.close(); });
`;
const WITHOUT_PAGE = `
import { test as base } from '@playwright/test';
import { appendFileSync } from 'node:fs';
import { collecting } from '${ENTRY}';
const test = base.extend(collecting(() => 1)).extend({ browser: async ({ browser }, use) => { appendFileSync(process.env.OPENED, 'x'); await use(browser); } });
test('needs no browser', () => {});
`;

interface Report {
  suites: { specs: { title: string; ok: boolean; tests: { results: { status: string; attachments: { name: string; contentType: string; body?: string }[]; annotations: { type: string; description: string }[] }[] }[] }[] }[];
}

async function playwright(files: Readonly<Record<string, string>>, options: object): Promise<{ result: Result; folder: string; report: Report; opened: boolean }> {
  const app = await driver('playwright-test');
  const folder = mkdtempSync(join(app, 'program-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'tests'));
  writeFileSync(join(folder, 'package.json'), '{}');
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, 'tests', name), source);
  writeFileSync(
    join(folder, 'playwright.config.mjs'),
    `export default { testDir: 'tests', workers: 1, reporter: [['json', { outputFile: 'report.json' }], ['html', { open: 'never' }], ['${ENTRY}', ${JSON.stringify(options)}]],
      use: { launchOptions: JSON.parse(process.env.CHROMIUM), baseURL: process.env.PAGES } };`,
  );
  const env = { ...(await chromiumEnvironment()), PAGES: (await pages()).origin, OPENED: join(folder, 'opened'), SPOOR_DIR: join(folder, '.spoor'), NODE_OPTIONS: `--require ${JSON.stringify(REGISTER)}` };
  const result = await run(process.execPath, [join(app, 'node_modules/@playwright/test/cli.js'), 'test'], { cwd: folder, env });
  return { result, folder, report: JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report, opened: existsSync(join(folder, 'opened')) };
}

it("publishes the run with Playwright's own report; state and traces are attached to the tests", async () => {
  const { result, folder, report, opened } = await playwright({ 'a.spec.mjs': TESTS }, { to: 'dir:out', files: 'playwright-report/**' });
  expect(result.code, result.stdout + result.stderr).toBe(1);
  expect(opened).toBe(true);
  const of = (title: string) => {
    const spec = report.suites.flatMap(({ specs }) => specs).find((one) => one.title === title)!;
    const [{ status, attachments, annotations }] = spec.tests[0]!.results as [Report['suites'][0]['specs'][0]['tests'][0]['results'][0]];
    return { status, annotations, state: attachments.filter(({ name }) => name === 'app-state').map(({ contentType, body }) => [contentType, Buffer.from(body!, 'base64').toString()]) };
  };
  expect(of('passes')).toEqual({ status: 'passed', annotations: [], state: [['application/json', '{\n  "step": 2\n}']] });
  expect(of('collects nothing')).toEqual({ status: 'passed', annotations: [], state: [] });
  expect(of('cannot collect')).toMatchObject({ status: 'passed', annotations: [{ type: 'spoor', description: expect.stringContaining('no state here') }] });
  expect(of('closes its page')).toMatchObject({ status: 'passed', annotations: [{ type: 'spoor', description: expect.stringContaining('could not be collected') }] });
  const failed = spans(join(folder, '.spoor')).find(({ attributes }) => attributes['test.case.result.status'] === 'fail')!;
  expect(of('fails')).toMatchObject({ status: 'failed', annotations: [{ type: 'trace', description: `spoor traces ${failed.traceId}` }], state: [['text/plain', 'half way']] });

  const published = JSON.parse(readFileSync(join(folder, 'out/spoor-run.json'), 'utf8'));
  expect(published).toMatchObject({
    runner: 'playwright', status: 'failed', counts: { passed: 4, failed: 1, flaky: 0, skipped: 0 },
    failed: [{ title: 'fails', file: 'a.spec.mjs' }], traces: [{ test: expect.stringContaining('fails'), traceId: failed.traceId }],
  });
  expect(published.selectors.length).toBeGreaterThan(0);
  expect(readFileSync(join(folder, 'out/playwright-report/index.html'), 'utf8')).toContain('<html');
});

it('opens no browser for a test without a page, and a bad destination changes no status', async () => {
  const { result, opened } = await playwright({ 'b.spec.mjs': WITHOUT_PAGE }, { to: 'nowhere' });
  expect([result.code, opened]).toEqual([0, false]);
  expect(result.stderr).toContain('nowhere');
});
