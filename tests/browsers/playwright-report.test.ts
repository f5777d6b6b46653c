/** spoor/playwright in a whole run of Playwright Test. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { REGISTER, ROOT, type Result, run, spans } from '../support/program.ts';
import { chromiumEnvironment } from './chromium.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';

/** What docs/test-runners.md tells people to write. */
function documented(name: string): string {
  const [, source] = new RegExp(`^\`\`\`js file=${name.replaceAll('.', '\\.')}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(readFileSync(join(ROOT, 'docs/test-runners.md'), 'utf8'))!;
  return source!;
}

const TESTS = `
import { test } from '../opened.js';
test('passes', async ({ page }) => { await page.goto('/form.html'); await page.evaluate(() => { globalThis.appState = { step: 2 }; }); });
test('fails', async ({ page }) => { await page.goto('/form.html'); await page.evaluate(() => { globalThis.appState = 'half way'; }); await page.locator('#nope').click({ timeout: 100 }); });
test('collects nothing', async ({ page }) => { await page.goto('/form.html'); });
test('cannot collect', async ({ page }) => { await page.goto('/form.html'); await page.evaluate(() => { Object.defineProperty(globalThis, 'appState', { get() { throw new Error('no state here'); } }); }); });
test('closes its page', async ({ page }) => { await page.close(); });
`;
const WITHOUT_PAGE = `
import { test } from '../opened.js';
test('needs no browser', () => {});
`;

/** Says whether a browser was opened. */
const OPENED = `
import { appendFileSync } from 'node:fs';
import { test as base } from './fixtures.js';
export const test = base.extend({ browser: async ({ browser }, use) => { appendFileSync(process.env.OPENED, 'x'); await use(browser); } });
`;
const CONFIG = `
import documented from './documented.config.js';
const { OPTIONS, CHROMIUM, PAGES } = process.env;
const [html, [spoor, options]] = documented.reporter;
export default { testDir: 'tests', workers: 1, reporter: [['json', { outputFile: 'report.json' }], html, [spoor, { ...options, ...JSON.parse(OPTIONS) }]], use: { launchOptions: JSON.parse(CHROMIUM), baseURL: PAGES } };
`;

interface Report {
  suites: { specs: { title: string; ok: boolean; tests: { results: { status: string; attachments: { name: string; contentType: string; body?: string }[]; annotations: { type: string; description: string }[] }[] }[] }[] }[];
}

async function playwright(files: Readonly<Record<string, string>>, options: object): Promise<{ result: Result; folder: string; report: Report; opened: boolean }> {
  const app = await driver('playwright-test');
  const folder = mkdtempSync(join(app, 'program-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'tests'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/spoor'));
  const own = { 'package.json': '{ "type": "module" }', 'documented.config.js': documented('playwright.config.js'), 'fixtures.js': documented('fixtures.js'), 'opened.js': OPENED, 'playwright.config.js': CONFIG };
  for (const [name, source] of Object.entries(own)) writeFileSync(join(folder, name), source);
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, 'tests', name), source);
  const env = { ...(await chromiumEnvironment()), OPTIONS: JSON.stringify(options), PAGES: (await pages()).origin, OPENED: join(folder, 'opened'), SPOOR_DIR: join(folder, '.spoor'), NODE_OPTIONS: `--require ${JSON.stringify(REGISTER)}` };
  const result = await run(process.execPath, [join(app, 'node_modules/@playwright/test/cli.js'), 'test'], { cwd: folder, env });
  return { result, folder, report: JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report, opened: existsSync(join(folder, 'opened')) };
}

it("publishes the run with Playwright's own report; state and traces are attached to the tests", async () => {
  const { result, folder, report, opened } = await playwright({ 'a.spec.mjs': TESTS }, {});
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
