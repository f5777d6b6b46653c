import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer as createTlsServer } from 'node:https';
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { shipStatus } from '../../src/ship/status.ts';
import { runUntilReady } from '../support/ended.ts';
import { cleanEnvironment, CLI, REGISTER, ROOT, run, runRegistered, spans, temporaryDirectory } from '../support/program.ts';
import { backend, deadPort, listening, type Backend } from './backend.ts';
import { dropped, leave, left, ship, shipHere, TOOL, until } from './directory.ts';

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
      const result = await runUntilReady([program('ends.cjs'), how], { env: { SPOOR_DIR: directory, SPOOR_EXIT_TIMEOUT: '500ms', ...endpoint(url) } });
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

test.runIf(spawnSync('unshare', ['--fork', '--pid', '--mount-proc', 'true']).status === 0)('a sender in another container of the pod, where the pids of the app mean nothing: each operation counts once', async () => {
  const directory = temporaryDirectory();
  const sink = await backend();
  // Its spans are written at once, its numbers only at the end.
  const app = start(['--require', REGISTER, '-e', `for (let i = 0; i < 3; i++) require('node:child_process').spawnSync('true'); console.log('ready'); setInterval(() => {}, 1000); process.once('SIGTERM', () => process.exit());`], { SPOOR_DIR: directory, SPOOR_FLUSH_INTERVAL: '1h' });
  await new Promise((resolve) => app.stdout!.once('data', resolve));
  const elsewhere = (): Promise<unknown> => run('unshare', ['--fork', '--pid', '--mount-proc', process.execPath, CLI, 'ship', '--dir', directory], { env: endpoint(sink.url) });
  await elsewhere();
  expect(sink.spans).toHaveLength(3);
  app.kill('SIGTERM');
  await ended(app);
  await elsewhere();
  expect(spawned(sink, 'true')).toBe(3);
});

