/** What every process that spawns has to read. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/program.ts';

const bundles = readdirSync(join(ROOT, 'dist')).filter((name) => name.endsWith('.cjs'));
const text = (name: string): string => readFileSync(join(ROOT, 'dist', name), 'utf8');

it('a bundle is ASCII: one other character, and V8 takes two bytes for each', () => {
  expect(bundles).toContain('runtime.cjs');
  expect(bundles.filter((name) => /[^\x20-\x7e\s]/.test(text(name)))).toEqual([]);
});

it('the runtime has nothing of the browser drivers, and one scope', () => {
  expect(text('runtime.cjs')).not.toMatch(/puppeteer|selenium|sendMessageToServer/i);
  // What esbuild makes of a module that is imported later.
  expect(text('runtime.cjs')).not.toContain('node_modules/');
});
