import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer as createTlsServer } from 'node:https';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runUntilReady } from '../support/ended.ts';
import { cleanEnvironment, CLI, REGISTER, ROOT, run, runRegistered, spans, temporaryDirectory } from '../support/program.ts';
import { backend, deadPort, listening, type Backend } from './backend.ts';
import { leave, left, ship, shipHere, TOOL, until } from './directory.ts';

const program = (name: string): string => join(ROOT, 'tests/programs', name);
const endpoint = (url: string): NodeJS.ProcessEnv => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
/** Synchronous spawns that ended well. */
const spawned = (sink: Backend, executable: string): number | undefined => sink.values.get(`spoor.spawn.duration ${['spawnSync', executable].sort().join(' ')}`);

function start(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, args, { env: { ...cleanEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', resolve));

test('a tree of processes: its root sends for all, the others load nothing; one series, exact', async () => {
  const directory = temporaryDirectory();
  const sink = await backend();
  const { code, stdout, stderr } = await runRegistered(directory, [program('tree-of-spawns.cjs'), '2', '3'], { env: endpoint(sink.url) });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const processes = stdout.trim().split('\n').map((line) => JSON.parse(line));
  const threads = processes.filter(({ isRoot }) => !isRoot).map((one) => one.threads);
  expect(threads).toHaveLength(6);
  // One thread more: the sending one.
  expect(processes.filter(({ isRoot }) => isRoot).map((one) => one.threads)).toEqual([Math.max(...threads) + 1]);
  expect(processes.flatMap(({ sockets }) => sockets).every((count) => count === 0)).toBe(true);
  const written = spans(directory);
  expect(written).toHaveLength(7 * 3 + 6);
  expect(sink.spans.toSorted()).toEqual(written.map(({ spanId }) => spanId).toSorted());
  expect(spawned(sink, 'true')).toBe(21);
  expect([...sink.values.keys()].filter((name) => name.startsWith('spoor.spawn.duration') && name.includes(' true'))).toHaveLength(1);
  expect(left(directory)).toBe(0);
});

describe('every end of the holder: what it did arrives, and the end is as it was', () => {
  test.each([
    ['natural', 0],
    ['exit', 5],
    ['throw', 1],
    ['reject', 1],
  ])('%s', async (how, code) => {
    const directory = temporaryDirectory();
    const sink = await backend();
    const result = await runUntilReady([program('ends.cjs'), how], { env: { SPOOR_DIR: directory, ...endpoint(sink.url) } });
    expect(result.code).toBe(code);
    expect(sink.spans).toHaveLength(2);
    expect(left(directory)).toBe(0);
    expect([spawned(sink, 'true'), sink.values.get('spoor.spawn.duration exit_code sh spawn')]).toEqual([1, 1]);
  });

  test('by a signal: the next one sends it, and counts what was in memory', async () => {
    const directory = temporaryDirectory();
    const sink = await backend();
    const { signal } = await runUntilReady([program('ends.cjs'), 'loop'], { signal: 'SIGKILL', env: { SPOOR_DIR: directory, ...endpoint(sink.url) } });
    expect(signal).toBe('SIGKILL');
    await shipHere(directory, sink.url);
    await shipHere(directory, sink.url);
    expect(new Set(sink.spans).size).toBe(62);
    expect(spawned(sink, 'true')).toBe(61);
    expect(left(directory)).toBe(0);
  });

  test('shutdown() sends, and the app goes on', async () => {
    const directory = temporaryDirectory();
    const sink = await backend();
    const code = `import { start } from ${JSON.stringify(join(ROOT, 'dist/src/index.js'))}; const spoor = start(); (await import('node:child_process')).execFileSync('true'); await spoor.shutdown(); console.log('on');`;
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', code], { env: { SPOOR_DIR: directory, ...endpoint(sink.url) } });
    expect({ stdout, stderr }).toEqual({ stdout: 'on\n', stderr: '' });
    expect(sink.spans).toHaveLength(1);
    expect(left(directory)).toBe(0);
  });

  const pid1 = ['--fork', '--pid', '--mount-proc'];
  test.runIf(spawnSync('unshare', [...pid1, 'true']).status === 0)('as the first process of a container', async () => {
    const directory = temporaryDirectory();
    const sink = await backend();
    const result = await run('unshare', [...pid1, process.execPath, '--require', REGISTER, program('ends.cjs'), 'exit'], { env: { SPOOR_DIR: directory, ...endpoint(sink.url) } });
    expect(result.code).toBe(5);
    expect(sink.spans).toHaveLength(2);
    expect(left(directory)).toBe(0);
  });
});

describe('a backend that is not there holds up no end longer than allowed, says nothing, and loses nothing', () => {
  test.each([
    ['natural', 0],
    ['exit', 5],
    ['throw', 1],
  ])('%s', async (how, code) => {
    const plain = await runUntilReady([program('ends.cjs'), how], { plain: true });
    const silent = await backend(() => 'hang');
    for (const url of [`http://127.0.0.1:${await deadPort()}`, silent.url]) {
      const directory = temporaryDirectory();
      const begun = performance.now();
      const result = await runUntilReady([program('ends.cjs'), how], { env: { SPOOR_DIR: directory, SPOOR_EXIT_TIMEOUT: '500', ...endpoint(url) } });
      // Far below the transport's own 10 s, and far above what a busy machine adds.
      expect(performance.now() - begun).toBeLessThan(8_000);
      expect({ code: result.code, stderr: result.stderr }).toEqual({ code, stderr: plain.stderr });
      expect(spans(directory)).toHaveLength(2);
      const sink = await backend();
      await shipHere(directory, sink.url);
      expect(sink.spans).toHaveLength(2);
    }
  });
});

test('the root is killed, its child lives on: it takes over', async () => {
  const directory = temporaryDirectory();
  const sink = await backend();
  const child = `require('node:child_process').spawnSync('true'); console.log('child ' + process.pid); const t = setInterval(() => require('node:child_process').spawnSync('false'), 300);`;
  const root = start(['--require', REGISTER, '-e', `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }); setInterval(() => {}, 1000);`], { SPOOR_DIR: directory, ...endpoint(sink.url) });
  const pid = await new Promise<number>((resolve) => root.stdout!.once('data', (text) => resolve(Number(String(text).split(' ')[1]))));
  onTestFinished(() => void process.kill(pid, 'SIGKILL'));
  await until(() => sink.spans.length > 0);
  root.kill('SIGKILL');
  await ended(root);
  await until(() => (JSON.parse(readFileSync(join(directory, 'ship', readdirSync(join(directory, 'ship')).find((name) => name.startsWith('lease.'))!), 'utf8')) as { pid: number }).pid === pid);
  const before = sink.spans.length;
  await until(() => sink.spans.length > before + 1);
  process.kill(pid, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await shipHere(directory, sink.url);
  expect(new Set(sink.spans).size).toBe(spans(directory).length);
  expect(spawned(sink, 'true')).toBe(1);
  expect(sink.values.get('spoor.spawn.duration exit_code false spawnSync')).toBe(spans(directory).filter(({ name }) => name === 'false').length);
}, 30_000);

describe('two shippers', () => {
  test('at once: each line is sent once', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 400);
    const sink = await backend();
    const env = { SPOOR_SHIP_REQUEST_SIZE: '20000' };
    const results = await Promise.all([ship(directory, sink.url, { env }), ship(directory, sink.url, { env })]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(sink.spans).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(400);
  });

  test('one killed in the middle: nothing is missing, totals are exact', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 400);
    const sink = await backend();
    sink.answer = () => {
      if (sink.asked.length === 4) child.kill('SIGKILL');
      return undefined;
    };
    const child = start([CLI, 'ship', '--dir', directory], { SPOOR_SHIP_REQUEST_SIZE: '20000', ...endpoint(sink.url) });
    await ended(child);
    await shipHere(directory, sink.url);
    expect([...new Set(sink.spans)]).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(400);
    expect(sink.outOfOrder).toEqual([]);
  });
});

test('spoor ship --watch: outages with Retry-After are waited for, it ends by SIGTERM with a last send', async () => {
  const directory = temporaryDirectory();
  const { ids } = leave(directory, 5);
  const sink = await backend(({ path }) => (path === '/v1/traces' && sink.asked.filter((asked) => asked.path === path).length === 1 ? { status: 429, headers: { 'retry-after': '2' } } : undefined));
  const child = start([CLI, 'ship', '--watch', '--quiet', '--dir', directory], { ...endpoint(sink.url), OTEL_EXPORTER_OTLP_TIMEOUT: '1000', SPOOR_SHIP_INTERVAL: '50ms', OTEL_LOG_LEVEL: 'none' });
  await until(() => sink.spans.length === 5);
  const [first, second] = sink.asked.filter(({ path }) => path === '/v1/traces');
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(1_900);
  const more = leave(directory, 3);
  await until(() => sink.spans.length === 8);
  const last = leave(directory, 2);
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
  expect(sink.spans).toEqual([...ids, ...more.ids, ...last.ids]);
  expect(sink.values.get(TOOL)).toBe(10);
});

test('a clock that jumps, back and forth: everything arrives, points stay in their order', async () => {
  const directory = temporaryDirectory();
  // Of a process that lives: the numbers of one that is gone could not come after its spans, as they do here.
  const written = leave(directory, 2, { pid: process.pid }).ids;
  const sink = await backend();
  const child = start(['--require', program('jumping-clock.cjs'), CLI, 'ship', '--watch', '--quiet', '--dir', directory], { ...endpoint(sink.url), SPOOR_SHIP_INTERVAL: '50ms', OTEL_METRIC_EXPORT_INTERVAL: '100' });
  const begun = performance.now();
  while (performance.now() - begun < 1_800) {
    written.push(...leave(directory, 1, { pid: process.pid }).ids);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await until(() => sink.values.get(TOOL) === written.length && sink.spans.length === written.length);
  child.kill('SIGTERM');
  await ended(child);
  expect(sink.spans).toEqual(written);
  expect(sink.outOfOrder).toEqual([]);
});

describe.runIf(existsSync('/bin/sh'))('a full disk', () => {
  test('what is there is sent all the same; it is said that it cannot be noted down', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 5);
    const sink = await backend();
    const full = await run('/bin/sh', ['-c', `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`, process.execPath, CLI, 'ship', '--dir', directory], { env: endpoint(sink.url) });
    expect(full.stderr).toContain('cannot be noted down');
    expect(sink.spans).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(5);
    await shipHere(directory, sink.url);
    expect([...new Set(sink.spans)]).toEqual(ids);
    expect(sink.values.get(TOOL)).toBe(5);
  });
});

