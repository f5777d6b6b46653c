/** `spoor doctor` before real programs, backends and folders, well and not. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkVariables } from '../../src/cli/doctor/variables.ts';
import { CLI, cleanEnvironment, REGISTER, ROOT, run, runRegistered, temporaryDirectory } from '../support/program.ts';

interface Report {
  readonly healthy: boolean;
  readonly checks: readonly { readonly name: string; readonly state: string; readonly says: string; readonly advice?: string; readonly facts: Record<string, any> }[];
}

async function doctor(directory: string, env: NodeJS.ProcessEnv = {}, cwd = temporaryDirectory()): Promise<{ code: number | null; report: Report; check: (name: string) => Report['checks'][number] | undefined }> {
  const { code, stdout, stderr } = await run(process.execPath, [CLI, 'doctor', '--json', '--dir', directory], { cwd, env });
  expect(stderr).toBe('');
  expect(stdout).not.toMatch(/"[a-z]+[A-Z]\w*":/);
  const report = JSON.parse(stdout) as Report;
  return { code, report, check: (name) => report.checks.find((one) => one.name === name) };
}

/** A backend that takes everything, with a clock of its own. */
async function backend(ahead = 0): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json', date: new Date(Date.now() + ahead).toUTCString() }).end('{}'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Where nobody listens. */
async function deadEndpoint(): Promise<string> {
  const { url, server } = await backend();
  server.close();
  await once(server, 'close');
  return url;
}

test('a fresh folder: nothing is wrong, and it says how to begin', async () => {
  const folder = temporaryDirectory();
  const { code, report, check } = await doctor(join(folder, '.spoor'));
  expect([code, report.healthy]).toEqual([0, true]);
  expect(check('versions')!.says).toContain(process.versions.node);
  expect(check('packages')!.state).toBe('ok');
  expect(check('instrumentation')).toMatchObject({ state: 'note', facts: { works: true, preloaded: false } });
  expect(check('instrumentation')!.says).toContain('instrumenting child_process, worker_threads');
  expect(check('recorded')!.says).toContain('nothing has been recorded');
  expect(check('endpoint')!.state).toBe('note');
  expect([check('writing')!.state, readdirSync(folder)]).toEqual(['ok', []]);
});

describe('where nothing can be written', () => {
  test('below a file, and where nobody may make anything', async () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    for (const directory of [join(file, '.spoor'), ...(process.platform === 'linux' ? ['/proc/.spoor'] : [])]) {
      const { code, check } = await doctor(directory);
      expect([code, check('writing')]).toMatchObject([1, { state: 'problem', facts: { path: dirname(directory) } }]);
    }
  });

  const NAMESPACE = ['-rm', '/bin/sh', '-c'];
  test.runIf(process.platform === 'linux' && spawnSync('unshare', [...NAMESPACE, 'mount -t tmpfs none /mnt']).status === 0)('a full disk, and a read-only one; with room for it nothing is left behind', async () => {
    const disk = temporaryDirectory();
    const folder = join(disk, '.spoor');
    const script = `mount -t tmpfs -o size=64k none "$1" && mkdir "$2" && for step in ':' 'head -c 65536 /dev/zero > "$1/full" 2>/dev/null; :' 'rm "$1/full"; mount -o remount,ro "$1"'; do
      eval "$step"; "$0" "$3" doctor --json --dir "$2" | tr -d '\n'; ls -A "$2"; echo; done`;
    const { stdout } = await run('unshare', [...NAMESPACE, script, process.execPath, disk, folder, CLI], { cwd: temporaryDirectory() });
    const said = stdout.trim().split('\n').map((line) => (JSON.parse(line) as Report).checks.find(({ name }) => name === 'writing')!);
    expect(said).toMatchObject([
      { state: 'ok', says: `files are written to ${folder}` },
      { state: 'problem', says: expect.stringContaining(`${folder} cannot be written: ENOSPC`) },
      { state: 'problem', says: expect.stringContaining(`${folder} cannot be written: EROFS`) },
    ]);
  });

  test('one check that cannot be made hides no other', async () => {
    const { code, check } = await doctor(temporaryDirectory(), { TMPDIR: join(temporaryDirectory(), 'nowhere') });
    expect([code, check('instrumentation')!.state, check('writing')!.state, check('recorded')!.state]).toEqual([1, 'problem', 'ok', 'note']);
  });

  test('an identity that is none', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'id'), 'x\n');
    const { code, check } = await doctor(directory);
    expect([code, check('identity')!.state, check('identity')!.facts.path]).toEqual([0, 'note', join(directory, 'id')]);
  });
});

test('whether programs are instrumented, found out by starting one', async () => {
  const directory = temporaryDirectory();
  expect((await doctor(directory, { NODE_OPTIONS: `--require ${JSON.stringify(REGISTER)}` })).check('instrumentation')).toMatchObject({ state: 'ok', facts: { works: true, preloaded: true } });
  const off = await doctor(directory, { OTEL_SDK_DISABLED: 'true' });
  expect([off.code, off.check('instrumentation')!.state]).toEqual([1, 'problem']);
});

test('copies of packages that should be there once', async () => {
  const project = temporaryDirectory();
  const install = (path: string, version: string): void => {
    mkdirSync(join(project, path), { recursive: true });
    writeFileSync(join(project, path, 'package.json'), JSON.stringify({ version }));
  };
  install('node_modules/@opentelemetry/api', '1.9.1');
  install('node_modules/@opentelemetry/core', '2.12.0');
  install('node_modules/some-app/node_modules/@opentelemetry/api', '1.4.0');
  const { code, check } = await doctor(temporaryDirectory(), {}, project);
  expect(code).toBe(0);
  expect(check('packages')).toMatchObject({ state: 'note', facts: { duplicates: ['@opentelemetry/api'] } });
  expect(check('packages')!.says).toContain('1.4.0 in node_modules/some-app/node_modules/@opentelemetry/api');
});

