/**
 * How whole programs end that export directly. Where nothing answers, the end may take 4 s here; after 6.5 s a
 * process that the program left writes a file, which is the clock: two waits one after the other would take 8 s.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deadPort } from '../ship/backend.ts';
import { CLI, REGISTER, ROOT, type Result, run, temporaryDirectory } from '../support/program.ts';
import { collector, lastMetrics, spanNames } from './collector.ts';

const INDEX = JSON.stringify(join(ROOT, 'dist/src/index.js'));
const START = `import { start } from ${INDEX}; import { execFileSync, spawn } from 'node:child_process'; const spoor = start(); execFileSync('true');`;
const LATE = `(sleep 6.5; : > late) > /dev/null 2>&1 &`;

const ends = {
  'shutdown()': ['--input-type=module', '-e', `${START} execFileSync('sh', ['-c', '${LATE}']); await spoor.shutdown(); console.log('ended'); process.exit(7)`],
  'process.exit()': ['--input-type=module', '-e', `${START} execFileSync('sh', ['-c', '${LATE}']); console.log('ended'); process.exit(7)`],
  'process.exit() in the middle of shutdown()': ['--input-type=module', '-e', `${START} execFileSync('sh', ['-c', '${LATE}']); void spoor.shutdown(); setImmediate(() => { console.log('ended'); process.exit(7); })`],
  'spoor run': [CLI, 'run', '--quiet', '--', 'sh', '-c', `${LATE} echo ended; exit 7`],
};

const direct = (args: readonly string[], endpoint: string, timeout: string, cwd = temporaryDirectory()): Promise<Result> =>
  run(process.execPath, args, { cwd, env: { SPOOR_FILES: 'off', SPOOR_EXIT_TIMEOUT: timeout, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });

describe.each(Object.entries(ends))('by %s', (how, args) => {
  test('a backend that is not there, or never answers, is waited for once', async () => {
    const endpoints = [`http://127.0.0.1:${await deadPort()}`, (await collector({ silent: true })).url];
    const check = async (endpoint: string): Promise<void> => {
      const cwd = temporaryDirectory();
      const { code, stdout, stderr } = await direct(args, endpoint, '4s', cwd);
      expect(existsSync(join(cwd, 'late'))).toBe(false);
      expect({ code, stdout }).toEqual({ code: 7, stdout: 'ended\n' });
      expect(stderr).toMatch(/^spoor: \d items? could not be kept: export_(timeout|failed \(connect ECONNREFUSED [\d.:]+\)); recording goes on\n$/);
    };
    await Promise.all(endpoints.map(check));
  });

  test('everything arrives', async () => {
    const backend = await collector();
    expect(await direct(args, backend.url, '1m')).toMatchObject({ code: 7, stdout: 'ended\n', stderr: '' });
    expect(spanNames(backend)).toEqual(how === 'spoor run' ? ['sh'] : ['sh', 'true']);
    expect(lastMetrics(backend)['spoor.spawn.duration'].exponentialHistogram.dataPoints.at(-1)).toMatchObject({ count: 1 });
  });
});

const WORKERS = `
  const { Worker } = require('node:worker_threads');
  (async () => {
    for (let i = 0; i < 5; i++) await new Promise((ended) => new Worker("require('node:child_process').spawnSync('true')", { eval: true }).on('exit', ended));
    console.log(Math.round(process.uptime() * 1000));
  })();`;

test('workers that end one after the other wait once for a backend that never answers, not each', async () => {
  const { stdout, stderr } = await direct(['--require', REGISTER, '-e', WORKERS], (await collector({ silent: true })).url, '3s');
  // Five times would be 14 s.
  expect(Number(stdout)).toBeLessThan(9_000);
  expect(stderr.match(/^spoor: 1 item could not be kept: export_timeout/gm)).toHaveLength(5);
});

test('a backend that cannot be reached is not tried again at the end', async () => {
  const endpoint = `http://127.0.0.1:${await deadPort()}`;
  const program = `require('node:child_process').spawnSync('true'); process.on('exit', () => console.log(Math.round(process.uptime() * 1000)));`;
  const env = { SPOOR_FILES: 'off', SPOOR_EXIT_TIMEOUT: '1m', OTEL_EXPORTER_OTLP_TIMEOUT: '60000', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  for (const more of [{}, { OTEL_METRICS_EXPORTER: 'none' }]) {
    const { stdout, stderr } = await run(process.execPath, ['--require', REGISTER, '-e', program], { env: { ...env, ...more } });
    // Five tries take 12 s.
    expect(Number(stdout)).toBeLessThan(8_000);
    expect(stderr).toBe(`spoor: 1 item could not be kept: export_failed (connect ECONNREFUSED ${endpoint.slice('http://'.length)}); recording goes on\n`);
  }
});

test('why it was not taken is said, of spans and of numbers', async () => {
  const said = `HTTP 401: Unauthorized: who are you? (is the token in OTEL_EXPORTER_OTLP_HEADERS right?)`;
  const stderrs = ['/v1/traces', '/v1/metrics'].map(async (refused) => (await direct(['--require', REGISTER, '-e', `require('node:child_process').spawnSync('true')`], (await collector({ refused })).url, '1m')).stderr);
  expect(await Promise.all(stderrs)).toEqual([`spoor: 1 item could not be kept: export_failed (${said}); recording goes on\n`, `spoor: numbers could not be sent: ${said}\n`]);
});

test("what ends in the app's own exit listener arrives too", async () => {
  const backend = await collector();
  const program = `const { spawnSync } = require('node:child_process'); spawnSync('true'); process.on('exit', () => { spawnSync('true'); spawnSync('false'); })`;
  expect(await direct(['--require', REGISTER, '-e', program], backend.url, '1m')).toMatchObject({ code: 0, stderr: '' });
  expect(spanNames(backend)).toEqual(['false', 'true', 'true']);
  const { dataPoints } = lastMetrics(backend)['spoor.spawn.duration'].exponentialHistogram;
  expect(dataPoints.map(({ count }: any) => count).sort()).toEqual([1, 2]);
});

test('what shutdown() waits for does not stop the app', async () => {
  const program = `${START} let ticks = 0; const timer = setInterval(() => ticks++, 100); spawn('true'); await spoor.shutdown(); clearInterval(timer); console.log(ticks)`;
  const { stdout } = await direct(['--input-type=module', '-e', program], (await collector({ silent: true })).url, '3s');
  // Some 28; of a timer that is late the next comes later too.
  expect(Number(stdout)).toBeGreaterThan(3);
});