describe('wrong TLS: one clear message, the data is kept', () => {
  test('https to a plain port, and a certificate that nobody vouches for', async () => {
    const directory = temporaryDirectory();
    leave(directory, 5);
    const plain = await backend();
    const urls = [plain.url.replace('http:', 'https:')];
    const pem = join(temporaryDirectory(), 'cert.pem');
    if (spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-keyout', pem, '-out', `${pem}.crt`]).status === 0) {
      const server = createTlsServer({ key: readFileSync(pem), cert: readFileSync(`${pem}.crt`) });
      const tls = await listening(server, () => undefined, 0, 'https');
      urls.push(tls.url);
    }
    for (const url of urls) {
      const { code, stderr } = await ship(directory, url);
      expect(code).toBe(1);
      expect(stderr.split('\n').filter((line) => line.includes('spans cannot be sent'))).toEqual([expect.stringContaining('TLS connection failed')]);
    }
    await shipHere(directory, plain.url);
    expect(plain.spans).toHaveLength(5);
  });

  test('http to a TLS port, as Go answers', async () => {
    const directory = temporaryDirectory();
    leave(directory, 5);
    const sink = await backend(() => ({ status: 400, body: 'Client sent an HTTP request to an HTTPS server.' }));
    const { code, stderr } = await ship(directory, sink.url);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('should the endpoint begin with https://?') });
    sink.answer = () => undefined;
    await shipHere(directory, sink.url);
    expect(sink.spans).toHaveLength(5);
  });
});

