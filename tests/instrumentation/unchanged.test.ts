/** Node's observable behaviour does not change: a table of calls, run with and without spoor. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { node24 } from '../guest/fixture.ts';
import { REGISTER, run, temporaryDirectory } from '../support/program.ts';

const programs = fileURLToPath(new URL('programs', import.meta.url));
/** `.ci/run` gives another Node by this variable; else the one that runs the tests. */
const node = process.env.SPOOR_TEST_NODE && existsSync(process.env.SPOOR_TEST_NODE) ? process.env.SPOOR_TEST_NODE : process.execPath;

async function both(args: readonly string[], env: NodeJS.ProcessEnv = {}, binary = node) {
  const directory = temporaryDirectory();
  // By NODE_OPTIONS, so that the two do not differ in their own arguments.
  const traced = { SPOOR_DIR: directory, NODE_OPTIONS: `--require ${JSON.stringify(REGISTER)}` };
  const [without, with_] = await Promise.all([run(binary, args, { env }), run(binary, args, { env: { ...env, ...traced } })]);
  return { without, with: with_ };
}

test('a table of calls: results, errors with their stacks, and the order of events', async () => {
  const { without, with: traced } = await both([join(programs, 'calls.cjs')]);
  expect(traced.code).toBe(0);
  const expected = JSON.parse(without.stdout) as Record<string, unknown>;
  const seen = JSON.parse(traced.stdout) as Record<string, unknown>;
  expect(Object.keys(seen).length).toBeGreaterThan(90);
  for (const [name, outcome] of Object.entries(expected)) expect(seen[name], name).toEqual(outcome);
});

const crashes: Record<string, string> = {
  'an error that nobody handles': `require('child_process').spawn('does-not-exist')`,
  'a failed execSync': `require('child_process').execSync('exit 3', { stdio: 'pipe' })`,
  'a failed execFileSync': `function f() { require('child_process').execFileSync('false', ['a']) } f()`,
  'a worker that throws': `new (require('worker_threads').Worker)('null.x', { eval: true })`,
  'a rejection that nobody handles': `require('util').promisify(require('child_process').execFile)('does-not-exist')`,
  'exit in a listener': `require('child_process').spawn('true').on('exit', () => process.exit(9))`,
  'an exit listener that throws': `require('child_process').spawn('true').on('exit', () => { throw new Error('from the app') })`,
};
/** Without what differs from run to run, and the line of `events` that a second listener takes. */
function clean(text: string): string {
  return text
    .replace(/pid: \d+/g, 'pid: N')
    .replace(/node:events:\d+:\d+/g, 'node:events')
    // Whether a thread's last message or its exit brings the error is a race of Node's own.
    .replace(/\n    at (?:\[kOnExit\]|Worker\.<computed>\.onexit) .*/g, '')
    .replace(/(at (?:maybeClose|Pipe\.onStreamRead|Socket\.<anonymous>) )[^]*?\n([^ ])/g, '$1…\n$2');
}
const stack = (text: string): string => text.slice(text.indexOf('RangeError'));

test.each(Object.entries(crashes))('the same crash: %s', async (_, code) => {
  const { without, with: traced } = await both(['-e', code]);
  expect(traced.code).toBe(without.code);
  expect(clean(traced.stderr)).toBe(clean(without.stderr));
});

