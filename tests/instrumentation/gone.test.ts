/** The package goes away while an app runs, as with `npm ci`: the app and its children run as without it. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, run, spans, temporaryDirectory } from '../support/program.ts';

/** The built package at another place, which may be removed. */
function copied(): string {
  const place = temporaryDirectory();
  cpSync(join(ROOT, 'dist'), join(place, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(place, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'));
  return place;
}

const program = (place: string, when: number): string => `
  const gone = (now) => now === ${when} && require('node:fs').rmSync(${JSON.stringify(join(place, 'dist'))}, { recursive: true });
  gone(0);
  const cp = require('node:child_process');
  gone(1);
  cp.spawnSync('true');
  gone(2);
  const show = ['-p', 'process.env.NODE_OPTIONS'];
  const all = [cp.execFileSync('node', show, { encoding: 'utf8' }), cp.execFileSync('node', show, { encoding: 'utf8', env: { ...process.env } })];
  cp.execFile('node', show, (error, stdout) => {
    all.push(error, stdout);
    const worker = new (require('node:worker_threads').Worker)('require("node:worker_threads").parentPort.postMessage(process.env.NODE_OPTIONS)', { eval: true, env: { ...process.env } });
    worker.on('error', (error) => console.log(error.message));
    worker.on('message', (text) => console.log(JSON.stringify([...all, text])));
  });
  require('node:http');`;

test.each([
  ['before it is needed', 0, /^spoor: .*guest\.cjs'\n$/, 0],
  ['before the first spawn', 1, /^spoor: .*runtime\.cjs'\n$/, 0],
  ['after a spawn', 2, /^$/, 5],
])('the package is removed %s', async (_, when, said, recorded) => {
  const [place, directory] = [copied(), temporaryDirectory()];
  const env = { SPOOR_DIR: directory, NODE_OPTIONS: `--no-warnings --require ${join(place, 'dist/register.cjs')}` };
  const { code, stdout, stderr } = await run(process.execPath, ['-e', program(place, when)], { env });
  expect(stderr).toMatch(said);
  expect([code, JSON.parse(stdout)]).toEqual([0, ['--no-warnings\n', '--no-warnings\n', null, '--no-warnings\n', '--no-warnings']]);
  expect(spans(directory)).toHaveLength(recorded);
});

test('started in code: removed before the start, and before the first spawn', async () => {
  for (const before of ['start', 'spawn']) {
    const place = copied();
    const gone = (now: string): string => (now === before ? `rmSync(${JSON.stringify(join(place, 'dist'))}, { recursive: true });` : '');
    const code = `import { start, spawns, correlation } from ${JSON.stringify(join(place, 'dist/src/index.js'))}; import { rmSync } from 'node:fs'; import cp from 'node:child_process';
      ${gone('start')} const spoor = start(); ${gone('spawn')}
      correlation.with('a', () => console.log(cp.execFileSync('node', ['-p', '1'], { encoding: 'utf8' }).trim()));
      console.log(spawns.run({ role: 'r', model: 'm' }, () => 2), spoor.health().state);
      await spoor.shutdown();`;
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', code], { env: { SPOOR_DIR: temporaryDirectory() } });
    expect(stdout).toBe('1\n2 off\n');
    expect(stderr).toMatch(/^spoor: .*\n$/);
  }
});

test('a browser driver that loads after it', async () => {
  const place = copied();
  const driver = join(place, 'app/node_modules/selenium-webdriver');
  mkdirSync(driver, { recursive: true });
  writeFileSync(join(driver, 'index.js'), 'module.exports = { loaded: true };');
  const code = `require('node:fs').rmSync(${JSON.stringify(join(place, 'dist'))}, { recursive: true }); console.log(require(${JSON.stringify(driver)}))`;
  const result = await run(process.execPath, ['--require', join(place, 'dist/register.cjs'), '-e', code]);
  expect(result).toMatchObject({ code: 0, stdout: '{ loaded: true }\n' });
  expect(result.stderr).toMatch(/^(spoor: .*drivers\.cjs'\n)?$/);
});
