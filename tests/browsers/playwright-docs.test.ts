/** The programs of docs/playwright.md run, and do what the page says. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGES, program } from '../guest/fixture.ts';
import { CLI, ROOT, run, spans, temporaryDirectory } from '../support/program.ts';
import { chromium } from './chromium.ts';
import { driver } from './drivers.ts';

const programs = new Map([...readFileSync(join(ROOT, 'docs/playwright.md'), 'utf8').matchAll(/^```js file=(\S+)\n([\s\S]*?)^```/gm)].map(([, name, text]) => [name!, text!]));

/** Written by hand as a reader would: in a project that has spoor. */
async function written(name: string): Promise<string> {
  const file = program(await driver('playwright-1.65', PACKAGES['sdk-2'].slice(0, 3)), 'unused.cjs', '');
  mkdirSync(join(dirname(file), 'node_modules'));
  symlinkSync(ROOT, join(dirname(file), 'node_modules/spoor'));
  writeFileSync(join(dirname(file), name), programs.get(name)!);
  return join(dirname(file), name);
}

const operations = (directory: string): string[] => spans(directory).filter(({ attributes }) => attributes['spoor.selector.driver']).map(({ name, attributes }) => [name, attributes['error.type']].join(' ').trim());

test('the page has these programs', () => expect([...programs.keys()]).toEqual(['shop.mjs', 'own-sdk.mjs', 'bundled.mjs']));

test('shop.mjs, below spoor run', async () => {
  const directory = temporaryDirectory();
  const { code, stdout } = await run(process.execPath, [CLI, 'run', '--', process.execPath, await written('shop.mjs')], { env: { SPOOR_DIR: directory, CHROMIUM_PATH: await chromium() } });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'no answer\n' });
  expect(operations(directory)).toEqual(['fill', 'click', 'waitForSelector not_found']);
  const { stdout: report } = await run(process.execPath, [CLI, 'report', '--kind', 'selector'], { env: { SPOOR_DIR: directory } });
  expect(report).toContain('label="…"');
});

test('own-sdk.mjs and bundled.mjs', async () => {
  const env = { CHROMIUM_PATH: await chromium(), OTEL_TRACES_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
  const own = await run(process.execPath, [await written('own-sdk.mjs')], { env });
  expect(own.code).toBe(0);
  expect(own.stdout).toContain("'spoor.selector.operation': 'click'");
  const directory = temporaryDirectory();
  expect(await run(process.execPath, [await written('bundled.mjs')], { env: { ...env, SPOOR_DIR: directory } })).toMatchObject({ code: 0, stdout: '' });
  expect(operations(directory)).toEqual(['click']);
});
