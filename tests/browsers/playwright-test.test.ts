/** Playwright Test, once with spoor and once without: nothing that a person or a reporter sees may differ. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REGISTER, type RecordedSpan, type Result, run, spans, temporaryDirectory, totals } from '../support/program.ts';
import { program } from '../guest/fixture.ts';
import { chromiumEnvironment } from './chromium.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';

const CONFIG = `
module.exports = {
  testDir: __dirname, workers: 3, retries: 1, fullyParallel: true, timeout: 60_000, expect: { timeout: 500 },
  reporter: [['json', { outputFile: process.env.REPORT }]],
  use: { launchOptions: JSON.parse(process.env.CHROMIUM), baseURL: process.env.PAGES },
  projects: [{ name: 'only' }],
};`;

const CASES = `
const { test, expect } = require('@playwright/test');
const { execFileSync } = require('node:child_process');
test.describe('group', () => {
  let started;
  test.beforeEach(() => { started = performance.now(); });
  test.beforeEach(async ({ page }) => { await page.goto('/form.html'); });
  test('passes', async ({ page }) => {
    await page.getByLabel('Full name').fill('x');
    await expect(page.getByLabel('Full name'), 'customer 4711 Jane').toHaveValue('x');
    execFileSync(process.execPath, ['--version']);
  });
  test('fails', async ({ page }) => { await expect(page.locator('h1')).toHaveText('No'); });
  test('fails once', async ({ page }, info) => { await page.locator(info.retry ? '#submit' : '#nope').click({ timeout: info.retry ? 30_000 : 300 }); });
  test('times out', async ({ page }) => { test.setTimeout(Math.round(performance.now() - started) + 700); await page.locator('#nope').click(); });
  test('soft, and a step', async ({ page }) => {
    await expect.soft(page.locator('#nope')).toBeVisible();
    await test.step('a step', async () => { await page.locator('label').first().click(); });
  });
  // Of this the runner tells no worker.
  test.skip('skipped', async () => {});
  test.fail('expected to fail', async ({ page }) => { await expect(page.locator('#nope')).toBeVisible(); });
  test('throws', async () => { throw new Error('plain'); });
  test('ambiguous', async ({ page }) => { await page.locator('input').click(); });
  test('exits', async () => { process.exit(3); });
  test('page closed', async ({ page }) => { const click = page.locator('#nope').click(); await page.close(); await click; });
});`;

const MODULE = `
import { test, expect } from '@playwright/test';
test.beforeAll(async ({ browser }) => { const page = await browser.newPage(); await page.goto('/list.html').catch(() => {}); await page.close(); });
for (let i = 0; i < 6; i++) {
  test('parallel ' + i, async ({ page }) => {
    await page.goto('/list.html');
    await expect(page.locator('.item')).toHaveCount(5);
    expect(await page.locator('.first').textContent()).toBe('one');
    await page.locator('#next').click();
  });
}`;

interface Step { title: string; error?: unknown; steps?: Step[] }

/** What the reporter was told, but for times, and for how often a poll came round. */
function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value === 'string') return value.replace(/\d+ × /g, 'n × ').replace(/timeout of \d+ms/g, 'timeout of n ms').replace(/[\w-]*program-\w+/g, 'folder');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !['duration', 'startTime', 'timeout', 'workerIndex', 'parallelIndex', 'stats', 'config'].includes(key))
      .map(([key, inner]) => [key, withoutTimes(inner)]),
  );
}

function stepsOf(value: unknown): Step[] {
  const found: Step[] = [];
  JSON.stringify(value, (key, inner) => {
    if (key === 'steps' && Array.isArray(inner)) found.push(...(inner as Step[]));
    return inner as unknown;
  });
  return found;
}

test('a test file that throws while it loads: the same report', async () => {
  const file = program(await driver('playwright-test'), 'playwright.config.js', "module.exports = { testDir: __dirname, workers: 1, reporter: 'line' };");
  const own = join(file, '..');
  writeFileSync(join(own, 'broken.spec.js'), "const { test } = require('@playwright/test');\nconst { fail } = require('./thrower');\ntest('x', () => {});\nfail();");
  writeFileSync(join(own, 'thrower.js'), "exports.fail = () => { throw new Error('at load'); };");
  writeFileSync(join(own, 'module.spec.mjs'), "import { test } from '@playwright/test';\nimport './thrower.mjs';\ntest('y', () => {});");
  writeFileSync(join(own, 'thrower.mjs'), "throw new Error('in a module');");
  const once = (env: NodeJS.ProcessEnv): Promise<Result> => run(process.execPath, [join(own, '../node_modules/@playwright/test/cli.js'), 'test', '--config', file], { cwd: own, env });
  const without = await once({});
  expect(without.stdout).toContain('at load');
  expect(await once({ NODE_OPTIONS: `--require ${REGISTER}`, SPOOR_DIR: temporaryDirectory() })).toEqual(without);
});