describe('spoor run', () => {
  const COMMAND = ['--', process.execPath, '-e', `for (let i = 0; i < 3; i++) require('node:child_process').spawnSync('true'); process.exit(4)`];

  test('sends everything before it ends', async () => {
    const directory = temporaryDirectory();
    const sink = await backend();
    const { code, stderr } = await run(process.execPath, [CLI, 'run', '--dir', directory, ...COMMAND], { env: endpoint(sink.url) });
    expect(code).toBe(4);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('not sent');
    expect(sink.spans).toHaveLength(4);
    expect(left(directory)).toBe(0);
  });

  test('says what is left, and how to send it', async () => {
    const directory = temporaryDirectory();
    const { code, stderr } = await run(process.execPath, [CLI, 'run', '--dir', directory, ...COMMAND], { env: endpoint(`http://127.0.0.1:${await deadPort()}`) });
    expect(code).toBe(4);
    expect(stderr).toMatch(/[\d.]+ (bytes|kB) not sent yet \(.*ECONNREFUSED.*\): `spoor ship` sends it/);
  });
});

test('a single send counts what a killed process had in memory, though nobody has heard of it before', async () => {
  const directory = temporaryDirectory();
  leave(directory, 7, { final: false, numbers: false });
  const sink = await backend();
  await shipHere(directory, sink.url);
  expect(sink.values.get(TOOL)).toBe(7);
});