describe('two shippers', () => {
  test('at once: each line is sent once', async () => {
    const directory = temporaryDirectory();
    const { ids } = leave(directory, 400);
    const sink = await backend();
    const env = { SPOOR_SHIP_REQUEST_SIZE: '20KB' };
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
    const child = start([CLI, 'ship', '--dir', directory], { SPOOR_SHIP_REQUEST_SIZE: '20KB', ...endpoint(sink.url) });
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

test('spoor ship --watch ends soon after SIGTERM, whatever the backend does', async () => {
  const directory = temporaryDirectory();
  leave(directory, 5);
  const sink = await backend(() => 'hang');
  const child = start([CLI, 'ship', '--watch', '--quiet', '--dir', directory], { ...endpoint(sink.url), OTEL_EXPORTER_OTLP_TIMEOUT: '60000', SPOOR_EXIT_TIMEOUT: '200ms' });
  await until(() => sink.asked.length > 0);
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
}, 30_000);

test('a directory that is moved away, and back, while it is sent from: no number is sent twice', async () => {
  const parent = temporaryDirectory();
  const directory = join(parent, 'here');
  leave(directory, 5);
  const sink = await backend();
  const child = start([CLI, 'ship', '--watch', '--quiet', '--dir', directory], { ...endpoint(sink.url), SPOOR_SHIP_INTERVAL: '50ms', OTEL_METRIC_EXPORT_INTERVAL: '100', OTEL_LOG_LEVEL: 'none' });
  await until(() => sink.values.get(TOOL) === 5);
  renameSync(directory, join(parent, 'away'));
  leave(directory, 2);
  await until(() => sink.values.get(TOOL) === 2);
  // Or it would make a third one in between.
  child.kill('SIGSTOP');
  renameSync(directory, join(parent, 'made'));
  renameSync(join(parent, 'away'), directory);
  child.kill('SIGCONT');
  const { ids } = leave(directory, 1);
  await until(() => sink.spans.includes(ids[0]!));
  child.kill('SIGTERM');
  await ended(child);
  expect(sink.values.get(TOOL)).toBe(6);
});

test('what is deleted before it was sent is counted', async () => {
  const directory = temporaryDirectory();
  const { tracePath } = leave(directory, 5, { at: Date.now() - 3 * 3_600_000 });
  const bytes = readFileSync(tracePath).length;
  const sink = await backend(({ path }) => (path === '/v1/traces' ? { status: 500 } : undefined));
  const child = start([CLI, 'ship', '--watch', '--quiet', '--dir', directory], { ...endpoint(sink.url), SPOOR_SHIP_INTERVAL: '50ms', OTEL_METRIC_EXPORT_INTERVAL: '100', OTEL_LOG_LEVEL: 'none' });
  await until(() => shipStatus(directory).traces.last?.trouble !== undefined);
  rmSync(tracePath);
  sink.answer = () => undefined;
  await until(() => sink.values.has(dropped('ship_size')));
  child.kill('SIGTERM');
  await ended(child);
  expect(sink.spans).toEqual([]);
  expect(sink.values.get(dropped('ship_size'))).toBe(Math.ceil(bytes / 1000));
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

const isFakeable = spawnSync('unshare', ['-m', 'mount', '--bind', '/etc/hostname', '/proc/stat']).status === 0;
test.runIf(isFakeable)('the clock is set forward: a process that runs is not taken for gone, and nothing is counted twice', async () => {
  const directory = temporaryDirectory();
  const sink = await backend();
  // What it did last is in its spans only, until it goes on.
  const waits = `for (let i = 0; i < 5; i++) require('node:child_process').execFileSync('true');
    require('node:fs').writeFileSync('ready', '');
    while (!require('node:fs').existsSync('go')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);`;
  const script = `cd "$1"
    SPOOR_DIR=here "$2" --require "$3" -e "$5" & p=$!
    until [ -e ready ]; do sleep 0.05; done
    awk '/^btime/ { print "btime", $2 + 10; next } { print }' /proc/stat > stat; mount --bind stat /proc/stat
    export OTEL_EXPORTER_OTLP_ENDPOINT="$6"; "$2" "$4" ship --dir here; touch go; wait $p; "$2" "$4" ship --dir here`;
  const { code, stderr } = await run('unshare', ['-m', 'sh', '-ec', script, 'sh', directory, process.execPath, REGISTER, CLI, waits, sink.url]);
  expect(code, stderr).toBe(0);
  expect(sink.spans).toHaveLength(5);
  expect(sink.values.get('spoor.spawn.duration execFileSync true')).toBe(5);
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

  test('spoor run does not send again and again what it cannot note down', async () => {
    const directory = temporaryDirectory();
    leave(directory, 5);
    const sink = await backend();
    const full = await run('/bin/sh', ['-c', `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`, process.execPath, CLI, 'run', '--dir', directory, '--', 'true'], { env: endpoint(sink.url) });
    expect(full).toMatchObject({ code: 0, stderr: expect.stringContaining('not sent yet') });
    // By the run itself, and by the one pass after it.
    expect(sink.asked.filter(({ path }) => path === '/v1/traces').length).toBeLessThan(6);
  });

  const mounts = ['-m', 'sh', '-ec'];
  test.runIf(spawnSync('unshare', [...mounts, 'mount -t tmpfs tmpfs /tmp']).status === 0)('when the directory is made: it is sent from as soon as there is room', async () => {
    const directory = temporaryDirectory();
    const sink = await backend();
    const script = `mount -t tmpfs -o size=256k tmpfs "$1"; cd "$1"; head -c 1m /dev/zero > pad || true; once() { SPOOR_DIR=here "$2" --require "$3" -e "require('node:child_process').spawnSync('true')"; }; once "$@"; rm pad; once "$@"; "$2" "$4" ship --dir here`;
    const { code, stderr } = await run('unshare', [...mounts, script, 'sh', directory, process.execPath, REGISTER, CLI], { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${sink.url}/v1/traces`, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${sink.url}/v1/metrics`, OTEL_LOG_LEVEL: 'none' } });
    expect(code, stderr).toBe(0);
    expect(sink.spans).toHaveLength(1);
    expect(spawned(sink, 'true')).toBe(1);
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
    for (const [index, url] of urls.entries()) {
      const { code, stderr } = await ship(directory, url);
      expect(code).toBe(1);
      const [said, ...more] = stderr.split('\n').filter((line) => line.includes('spans cannot be sent'));
      expect([said, more]).toEqual([expect.stringContaining('TLS connection failed'), []]);
      expect(said!.includes('should the endpoint begin with http://?')).toBe(index === 0);
    }
    await shipHere(directory, plain.url);
    expect(plain.spans).toHaveLength(5);
  });

  test.each([
    ['a file of certificates that is not there', { OTEL_EXPORTER_OTLP_CERTIFICATE: 'nowhere.pem' }, /the file that OTEL_EXPORTER_OTLP_CERTIFICATE names cannot be read: .*nowhere\.pem/],
    ['the same for one signal, of a key', { OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: 'nowhere.pem' }, /the file that OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY names cannot be read: .*nowhere\.pem/],
    ['a key that is none', { OTEL_EXPORTER_OTLP_CLIENT_KEY: CLI, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: CLI }, /the TLS connection failed: ERR_OSSL/],
  ])('%s', async (_, env, said) => {
    const directory = temporaryDirectory();
    leave(directory, 1);
    const { code, stderr } = await ship(directory, `https://127.0.0.1:${await deadPort()}`, { env });
    expect(code).toBe(1);
    expect(stderr.split('\n').filter((line) => line.includes('spans cannot be sent'))).toEqual([expect.stringMatching(said)]);
    expect(stderr).not.toMatch(/spans .* sent later/);
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

describe('wrong settings that are no trouble of the network', () => {
  test('the port for gRPC', async () => {
    const directory = temporaryDirectory();
    leave(directory, 1);
    const server = createHttp2Server();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { code, stderr } = await ship(directory, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/is it a port for gRPC\? .*4318.* until the OTEL_EXPORTER_OTLP_\* settings/) });
  });

  test('a token with a line break', async () => {
    const directory = temporaryDirectory();
    leave(directory, 1);
    const sink = await backend();
    const { code, stderr } = await ship(directory, sink.url, { env: { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter2%0A' } });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/ERR_INVALID_CHAR.* in OTEL_EXPORTER_OTLP_HEADERS\?.* until the/) });
    expect(stderr).not.toContain('hunter2');
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

  test('sends what its own thread had no time for, and its time is the command’s', async () => {
    const [directory, other] = [temporaryDirectory(), temporaryDirectory()];
    const sink = await backend();
    const { stderr } = await run(process.execPath, [CLI, 'run', '--dir', directory, ...COMMAND], { env: { ...endpoint(sink.url), SPOOR_EXIT_TIMEOUT: '0' } });
    expect(stderr).not.toContain('not sent');
    expect([...new Set(sink.spans)]).toHaveLength(4);
    sink.answer = () => 'hang';
    const slow = await run(process.execPath, [CLI, 'run', '--json', '--dir', other, ...COMMAND], { env: { ...endpoint(sink.url), OTEL_EXPORTER_OTLP_TIMEOUT: '60000', SPOOR_EXIT_TIMEOUT: '1s', SPOOR_SHIP_WAIT: '2s' } });
    const { seconds, unsent, trace_id } = JSON.parse(slow.stderr.trim().split('\n').at(-1)!);
    expect(unsent).toMatch(/ not sent yet \(not all was taken within 2\.00 s\): `spoor ship` sends it$/);
    const root = spans(other).find(({ traceId, parentSpanId }) => traceId === trace_id && !parentSpanId)!;
    expect(Math.abs(seconds - Number(root.end - root.start) / 1e9)).toBeLessThan(1);
  });

  test('does not wait for the end of a line that nobody will finish', async () => {
    const directory = temporaryDirectory();
    const { tracePath } = leave(directory, 1);
    appendFileSync(tracePath, '{"resourceSpans":[{"resource":{"attr');
    const sink = await backend();
    // Without spans of its own, whose lines would end the half one.
    const { code, stderr } = await run(process.execPath, [CLI, 'run', '--dir', directory, '--', 'true'], { env: { ...endpoint(sink.url), OTEL_TRACES_SAMPLER: 'always_off' } });
    expect(code).toBe(0);
    expect(stderr).not.toContain('not sent');
    expect(sink.asked.filter(({ path }) => path === '/v1/traces')).toHaveLength(1);
    const { stderr: said, code: sent } = await ship(directory, sink.url);
    expect({ sent, said }).toEqual({ sent: 0, said: expect.stringContaining('sent 0 lines') });
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