describe('Playwright Test', { timeout: 300_000 }, () => {
  let results: Promise<{ without: { result: Result; report: unknown }; watched: { result: Result; report: unknown }; spans: RecordedSpan[]; counts: Record<string, number> }> | undefined;

  /** Both runs, once for all tests of this file. */
  const both = () =>
    (results ??= (async () => {
      const folder = await driver('playwright-test');
      const { origin } = await pages();
      const file = program(folder, 'playwright.config.js', CONFIG);
      const own = join(file, '..');
      writeFileSync(join(own, 'cases.spec.js'), CASES);
      writeFileSync(join(own, 'module.spec.mjs'), MODULE);
      const directory = temporaryDirectory();
      const cli = join(folder, 'node_modules/@playwright/test/cli.js');
      const once = async (name: string, env: NodeJS.ProcessEnv) => {
        const output = join(directory, name);
        mkdirSync(output);
        const report = join(output, 'report.json');
        const result = await run(process.execPath, [cli, 'test', '--config', file, '--output', join(own, 'results')], { cwd: own, env: { PAGES: origin, REPORT: report, ...(await chromiumEnvironment()), ...env } });
        return { result, report: JSON.parse(readFileSync(report, 'utf8')) as unknown };
      };
      const without = await once('without', {});
      const watched = await once('with', { NODE_OPTIONS: `--require ${REGISTER}`, SPOOR_DIR: join(directory, 'spoor') });
      return { without, watched, spans: spans(join(directory, 'spoor')), counts: totals(join(directory, 'spoor')) };
    })());

  test('the same results, steps, locations, messages and stacks', async () => {
    const { without, watched } = await both();
    expect(watched.result).toMatchObject({ code: without.result.code, stderr: without.result.stderr });
    expect(stepsOf(without.report).length).toBeGreaterThan(1);
    expect(withoutTimes(watched.report)).toEqual(withoutTimes(without.report));
  });

  test('each attempt is a span in a trace of its own, linked to the spawn of its worker', async () => {
    const { spans: all, counts } = await both();
    const tests = all.filter(({ name }) => name.startsWith('test '));
    const attempts = tests.map(({ name, attributes }) => [name.slice(5), attributes['spoor.test.retry'], attributes['spoor.test.status'], attributes['test.case.result.status'], attributes['error.type']].join(' ')).sort();
    expect(attempts).toEqual(
      [
        'ambiguous 0 failed fail test_failed',
        'ambiguous 1 failed fail test_failed',
        'exits 0 interrupted fail interrupted',
        'exits 1 interrupted fail interrupted',
        'expected to fail 0 failed pass ',
        'fails 0 failed fail test_failed',
        'fails 1 failed fail test_failed',
        'fails once 0 failed fail test_failed',
        'fails once 1 passed pass ',
        'page closed 0 failed fail test_failed',
        'page closed 1 failed fail test_failed',
        'passes 0 passed pass ',
        'soft, and a step 0 failed fail test_failed',
        'soft, and a step 1 failed fail test_failed',
        'throws 0 failed fail test_failed',
        'throws 1 failed fail test_failed',
        'times out 0 timedOut fail timeout',
        'times out 1 timedOut fail timeout',
        ...Array.from({ length: 6 }, (_, i) => `parallel ${i} 0 passed pass `),
      ].sort(),
    );
    const passed = tests.find(({ name }) => name === 'test passes')!;
    expect(passed.attributes).toMatchObject({ 'test.case.name': 'group › passes', 'code.file.path': 'cases.spec.js', 'code.line.number': 8, 'spoor.test.project': 'only' });
    const workers = all.filter(({ attributes }) => attributes['spoor.spawn.kind'] === 'fork');
    for (const one of tests) {
      expect(one.parentSpanId).toBeUndefined();
      expect(workers.map(({ spanId }) => spanId)).toContain(one.links[0]!.spanId);
    }
    expect(new Set(tests.map(({ traceId }) => traceId)).size).toBe(tests.length);
    // What ties a whole run together.
    expect(new Set(tests.map(({ attributes }) => attributes['spoor.correlation.id'])).size).toBeLessThanOrEqual(workers.length);
    const durations = Object.entries(counts).filter(([series]) => series.startsWith('spoor.test.duration'));
    expect(durations.reduce((sum, [, count]) => sum + count, 0)).toBe(tests.length);
  });

  test('the operations of a test, and the processes that it starts, are its children', async () => {
    const { spans: all } = await both();
    const tests = new Map(all.filter(({ name }) => name.startsWith('test ')).map((one) => [one.spanId, one]));
    const operations = all.filter(({ attributes }) => attributes['spoor.selector.driver']);
    expect(operations.filter(({ parentSpanId }) => !tests.has(parentSpanId!))).toEqual([]);
    const of = (name: string): string[] =>
      all.filter(({ parentSpanId }) => tests.get(parentSpanId!)?.name === `test ${name}`).map((span) => [span.name, span.attributes['error.type']].join(' ').trim());
    expect(of('passes')).toEqual(expect.arrayContaining(['fill', 'to.have.value', 'node']));
    expect(of('fails')).toEqual(expect.arrayContaining(['to.have.text assertion_failed']));
    expect(of('times out')).toEqual(expect.arrayContaining(['click not_found']));
    expect(of('soft, and a step')).toEqual(expect.arrayContaining(['to.be.visible not_found', 'click']));
    expect(of('ambiguous')).toEqual(expect.arrayContaining(['click ambiguous']));
    expect(of('page closed')).toEqual(expect.arrayContaining(['click target_closed']));
    // An assertion's message is the app's text.
    expect(JSON.stringify(all.map(({ name, attributes, status }) => [name, attributes, status]))).not.toMatch(/customer|Jane/);
  });
});
