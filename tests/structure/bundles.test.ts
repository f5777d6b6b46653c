/** What every process that spawns has to read. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runRegistered, temporaryDirectory } from '../support/program.ts';

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

it('a process that spawns loads nothing heavy of Node, also where it is the first to write there', async () => {
  const code = "require('node:child_process').spawnSync(process.execPath, ['--version']); console.log(process.moduleLoadList.join('\\n'))";
  const directory = temporaryDirectory();
  const program = join(directory, 'program.cjs');
  writeFileSync(program, code);
  const { stdout } = await runRegistered(join(directory, '.spoor'), [program]);
  expect(readFileSync(join(directory, '.spoor/id'), 'utf8')).not.toBe('');
  expect(stdout).toContain('NativeModule child_process');
  expect(stdout.match(/NativeModule (crypto|worker_threads|perf_hooks|vm|zlib|http|dns)$/gm)).toBeNull();
});
