import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hostId } from '../../src/store/host.ts';
import { HOUR_MS, hourFile } from '../../src/store/layout.ts';
import { counted } from '../support/ended.ts';
import { CLI, REGISTER, ROOT, cleanEnvironment, lines, run, runRegistered, spans, temporaryDirectory, totals } from '../support/program.ts';

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
  [{ SPOOR_FLUSH_INTERVAL: '30d' }, /SPOOR_FLUSH_INTERVAL: "30d"/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318', OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }, /OTEL_EXPORTER_OTLP_ENDPOINT: what is set is not a URL/],
])('a bad value %o is one clear message, and the app still runs', async (env, message) => {
  const directory = temporaryDirectory();
  const { code, stdout, stderr } = await runRegistered(directory, ['-e', SPAWN_TWICE], { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(spans(directory)).toHaveLength(2);
});

test('without files, an address that is none is said, and nobody waits for what is not there', async () => {
  const { code, stdout, stderr } = await run(process.execPath, ['--require', REGISTER, '-e', SPAWN_TWICE], { env: { SPOOR_FILES: 'off', OTEL_EXPORTER_OTLP_ENDPOINT: 'garbage' } });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
  expect(stderr).toBe('spoor: configuration: OTEL_EXPORTER_OTLP_ENDPOINT: what is set is not a URL with http:// or https:// in front; it is ignored; SPOOR_FILES is off and there is no OTEL_EXPORTER_OTLP_ENDPOINT to send to: nothing is kept; set one of them\n');
});

test('a bad value is said once in a tree of processes and workers', async () => {
  const directory = temporaryDirectory();
  const code = `
    const { spawnSync } = require('node:child_process');
    const { Worker } = require('node:worker_threads');
    const depth = Number(process.argv[1]);
    new Worker('require("node:child_process").spawnSync("true")', { eval: true });
    spawnSync(depth > 0 ? process.execPath : 'true', ['-e', process.env.CODE, String(depth - 1)], { stdio: 'inherit' });`;
  const env = { CODE: code, SPOOR_MAX_SERIES: 'lots' };
  const registered = await runRegistered(directory, ['-e', code, '2'], { env });
  expect(registered.stderr).toMatch(/^spoor: configuration: SPOOR_MAX_SERIES: "lots" [^\n]*\n$/);
  expect(spans(directory).length).toBeGreaterThanOrEqual(6);
  const below = await run(process.execPath, [CLI, 'run', '--quiet', '--dir', directory, '--', process.execPath, '-e', code, '1'], { env });
  expect(below.stderr).toMatch(/^spoor: configuration: SPOOR_MAX_SERIES: "lots" [^\n]*\n$/);
});

test('with spoor/instrument a bad SPOOR_* is said; what the app’s own SDK reads is its affair', async () => {
  const { code, stderr } = await run(process.execPath, ['--require', join(ROOT, 'dist/instrument.cjs'), '-e', SPAWN_TWICE], { env: { SPOOR_MAX_DEPTH: 'deep', OTEL_TRACES_SAMPLER: 'jaeger_remote' } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'spoor: configuration: SPOOR_MAX_DEPTH: "deep" is not a whole number from 0 to 1000; using 16\n' });
});

test('a clock that goes backwards leaves whole lines and right numbers', async () => {
  const directory = temporaryDirectory();
  // The system's clock, as spoor finds it when it is preloaded.
  const clock = join(directory, 'clock.cjs');
  writeFileSync(clock, 'const { now } = Date; let shift = 0; Date.now = () => now() + shift; globalThis.turnClock = (by) => (shift = by);');
  const code = `
    const { spawnSync } = require('node:child_process');
    spawnSync('true');
    turnClock(-3 * 3_600_000);
    spawnSync('true');
    turnClock(60_000);
    spawnSync('true');`;
  const { code: exit, stderr } = await run(process.execPath, ['--require', clock, '--require', REGISTER, '-e', code], { env: { SPOOR_DIR: directory } });
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

test('what is deleted after its time is counted, but nothing is wrong', async () => {
  const directory = temporaryDirectory();
  const old = hourFile(directory, 'traces', Date.now() - 8 * 24 * HOUR_MS, hostId());
  const leave = (): void => {
    mkdirSync(dirname(old), { recursive: true });
    writeFileSync(old, '{}\n'.repeat(6));
  };
  leave();
  const quiet = await run(process.execPath, [CLI, 'run', '--dir', directory, '--', 'true']);
  expect(existsSync(old)).toBe(false);
  expect(quiet.stderr.trim().split('\n')).toEqual([expect.stringContaining(`data in ${directory}`)]);
  expect(totals(directory)['spoor.telemetry.dropped reason=retention_age']).toBe(6);
  rmSync(join(directory, 'traces'), { recursive: true });
  leave();
  const { stderr } = await run(process.execPath, [CLI, 'run', '--dir', directory, '--', 'true'], { env: { OTEL_LOG_LEVEL: 'info' } });
  expect(stderr).toContain('deleted 6 items older than is kept');
});

test('what ended without a place for its span was not abandoned', async () => {
  const directory = temporaryDirectory();
  const code = "const { spawnSync } = require('node:child_process'); for (let i = 0; i < 60; i++) spawnSync('true');";
  const { stderr } = await runRegistered(directory, ['-e', code], { env: { SPOOR_TRACES_MAX_SIZE: '20KB' } });
  expect(stderr).toContain('could not be kept');
  expect(spans(directory).length).toBeLessThan(60);
  const report = JSON.parse((await run(process.execPath, [CLI, 'report', '--json'], { env: { SPOOR_DIR: directory } })).stdout) as { spawns: { count: number; abandoned: number }[] };
  // The one that was the first without a place had begun.
  expect(report.spawns).toMatchObject([{ count: 60, abandoned: 1 }]);
});
