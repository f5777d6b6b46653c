/** One trace through processes, workers and other languages; what their environment has for it. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REGISTER, ROOT, lines, run, runRegistered, spans, temporaryDirectory } from '../support/program.ts';

const CP = `const cp = require('node:child_process');`;
const parse = (text: string) => JSON.parse(text) as Record<string, string>;
const ENV = `process.stdout.write(JSON.stringify(process.env))`;
const showEnv = (options = '') => `${CP} process.stdout.write(cp.execFileSync('node', ['-e', ${JSON.stringify(ENV)}]${options}))`;

test('three levels of Node are one trace', async () => {
  const directory = temporaryDirectory();
  const third = join(directory, '3.cjs');
  const second = join(directory, '2.mjs');
  writeFileSync(third, `${CP} cp.spawnSync('true')`);
  writeFileSync(second, `import { fork } from 'node:child_process'; fork(${JSON.stringify(third)})`);
  await runRegistered(directory, ['-e', `${CP} cp.exec('node ${second}')`]);
  const [leaf, middle, top] = ['true', 'node', 'node'].map((name, index) => spans(directory).filter((span) => span.name === name)[index === 2 ? 1 : 0]!);
  expect([leaf, middle, top].map((span) => span!.attributes['spoor.spawn.kind'])).toEqual(['spawnSync', 'fork', 'exec']);
  expect(leaf!.parentSpanId).toBe(middle!.spanId);
  expect(middle!.parentSpanId).toBe(top!.spanId);
  expect(top!.parentSpanId).toBeUndefined();
  expect(new Set(spans(directory).map((span) => span.traceId)).size).toBe(1);
  expect(new Set(spans(directory).map((span) => span.resource['service.instance.id'])).size).toBe(3);
  expect(new Set(spans(directory).map((span) => span.attributes['spoor.correlation.id']))).toEqual(new Set([leaf!.traceId]));
});

test('a shell and a Python child read the trace context that their span has', async () => {
  const directory = temporaryDirectory();
  const code = `${CP} console.log(cp.execFileSync('sh', ['-c', 'echo $TRACEPARENT'], { encoding: 'utf8' }) + cp.execFileSync('python3', ['-c', 'import os; print(os.environ["TRACEPARENT"])'], { encoding: 'utf8' }))`;
  const { stdout } = await runRegistered(directory, ['-e', code]);
  expect(stdout.split('\n').filter(Boolean)).toEqual(spans(directory).map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`));
});

test('stale context is replaced, and a context given from outside is continued', async () => {
  const directory = temporaryDirectory();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const env = { TRACEPARENT: `00-${traceId}-b7ad6b7169203331-01`, TRACESTATE: 'a=b', BAGGAGE: 'k=v' };
  const seen = parse((await runRegistered(directory, ['-e', showEnv()], { env })).stdout);
  const [span] = spans(directory);
  expect(span).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' });
  expect(seen).toMatchObject({ TRACEPARENT: `00-${traceId}-${span!.spanId}-01`, TRACESTATE: 'a=b' });
  // An environment of the app's own, with what is left of another trace.
  const own = parse((await runRegistered(temporaryDirectory(), ['-e', showEnv(`, { env: { PATH: process.env.PATH, TRACEPARENT: 'x', TRACESTATE: 'old=1' } }`)])).stdout);
  expect(own.TRACEPARENT).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(own).not.toHaveProperty('TRACESTATE');
});

test.each(['execFileSync', 'spawn'])('the objects that the app passes are not touched (%s)', async (name) => {
  const code = `${CP} const env = { PATH: process.env.PATH, A: '1' }; const args = ['-c', 'exit']; const options = { env, stdio: ['ignore', 'ignore', 'ignore'] };
    const before = JSON.stringify([env, args, options, process.env]);
    cp.${name}('sh', args, options);
    if (JSON.stringify([env, args, options, process.env]) !== before) throw new Error('changed');`;
  expect(await runRegistered(temporaryDirectory(), ['-e', code])).toMatchObject({ code: 0, stderr: '' });
});

test('the preload: once, after the app’s own flags, with an absolute directory and a depth', async () => {
  const directory = temporaryDirectory();
  const program = join(directory, 'program.cjs');
  writeFileSync(program, `${CP} if (process.argv[2] === '0') { ${ENV} } else process.stdout.write(cp.execFileSync(process.execPath, [__filename, process.argv[2] - 1]))`);
  const env = { NODE_OPTIONS: '--no-warnings', SPOOR_DIR: 'relative' };
  const seen = parse((await runRegistered(directory, [program, '3'], { env, cwd: directory })).stdout);
  expect(seen.NODE_OPTIONS).toBe(`--no-warnings --require ${REGISTER}`);
  expect(seen).toMatchObject({ SPOOR_DEPTH: '3', SPOOR_DIR: join(directory, 'relative') });
  expect(spans(join(directory, 'relative'))).toHaveLength(3);
});

test.each([
  ['SPOOR_PRELOAD', { SPOOR_PRELOAD: 'false' }, 1],
  ['depth', { SPOOR_MAX_DEPTH: '2' }, 3],
])('%s turns the preload off, and takes away what a parent gave', async (_, env, expected) => {
  const directory = temporaryDirectory();
  const program = join(directory, 'program.cjs');
  writeFileSync(program, `${CP} if (process.argv[2] === '0') { ${ENV} } else process.stdout.write(cp.execFileSync(process.execPath, [__filename, process.argv[2] - 1]))`);
  const seen = parse((await runRegistered(directory, [program, '5'], { env })).stdout);
  expect(spans(directory)).toHaveLength(expected);
  expect(seen.NODE_OPTIONS ?? '').toBe('');
});

test('a path with spaces', async () => {
  const directory = temporaryDirectory();
  const place = join(directory, 'with "quotes" and spaces');
  mkdirSync(place);
  symlinkSync(join(ROOT, 'dist'), join(place, 'dist'));
  const register = join(place, 'dist/register.cjs');
  const env = { SPOOR_DIR: directory, NODE_OPTIONS: `--preserve-symlinks --require ${JSON.stringify(register)}` };
  const result = await run(process.execPath, ['-e', `${CP} cp.execFileSync('node', ['-e', "require('child_process').execFileSync('true')"])`], { env });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(existsSync(register)).toBe(true);
  expect(spans(directory)).toHaveLength(2);
});

const WORKER = `require('node:child_process').execFileSync('true')`;
test.each([
  ['default', ''],
  ['an environment of its own', `env: { PATH: process.env.PATH }`],
  ['no execArgv', `execArgv: []`],
  ['an environment of its own, no execArgv', `env: { PATH: process.env.PATH }, execArgv: []`],
  ['a shared environment', `env: SHARE_ENV`],
])('a worker continues the trace: %s', async (_, options) => {
  const directory = temporaryDirectory();
  const code = `const { Worker, SHARE_ENV } = require('node:worker_threads'); new Worker(${JSON.stringify(WORKER)}, { eval: true, ${options} })`;
  const { code: exit, stderr } = await run(process.execPath, ['-e', code], { env: { SPOOR_DIR: directory, NODE_OPTIONS: `--require ${REGISTER}` } });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  const [child, worker] = spans(directory);
  expect(worker).toMatchObject({ name: 'worker [eval]', kind: 1, attributes: { 'spoor.spawn.kind': 'worker', 'process.exit.code': 0, 'spoor.spawn.thread_id': 1 } });
  expect(worker!.attributes).not.toHaveProperty('process.pid');
  expect(child).toMatchObject({ name: 'true', parentSpanId: worker!.spanId, traceId: worker!.traceId });
});

test.each([
  ['throws', `throw new TypeError('x')`, '.on("error", () => {})', { 'error.type': 'TypeError', 'process.exit.code': 1 }],
  ['exits', `process.exit(5)`, '', { 'error.type': 'exit_code', 'process.exit.code': 5 }],
  ['exits, its listeners taken away', `process.exit(5)`, '.removeAllListeners().removeAllListeners("exit")', { 'error.type': 'exit_code', 'process.exit.code': 5 }],
  ['is terminated', `setInterval(() => {}, 1000)`, '.on("online", function () { this.terminate() })', { 'error.type': 'terminated', 'process.exit.code': 1 }],
  ['runs out of memory', `const a = []; for (;;) a.push(new Array(1000).fill(a.length))`, '.on("error", () => {})', { 'error.type': 'ERR_WORKER_OUT_OF_MEMORY' }],
])('a worker that %s', async (_, code, listener, expected) => {
  const directory = temporaryDirectory();
  const file = join(directory, 'job.cjs');
  writeFileSync(file, code);
  await runRegistered(directory, ['-e', `new (require('node:worker_threads').Worker)(${JSON.stringify(file)}, { resourceLimits: { maxOldGenerationSizeMb: 10 } })${listener}`]);
  const [span] = spans(directory);
  expect(span).toMatchObject({ name: 'worker job.cjs', attributes: expected });
});

test('a worker of code continues the trace where the preload came by --import, which Node leaves out there', async () => {
  const directory = temporaryDirectory();
  const code = `new (require('node:worker_threads').Worker)(${JSON.stringify(WORKER)}, { eval: true })`;
  for (const args of [['--import', REGISTER], [`--import=${REGISTER}`]]) {
    expect(await run(process.execPath, [...args, '-e', code], { env: { SPOOR_DIR: directory } })).toMatchObject({ code: 0, stderr: '' });
  }
  expect(spans(directory).map(({ name }) => name)).toEqual(['true', 'worker [eval]', 'true', 'worker [eval]']);
});

const START = `import { start, correlation, spawns } from ${JSON.stringify(join(ROOT, 'dist/src/index.js'))};`;

test.each([
  ['started in code', [], `${START} start();`, ''],
  ['spoor/instrument', ['--import', join(ROOT, 'dist/instrument.cjs')], '', ''],
  ['no execArgv', ['--require', REGISTER], '', 'execArgv: []'],
])('NODE_OPTIONS that a worker of its own environment may not have: it runs, without the preload (%s)', async (_, args, start, options) => {
  const directory = temporaryDirectory();
  const file = join(directory, 'program.mjs');
  writeFileSync(file, `${start} import { Worker } from 'node:worker_threads';
    for (const i of [1, 2]) {
      const worker = new Worker('require("node:worker_threads").parentPort.postMessage(process.env.NODE_OPTIONS)', { eval: true, ${options} });
      await new Promise((resolve) => worker.on('message', (text) => resolve(console.log(worker.threadId, text))));
    }
    for (const given of [{ env: { NODE_OPTIONS: '--title=x' } }, { execArgv: ['--title=x'] }])
      try { new Worker('', { eval: true, ...given }) } catch (error) { console.log(error.message) }`);
  const { code: exit, stdout, stderr } = await run(process.execPath, [...args, file], { env: { SPOOR_DIR: directory, NODE_OPTIONS: '--title=app' } });
  expect([exit, stderr]).toEqual([0, '']);
  expect(stdout.trim().split('\n')).toEqual(['1 --title=app', '2 --title=app', expect.stringContaining('NODE_OPTIONS env variable: --title='), expect.stringContaining('execArgv flags: --title=')]);
});

test('half a character in an id, or in baggage of the app’s, stops nothing', async () => {
  const directory = temporaryDirectory();
  const code = `${START} import { propagation, context } from '@opentelemetry/api'; import { spawnSync, spawn } from 'node:child_process'; import { Worker } from 'node:worker_threads';
    start();
    const all = () => {
      spawnSync('true'); spawn('true'); new Worker('', { eval: true });
      const agent = spawns.start({ role: 'r', model: 'm' });
      console.log(agent.environment({}).BAGGAGE);
      agent.end({ outcome: 'completed' });
    };
    correlation.with('x'.repeat(127) + '\u{1f43e}', all);
    context.with(propagation.setBaggage(context.active(), propagation.createBaggage({ 'app.key': { value: '\\ud83d' } })), all);`;
  const { code: exit, stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT, env: { SPOOR_DIR: directory, SPOOR_CORRELATION_ID: `${'y'.repeat(127)}\u{1f43e}` } });
  expect([exit, stderr]).toEqual([0, '']);
  expect(stdout).toBe(`spoor.correlation.id=${'x'.repeat(127)}%EF%BF%BD\nundefined\n`);
  expect(lines(directory, 'starts').map(({ spanId }) => spanId).sort()).toEqual(spans(directory).map(({ spanId }) => spanId).sort());
  expect(new Set(spans(directory).map(({ attributes }) => attributes['spoor.correlation.id']))).toEqual(new Set([`${'x'.repeat(127)}\ufffd`, `${'y'.repeat(127)}\ufffd`]));
});

test('a worker of spoor itself is not traced', async () => {
  const directory = temporaryDirectory();
  await runRegistered(directory, ['-e', `new (require('node:worker_threads').Worker)('', { eval: true, workerData: { spoorInternal: true } })`]);
  expect(spans(directory)).toEqual([]);
});
