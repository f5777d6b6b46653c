import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REGISTER, ROOT, run, spans, temporaryDirectory } from '../support/program.ts';
import { node24 } from './fixture.ts';

const nodeFor = async (on: string): Promise<string> => (on === 'Node 24' ? node24() : process.execPath);

/** What a program can see of its host, printed by the program itself; the same with us as without us. */
const PROGRAMS = {
  'order of ticks, microtasks and immediates': `
    const log = [];
    setImmediate(() => log.push('immediate'));
    setTimeout(() => log.push('timeout'), 0);
    Promise.resolve().then(() => log.push('microtask')).then(() => process.nextTick(() => log.push('tick in microtask')));
    process.nextTick(() => { log.push('tick'); Promise.resolve().then(() => log.push('microtask in tick')); });
    queueMicrotask(() => log.push('queued'));
    setTimeout(() => console.log(log.filter((x) => x !== 'timeout' && x !== 'immediate').join()), 20);`,
  'listeners, handles and globals': `
    console.log(process.eventNames().map(String), process.getActiveResourcesInfo(), Object.keys(globalThis), process.argv.length, process.execArgv.filter((x) => /inspect/.test(x)), process.env.NODE_OPTIONS, Object.keys(process.env).filter((x) => /^(OTEL|TRACE)/.test(x)));`,
  'the stack of an error': `
    console.log(new Error('here').stack); throw new TypeError('uncaught');`,
  'exit code and last words': `
    process.on('exit', (code) => console.log('exit', code)); process.exitCode = 7;`,
} as const;

describe.each(['this Node', 'Node 24'])('%s', (on) => {
  test.each(Object.entries(PROGRAMS))('%s', async (_name, source) => {
    const binary = await nodeFor(on);
    const folder = temporaryDirectory();
    for (const name of ['program.cjs', 'program.mjs', 'program.foo']) {
      const file = join(folder, name);
      writeFileSync(file, source);
      const [bare, ours] = [await run(binary, [file]), await run(binary, ['--require', REGISTER, file], { env: { SPOOR_DIR: join(folder, 'spoor') } })];
      expect(ours).toEqual(bare);
    }
  });

  test('child_process is traced however it is reached, and only then loaded', async () => {
    const binary = await nodeFor(on);
    const folder = temporaryDirectory();
    const programs: Record<string, string> = {
      'require.cjs': `const { execFileSync } = require('child_process'); execFileSync('true');`,
      'prefixed.cjs': `const { execFileSync } = require('node:child_process'); execFileSync('true');`,
      'import.mjs': `import { execFileSync } from 'node:child_process'; execFileSync('true');`,
      'default.mjs': `import cp from 'child_process'; cp.execFileSync('true');`,
      'dynamic.cjs': `import('node:child_process').then(({ execFileSync }) => execFileSync('true'));`,
      'later.cjs': `setTimeout(() => import('node:child_process').then(({ execFileSync }) => execFileSync('true')), 5);`,
      'builtin.cjs': `process.getBuiltinModule('child_process').execFileSync('true');`,
      'created.mjs': `import { createRequire } from 'node:module'; createRequire(import.meta.url)('child_process').execFileSync('true');`,
      'cluster.cjs': `const cluster = require('cluster'); if (cluster.isPrimary) cluster.fork().on('online', function () { this.kill(); });`,
    };
    for (const [name, source] of Object.entries(programs)) {
      writeFileSync(join(folder, name), source);
      const directory = join(folder, `spoor-${name}`);
      const { code, stderr } = await run(binary, ['--require', REGISTER, join(folder, name)], { env: { SPOOR_DIR: directory } });
      expect([name, code, stderr, spans(directory).map((span) => span.name)]).toEqual([name, 0, '', [name.startsWith('cluster') ? 'node' : 'true']]);
    }
    const evaluated = join(folder, 'evaluated');
    await run(binary, ['--require', REGISTER, '-e', `child_process.execFileSync('true')`], { env: { SPOOR_DIR: evaluated } });
    expect(spans(evaluated)).toHaveLength(1);

    const idle = await run(binary, ['--require', REGISTER, '-e', `process.on('exit', () => console.log(process.moduleLoadList.filter((x) => /child_process|worker_threads|async_hooks$/.test(x) && /NativeModule/.test(x)).join()))`]);
    const bare = await run(binary, ['-e', `process.on('exit', () => console.log(process.moduleLoadList.filter((x) => /child_process|worker_threads|async_hooks$/.test(x) && /NativeModule/.test(x)).join()))`]);
    expect(idle.stdout).toBe(bare.stdout);
  });

  test('registered twice, in code, and by another copy of the package: one span, one runtime', async () => {
    const binary = await nodeFor(on);
    const folder = temporaryDirectory();
    const copy = join(folder, 'copy/dist');
    mkdirSync(copy, { recursive: true });
    for (const name of ['register', 'guest', 'runtime']) copyFileSync(join(ROOT, `dist/${name}.cjs`), join(copy, `${name}.cjs`));
    const file = join(folder, 'program.mjs');
    writeFileSync(file, `import ${JSON.stringify(REGISTER)}; import ${JSON.stringify(join(copy, 'register.cjs'))}; import { execFileSync } from 'node:child_process'; execFileSync('true');`);
    for (const args of [['--require', REGISTER, '--require', join(copy, 'register.cjs')], ['--import', REGISTER], []]) {
      const directory = temporaryDirectory();
      const { code, stderr } = await run(binary, [...args, file], { env: { SPOOR_DIR: directory } });
      expect([code, stderr, spans(directory).length]).toEqual([0, '', 1]);
    }
  });

  test('OTEL_SDK_DISABLED: nothing at all', async () => {
    const directory = join(temporaryDirectory(), 'none');
    const { stdout } = await run(await nodeFor(on), ['--require', REGISTER, '-e', `child_process.execFileSync('true'); console.log(Symbol.for('spoor.guest') in globalThis, Symbol.for('spoor.runtime') in globalThis)`], { env: { SPOOR_DIR: directory, OTEL_SDK_DISABLED: 'true' } });
    expect(stdout).toBe('false false\n');
    expect(spans(directory)).toEqual([]);
  });
});

test('Node’s module loader thread is left alone', async () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'loader.mjs'), `import { writeSync } from 'node:fs'; export const resolve = (s, c, n) => n(s, c); writeSync(1, 'loader ' + (Symbol.for('spoor.guest') in globalThis) + '\\n');`);
  writeFileSync(join(folder, 'main.mjs'), `import { register } from 'node:module'; register('./loader.mjs', import.meta.url); console.log('main', Symbol.for('spoor.guest') in globalThis);`);
  const { stdout } = await run(process.execPath, [join(folder, 'main.mjs')], { env: { NODE_OPTIONS: `--require ${JSON.stringify(REGISTER)}` } });
  expect(stdout.split('\n').sort()).toEqual(['', 'loader false', 'main true']);
});