const listen = (emitter: string, count: number): string => `for (let i = 0; i < ${count}; i++) ${emitter}.on('exit', () => {});`;
const SPAWN = `const child = require('child_process').spawn('true');`;
const HIGHER = `require('events').defaultMaxListeners = 12;`;
test.each([
  ['ten of a child', 0, SPAWN + listen('child', 10)],
  ['eleven of a child', 1, SPAWN + listen('child', 11)],
  ['ten of a worker', 0, `const worker = new (require('worker_threads').Worker)('', { eval: true }); ${listen('worker', 10)}`],
  ['ten of the process', 0, `${listen('process', 10)} ${SPAWN} child.unref()`],
  ['ten of the process, later', 0, `${SPAWN} child.unref(); ${listen('process', 10)}`],
  ['eleven of the process', 1, `${SPAWN} child.unref(); ${listen('process', 11)}`],
  ['as many as one likes', 0, `${SPAWN} child.setMaxListeners(0); ${listen('child', 11)}`],
  ['one of a child, of one that may be', 0, `${SPAWN} child.setMaxListeners(1); ${listen('child', 1)}`],
  ['two of a child, of one that may be', 1, `${SPAWN} child.setMaxListeners(1); ${listen('child', 2)}`],
  ['twelve of a child, of one more and one more', 0, `${SPAWN} for (const _ of [1, 2]) child.setMaxListeners(child.getMaxListeners() + 1); ${listen('child', 12)}`],
  ['thirteen of a child, of one more and one more', 1, `${SPAWN} for (const _ of [1, 2]) child.setMaxListeners(child.getMaxListeners() + 1); ${listen('child', 13)}`],
  ['one of a worker, of one that may be', 0, `const worker = new (require('worker_threads').Worker)('', { eval: true }); worker.setMaxListeners(1); ${listen('worker', 1)} if (worker.getMaxListeners() !== 1) throw 1`],
  ['no limit for all', 0, `require('events').defaultMaxListeners = 0; ${SPAWN} ${listen('child', 11)}`],
  ['a higher default, set later, of the process', 0, `${SPAWN} child.unref(); ${HIGHER} ${listen('process', 12)}`],
])('Node warns of listeners of the app, not of ours: %s', async (_, expected, code) => {
  const { without, with: traced } = await both(['-e', code]);
  for (const { stderr } of [without, traced]) expect(stderr.match(/MaxListenersExceededWarning/g) ?? []).toHaveLength(expected);
});

test.each([
  ['child', SPAWN],
  ['worker', `const child = new (require('worker_threads').Worker)('', { eval: true });`],
])('an app that takes all listeners of a %s away finds none', async (_, code) => {
  const { without, with: traced } = await both(['-e', `${code} child.removeAllListeners('exit').removeAllListeners('close'); console.log(child.listenerCount('exit'), child.listenerCount('close'))`]);
  expect(traced).toEqual(without);
  expect(traced.stdout).toBe('0 0\n');
});

test('an argument that Node refuses crashes with the same stack, and no line of ours', async () => {
  const { without, with: traced } = await both(['-e', `require('child_process').spawnSync('true', { timeout: -1 })`]);
  expect(stack(traced.stderr)).toBe(stack(without.stderr));
  expect(traced.stderr).not.toMatch(/spoor|register\.cjs|runtime\.cjs/);
});

test('a module that is missing: the same crash and the same stack, though Node has a hook of ours to ask', async () => {
  const file = join(temporaryDirectory(), 'app.cjs');
  writeFileSync(file, `
    const seen = (load) => { try { load() } catch ({ stack, ...rest }) { console.log(stack, rest, Error.stackTraceLimit) } };
    const wanted = () => require('./missing');
    seen(wanted);
    Error.stackTraceLimit = 4;
    seen(() => require.resolve('no-such-package'));
    Error.stackTraceLimit = 10;
    const hooks = require('node:module').registerHooks({ resolve: (specifier, context, next) => (console.log(specifier), next(specifier, context)) });
    seen(wanted);
    hooks.deregister();
    wanted();
  `);
  const { without, with: traced } = await both([file], {}, await node24());
  // Node asks from another line of its own where there is a hook.
  const plain = (text: string): string => text.replace(/(resolveForCJSWithHooks \(node:[\w/]+):\d+:\d+/g, '$1');
  expect(traced.code).toBe(1);
  expect(without.stdout).toContain('at wanted');
  expect(plain(traced.stderr)).toBe(plain(without.stderr));
  expect(plain(traced.stdout)).toBe(plain(without.stdout));
});