test('a bad setting is named', async () => {
  const { code, check } = await doctor(temporaryDirectory(), { SPOOR_MAX_SERIES: 'many' });
  expect([code, check('configuration')!.state]).toEqual([1, 'problem']);
  expect(check('configuration')!.says).toContain('SPOOR_MAX_SERIES');
});

test('settings that leave nothing are a problem, in the words of a program that records', async () => {
  const { code, check } = await doctor(temporaryDirectory(), { SPOOR_FILES: 'false' });
  const program = await runRegistered(temporaryDirectory(), ['-e', "require('node:child_process').spawnSync('true')"], { env: { SPOOR_FILES: 'false' } });
  expect([code, check('writing')!.state, `spoor: configuration: ${check('writing')!.says}\n`]).toEqual([1, 'problem', program.stderr]);
  expect(check('endpoint')!.says).toBe('no OTLP endpoint is set');
  const sent = await doctor(temporaryDirectory(), { SPOOR_FILES: 'false', OTEL_EXPORTER_OTLP_ENDPOINT: (await backend()).url });
  expect([sent.code, sent.check('writing')!.state]).toEqual([0, 'ok']);
});

test('a variable that is no setting is noted, with the one that it may be meant for', async () => {
  const { code, report } = await doctor(temporaryDirectory(), { SPOOR_MAX_DEPHT: '3', SPOOR_HOUSE_RULES: 'strict', SPOOR_DEPTH: '1' });
  const noted = report.checks.filter(({ name }) => name === 'variable');
  expect([code, noted.map(({ state, says }) => [state, says]).sort()]).toEqual([0, [['note', 'SPOOR_HOUSE_RULES is no setting'], ['note', 'SPOOR_MAX_DEPHT is no setting (SPOOR_MAX_DEPTH?)']]]);
});

test('no variable that the code names is noted', () => {
  const code = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(ROOT, 'src', name), 'utf8')).join();
  const names = code.match(/\bSPOOR_[A-Z]\w+/g)!;
  expect(names).toContain('SPOOR_EXPORT_RUN');
  expect(checkVariables(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
});

test('a backend that answers, one that does not, and one whose clock differs', async () => {
  const directory = temporaryDirectory();
  const well = await doctor(directory, { OTEL_EXPORTER_OTLP_ENDPOINT: (await backend()).url });
  expect([well.code, well.check('collector.traces')!.state, well.check('collector.metrics')!.state, well.check('clock')!.state]).toEqual([0, 'ok', 'ok', 'ok']);
  const dead = await doctor(directory, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${await deadEndpoint()}/v1/traces` });
  expect([dead.code, dead.check('collector.traces')!.state, dead.check('collector.metrics'), dead.check('clock')]).toEqual([1, 'problem', undefined, undefined]);
  expect(dead.check('collector.traces')!.says).toContain('ECONNREFUSED');
  const late = await doctor(directory, { OTEL_EXPORTER_OTLP_ENDPOINT: (await backend(-3_600_000)).url });
  expect([late.code, late.check('clock')!.state]).toEqual([1, 'problem']);
  expect(late.check('clock')!.says).toMatch(/3600 s behind ours|3599 s behind ours/);
});

test('what is unsent, what the last send said, and who sends', async () => {
  const directory = temporaryDirectory();
  const endpoint = await deadEndpoint();
  await runRegistered(directory, ['-e', "require('node:child_process').spawnSync('true')"], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
  const before = await doctor(directory, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  expect(before.code).toBe(1);
  expect(before.check('unsent.traces')!.facts.unsent_bytes).toBeGreaterThan(300);
  expect(Date.now() - Date.parse(before.check('unsent.traces')!.facts.unsent_since)).toBeLessThan(600_000);
  expect(before.check('last.traces')!.says).toContain('ECONNREFUSED');
  expect(before.check('lease')!.facts.held).toBe(false);
  expect(before.check('state.metrics')).toBeUndefined();
  const state = join(directory, 'ship/metrics.json');
  const content = readFileSync(state);
  writeFileSync(state, '{"version":1');
  expect((await doctor(directory, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).check('state.metrics')).toMatchObject({ state: 'problem', says: `${state} is corrupt: who sends next sets it aside, and the totals begin anew from what is in the files; backends see it as a restart of the counters` });
  writeFileSync(state, content);

  const { url } = await backend();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url };
  const watching = spawn(process.execPath, [CLI, 'ship', '--watch', '--dir', directory], { env: { ...cleanEnvironment(), ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(() => void watching.kill());
  await once(watching.stderr, 'data');
  let after = await doctor(directory, env);
  while (after.check('unsent.traces')!.facts.unsent_bytes > 0 || after.check('unsent.metrics')!.facts.unsent_bytes > 0) after = await doctor(directory, env);
  expect(after.code).toBe(0);
  expect(after.check('lease')!.facts).toMatchObject({ held: true, pid: watching.pid });
  expect(after.check('last.traces')!.state).toBe('ok');
  const stopped = once(watching, 'exit');
  watching.kill();
  await stopped;
});

test('for a person: a line a check, and the sum', async () => {
  const { code, stdout } = await run(process.execPath, [CLI, 'doctor', '--dir', temporaryDirectory()], { cwd: temporaryDirectory() });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok +spoor \S+ on Node/m);
  expect(stdout.trimEnd().endsWith('Nothing is wrong.')).toBe(true);
});
