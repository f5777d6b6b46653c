import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { counted } from '../support/ended.ts';
import { REGISTER, ROOT, cleanEnvironment, lines, run, runRegistered, spans, temporaryDirectory, totals } from '../support/program.ts';

const program = (name: string): string => join(ROOT, 'tests/programs', name);
const SPAWN_TWICE = `const { spawnSync } = require('node:child_process'); spawnSync('true'); spawnSync('true'); console.log('done');`;

/** Root may write anywhere: a path below a file is unwritable for everyone. */
function unwritable(): string {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  return join(file, '.spoor');
}

describe('a directory that cannot be written', () => {
  test('the app runs as ever, and one line says what and where', async () => {
    const directory = unwritable();
    const { code, stdout, stderr } = await runRegistered(directory, ['-e', SPAWN_TWICE]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
    expect(stderr).toContain(directory);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  test('a read-only .spoor, as an ordinary user', async () => {
    const parent = temporaryDirectory();
    chmodSync(parent, 0o755);
    const directory = join(parent, '.spoor');
    mkdirSync(directory, { mode: 0o555 });
    // Root may write anywhere: the program makes itself an ordinary user before it spawns anything.
    const code = `if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534); } ${SPAWN_TWICE}`;
    const { code: exit, stdout, stderr } = await runRegistered(directory, ['-e', code]);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'done\n' });
    expect(stderr).toContain(directory);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('missing directories are made', async () => {
    const directory = join(temporaryDirectory(), 'a', 'b', '.spoor');
    await runRegistered(directory, ['-e', SPAWN_TWICE]);
    expect(spans(directory)).toHaveLength(2);
    expect(readFileSync(join(directory, '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('.spoor deleted while in use: writing resumes, numbers of what is left agree with spans', async () => {
    const directory = join(temporaryDirectory(), '.spoor');
    const code = `
      const { spawnSync } = require('node:child_process');
      spawnSync('true');
      require('node:fs').rmSync(${JSON.stringify(directory)}, { recursive: true });
      const until = Date.now() + 400;
      while (Date.now() < until) spawnSync('true');
      spawnSync('false');`;
    await runRegistered(directory, ['-e', code]);
    expect(spans(directory).at(-1)!.name).toBe('false');
    expect(counted(directory).false).toBe(1);
  });
});

test.runIf(process.platform === 'linux')('a directory that refuses in a way of its own (/proc) does not hang the app', async () => {
  const { code, stdout } = await runRegistered('/proc/spoor/.spoor', ['-e', SPAWN_TWICE]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
});

test.each([
  [{ SPOOR_MAX_SERIES: 'lots' }, /SPOOR_MAX_SERIES: "lots"/],
  [{ SPOOR_TRACES_MAX_AGE: 'x', SPOOR_FLUSH_INTERVAL: 'y' }, /SPOOR_TRACES_MAX_AGE: "x".*SPOOR_FLUSH_INTERVAL: "y"/],
  [{ OTEL_TRACES_SAMPLER: 'x' }, /OTEL_TRACES_SAMPLER: "x"/],
])('a bad value %o is one clear message, and the app still runs', async (env, message) => {
  const directory = temporaryDirectory();
  const { code, stdout, stderr } = await runRegistered(directory, ['-e', SPAWN_TWICE], { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(spans(directory)).toHaveLength(2);
});

test('a clock that goes backwards leaves whole lines and right numbers', async () => {
  const directory = temporaryDirectory();
  const code = `
    const { spawnSync } = require('node:child_process');
    const now = Date.now;
    spawnSync('true');
    Date.now = () => now() - 3 * 3_600_000;
    spawnSync('true');
    Date.now = () => now() + 60_000;
    spawnSync('true');`;
  const { code: exit, stderr } = await runRegistered(directory, ['-e', code]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(spans(directory)).toHaveLength(3);
  expect(counted(directory)).toEqual({ true: 3 });
  for (const span of spans(directory)) expect(span.end).toBeGreaterThanOrEqual(span.start);
});

test('16 processes at once append whole lines to one hour', async () => {
  const directory = temporaryDirectory();
  const code = `const { spawnSync } = require('node:child_process'); for (let i = 0; i < 15; i++) spawnSync('true');`;
  await Promise.all(Array.from({ length: 16 }, () => runRegistered(directory, ['-e', code])));
  expect(spans(directory)).toHaveLength(240);
  expect(counted(directory)).toEqual({ true: 240 });
  expect(lines(directory, 'starts')).toHaveLength(240);
  expect(readdirSync(join(directory, 'traces')).length).toBeLessThanOrEqual(2);
});

test('SIGKILL of one of several writers at random moments loses no ended span and no number', async () => {
  const directory = temporaryDirectory();
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--require', REGISTER, program('writer.cjs')], { env: { ...cleanEnvironment(), SPOOR_DIR: directory }, stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const ended = await Promise.all(
    children.map(async (child) => {
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        // Each writer is killed after another number of its spawns, in the middle of whatever it does.
        if (said.length > 40 * (1 + children.indexOf(child)) + Math.random() * 20) child.kill('SIGKILL');
      });
      await once(child, 'close');
      return said.length;
    }),
  );
  const acknowledged = ended.reduce((sum, count) => sum + count, 0);
  const written = spans(directory).length;
  expect(written).toBeGreaterThanOrEqual(acknowledged);
  // At most the one that was ending when its writer was killed.
  expect(written).toBeLessThanOrEqual(acknowledged + children.length);
  expect(counted(directory).true).toBe(written);
});

test('100,000 distinct executables: series stay capped, the rest is folded, memory bounded', async () => {
  const directory = temporaryDirectory();
  const { stdout } = await runRegistered(directory, ['--expose-gc', program('many.mjs')], { env: { SPOOR_MAX_SERIES: '500' } });
  expect(Number(stdout)).toBeLessThan(40);
  const durations = Object.entries(totals(directory)).filter(([name]) => name.startsWith('spoor.spawn.duration'));
  expect(durations.length).toBeLessThanOrEqual(500);
  expect(durations.reduce((sum, [, count]) => sum + count, 0)).toBe(100_000);
  expect(durations.find(([name]) => name.includes('otel.metric.overflow=true'))![1]).toBeGreaterThan(99_000);
});

test('no secret of arguments, environment or error messages is in any file', async () => {
  const directory = temporaryDirectory();
  const secret = 'hunter2-0c1d';
  await runRegistered(directory, [program('secrets.cjs'), secret], { env: { API_TOKEN: secret } });
  await runRegistered(directory, [program('secrets.cjs'), secret], { env: { API_TOKEN: secret, SPOOR_RECORD_ARGUMENTS: 'true' } });
  expect(spans(directory).length).toBeGreaterThanOrEqual(16);
  const { stdout } = await run('grep', ['-rlF', secret, directory]);
  expect(stdout).toBe('');
});

test('turned off, nothing is written', async () => {
  const directory = join(temporaryDirectory(), '.spoor');
  const { code } = await runRegistered(directory, ['-e', SPAWN_TWICE], { env: { OTEL_SDK_DISABLED: 'true' } });
  expect(code).toBe(0);
  expect(existsSync(directory)).toBe(false);
});
