/** What an app gives, stubs and catches: Node gets it, and the app sees it, as without us. On Node 20, which has no hooks, and on 24. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { node24 } from '../guest/fixture.ts';
import { REGISTER, ROOT, type Result, lines, run, spans, temporaryDirectory } from '../support/program.ts';

const nodes: [string, () => Promise<string>][] = [['this Node', async () => process.execPath], ['Node 24', node24]];
const CP = `const cp = require('node:child_process'); const { Worker } = require('node:worker_threads');`;
const PRELOAD = `--require ${REGISTER}`;

interface Both {
  readonly without: Result;
  readonly traced: Result;
  /** What was recorded. */
  readonly directory: string;
}

/** A program, as files of a folder, its main one first. */
async function both(node: string, files: Record<string, string>, before: readonly string[] = []): Promise<Both> {
  const folder = temporaryDirectory();
  const directory = join(folder, '.spoor');
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, name), source);
  const args = [...before, join(folder, Object.keys(files)[0]!)];
  const [without, traced] = await Promise.all([run(node, args, { cwd: folder }), run(node, args, { cwd: folder, env: { SPOOR_DIR: directory, NODE_OPTIONS: PRELOAD } })]);
  return { without, traced, directory };
}

const same: Record<string, string | Record<string, string>> = {
  'options that Node refuses, or reads in a way of its own': `${CP}
    const told = (call) => { try { const result = call(); return result.stdout === undefined ? String(result) : [result.status, String(result.stdout), result.error?.code]; } catch (error) { return error.stack; } };
    let asked = 0;
    class Options { #cwd = '/'; constructor() { Object.defineProperty(this, 'cwd', { enumerable: true, get() { return this.#cwd; } }); } }
    class Environment { #name = 'private'; get NAME() { return this.#name; } }
    Object.defineProperty(Environment.prototype, 'NAME', { enumerable: true });
    const show = ['-c', 'echo $NAME'];
    console.log(JSON.stringify([
      () => cp.spawnSync('true', undefined, null), () => cp.spawnSync('true', null), () => cp.execFileSync('true', [], null),
      ...['spawnSync', 'execFileSync', 'execSync'].flatMap((name) => [() => cp[name]('true', [], []), () => cp[name]('pwd', new Options())]),
      () => cp.spawnSync('pwd', [], new Proxy({ cwd: '/usr' }, { get: (target, name) => (name === 'cwd' ? '/' : target[name]) })),
      ...['env', 'shell', 'cwd', 'uid'].map((name) => () => { asked = 0; cp.execSync('true', { get [name]() { asked++; } }); return asked; }),
      () => cp.spawnSync('sh', show, { env: new Environment() }),
      () => cp.spawnSync('sh', show, { env: new Proxy({ NAME: 'x' }, { get: (target, name) => (name === 'NAME' ? 'trapped' : target[name]) }) }),
      () => cp.execFileSync('sh', ['-c', 'echo $NAME >&2'], Object.create({ stdio: 'pipe' }, { env: { value: { NAME: 'x' }, enumerable: true } })),
      ...['TRACEPARENT', 'NODE_OPTIONS'].flatMap((name) => [Symbol('x'), 'a\\0b'].map((value) => () => cp.spawnSync('true', { env: { [name]: value } }))),
    ].map(told)));`,
  'options of a worker with private fields': `${CP}
    class Options { #env = { NAME: 'private' }; eval = true; get env() { return this.#env; } get argv() { return this.#env && ['x']; } }
    new Worker('console.log(process.env.NAME, process.argv.length)', new Options());`,
  'an error that is no error': `${CP}
    const bad = new Proxy({}, { get: (target, name) => { if (name === 'code') throw new Error('trapped'); return target[name]; } });
    const child = cp.spawn('true').on('error', (error) => console.log('child', error === bad));
    child.emit('error', bad);
    const worker = new Worker('', { eval: true }).on('error', (error) => console.log('worker', error === bad));
    worker.emit('error', bad);
    try { cp.execSync('true', { get env() { throw bad; } }); } catch (error) { console.log('thrown', error === bad); }
    try { new Worker('', { get eval() { throw bad; } }); } catch (error) { console.log('thrown', error === bad); }`,
  'getters that throw, a URL that is no path, an environment that is none': `${CP}
    for (const call of [
      () => cp.spawnSync('true', { get env() { throw new Error('mine'); } }),
      () => cp.spawn('true', { get env() { throw new Error('mine'); } }),
      () => cp.execFile('true', { get timeout() { throw new Error('mine'); } }),
      () => cp.spawnSync('true', { env: { NODE_OPTIONS: { toString() { throw new Error('mine'); } } } }),
      () => new cp.ChildProcess().spawn({ file: 'true', args: ['true'], envPairs: 5 }),
      () => new cp.ChildProcess().spawn({ file: 'true', args: ['true'], envPairs: 5, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }),
      () => new Worker(new URL('file://host/x')),
      () => new Worker('', { eval: true, env: { NODE_OPTIONS: { toString() { throw new Error('mine'); } } } }),
    ]) try { call(); console.log('no error'); } catch (error) { console.log(error.stack); }`,
  'a limit of stacks that a getter sets': `${CP}
    cp.spawnSync('true', { get cwd() { Error.stackTraceLimit = 3; return '/'; } });
    console.log(Error.stackTraceLimit);`,
  'a spy on process.on': `${CP}
    process.on = new Proxy(process.on, { apply: (target, self, args) => { console.log(args[0]); return Reflect.apply(target, self, args); } });
    cp.spawnSync('true');
    process.on('SIGUSR2', () => {});`,
  'the stack of a worker’s script, and of what it requires': {
    'main.cjs': `${CP} new Worker(require('node:path').join(__dirname, 'worker.cjs'));`,
    'worker.cjs': `console.log(new Error('here').stack); require('node:fs');`,
  },
  'the stack of what a script leaves to a microtask': `Promise.resolve().then(() => console.log(new Error('here').stack));`,
  'bindings of built-ins that the app changed, and did not sync': {
    'main.mjs': `import os, { hostname } from 'node:os';
      os.hostname = () => 'changed';
      const { default: cp } = await import('node:child_process');
      cp.execFileSync('true');
      const { Worker } = await import('node:worker_threads');
      new Worker('', { eval: true }).on('exit', () => console.log(hostname() === 'changed'));`,
  },
};

describe.each(nodes)('%s', (_, node) => {
  test.each(Object.entries(same))('%s', async (_name, program) => {
    const { without, traced } = await both(await node(), typeof program === 'string' ? { 'main.cjs': program } : program);
    expect(traced).toEqual(without);
  });

  test('a crash of the app’s own getter comes from there', async () => {
    const { without, traced } = await both(await node(), { 'main.cjs': `${CP}\n\ncp.execSync('true', { get env() { throw new Error('mine'); } });` });
    for (const { stderr } of [without, traced]) expect(stderr).toMatch(/^\S+main\.cjs:3\n/);
    expect(traced.stderr.split('\n').slice(3)).toEqual(without.stderr.split('\n').slice(3));
  });

  test('a second preload: the stacks of the script are as ever', async () => {
    const files = { 'main.cjs': `console.log(new Error('here').stack); throw new Error('uncaught');`, 'other.cjs': '' };
    const { without, traced } = await both(await node(), files, ['--require', './other.cjs']);
    expect(traced).toEqual(without);
  });

  test('a stub of spawnSync that returns nothing', async () => {
    const files = { 'main.cjs': `${CP} console.log(cp.spawnSync('true'));`, 'stub.cjs': `require('node:child_process').spawnSync = () => undefined;` };
    const { without, traced } = await both(await node(), files, ['--require', './stub.cjs', '--require', REGISTER]);
    expect(traced).toEqual(without);
    expect(traced.stdout).toBe('undefined\n');
  });

  test.each([
    ['child_process', `fs.readFileSync = stub; ${CP}`],
    ['the first spawn', `${CP} fs.readFileSync = stub;`],
  ])('a stub of fs, by which %s gets us nothing: one line, and the app runs', async (_when, begin) => {
    const program = `const fs = require('node:fs'); const { readFileSync } = fs; const stub = (file, ...more) => (String(file).endsWith('.cjs') ? '{}' : readFileSync(file, ...more));
      ${begin} console.log(String(cp.execSync('echo ran'))); new Worker('', { eval: true }).on('exit', console.log);`;
    const { without, traced } = await both(await node(), { 'main.cjs': program });
    expect(traced).toEqual({ ...without, stderr: expect.stringMatching(/^spoor: a part of the package [^\n]*\n$/) });
    expect(traced).toMatchObject({ code: 0, stdout: 'ran\n\n0\n' });
  });

  test('too many open files at the first spawn: what comes later is recorded', async () => {
    const folder = temporaryDirectory();
    const program = join(folder, 'main.cjs');
    writeFileSync(program, `${CP} const fs = require('node:fs'); const open = [];
      try { for (;;) open.push(fs.openSync('/dev/null')); } catch {}
      cp.spawnSync('true', { stdio: 'ignore' });
      open.forEach((one) => fs.closeSync(one));
      cp.spawnSync('true'); cp.spawnSync('true');`);
    const { code, stderr } = await run('sh', ['-c', `ulimit -n 200; exec "$0" --require "$1" "$2"`, await node(), REGISTER, program], { env: { SPOOR_DIR: join(folder, '.spoor') } });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^spoor: a part of the package [^\n]*EMFILE[^\n]*\n$/)]);
    expect(spans(join(folder, '.spoor')).map(({ name }) => name)).toEqual(['true', 'true']);
  });

  test('a Node that may not read the package starts without it, and has the context', async () => {
    const binary = await node();
    const folder = temporaryDirectory();
    const permission = binary !== process.execPath || process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
    const child = join(folder, 'child.cjs');
    writeFileSync(child, `console.log(process.env.TRACEPARENT && '[' + process.env.NODE_OPTIONS + ']')`);
    const program = `${CP}
      const quiet = ['${permission}', '--no-warnings'];
      const own = [...quiet, '--allow-fs-read=${folder}'];
      const show = (args, options, ...more) => console.log(String(cp.execFileSync(process.execPath, [...args, ${JSON.stringify(child)}, ...more], options)).trim());
      show(own); show(own, { env: { ...process.env, NODE_OPTIONS: process.env.NODE_OPTIONS + ' --no-deprecation' } });
      show([], { env: { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS, ...own].join(' ') } });
      show([...quiet, '--allow-fs-read=*']); show([...quiet, '--allow-fs-read=${ROOT}', '--allow-fs-read=${folder}']);
      console.log(String(cp.execSync(['"' + process.execPath + '"', ...own, ${JSON.stringify(child)}].join(' '))).trim());
      cp.spawn(process.execPath, [...own, ${JSON.stringify(child)}], { stdio: 'inherit' }).on('exit', () => show([], {}, '--skip-permissions'));`;
    const { traced, directory } = await both(binary, { 'main.cjs': program });
    expect([traced.code, traced.stderr]).toEqual([0, '']);
    expect(traced.stdout.trim().split('\n')).toEqual(['[]', '[--no-deprecation]', `[${permission} --no-warnings --allow-fs-read=${folder}]`, `[${PRELOAD}]`, `[${PRELOAD}]`, '[]', '[]', `[${PRELOAD}]`]);
    expect(lines(directory, 'starts')).toHaveLength(8);
  });
});

/** Only root may start what is another's; and where this Node lies, that one may not enter either, perhaps. */
const canBeAnother = process.getuid?.() === 0 && spawnSync(process.execPath, ['-e', ''], { uid: 65534, gid: 65534, cwd: '/' }).status === 0;

test.runIf(canBeAnother)('a Node of another user starts without the package, where that user may not enter its folder', async () => {
  const place = temporaryDirectory();
  cpSync(join(ROOT, 'dist'), join(place, 'dist'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'));
  const folder = temporaryDirectory();
  chmodSync(folder, 0o755);
  const program = join(folder, 'main.cjs');
  writeFileSync(program, `${CP} const shown = ['-p', "process.env.TRACEPARENT && '[' + process.env.NODE_OPTIONS + ']'"];
    for (const options of [{ uid: 65534, gid: 65534 }, { gid: 65534 }, { uid: 0, gid: 0 }]) {
      const { status, stdout } = cp.spawnSync(process.execPath, shown, { ...options, cwd: '/' });
      console.log(status, String(stdout).trim());
    }
    cp.spawn(process.execPath, shown, { uid: 65534, cwd: '/', stdio: 'inherit' });`);
  const register = join(place, 'dist/register.cjs');
  const { code, stdout, stderr } = await run(process.execPath, [program], { env: { SPOOR_DIR: join(folder, '.spoor'), NODE_OPTIONS: `--require ${register}` } });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.trim().split('\n')).toEqual(['0 []', '0 []', `0 [--require ${register}]`, '[]']);
});
