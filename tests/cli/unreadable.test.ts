/** A directory that cannot be read, of another user's or none at all, is not taken for one without anything in it. */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Writer } from '../report/fixture.ts';
import { CLI, run, temporaryDirectory, type Result } from '../support/program.ts';

const OTHER = 65_534;
const isRoot = process.getuid?.() === 0;
const isFor = (mode: number, path: string): boolean => (statSync(path).mode & mode) === mode;
/** Whether another user gets at the package: root's checkouts may be root's alone. */
const isReachable = (path: string): boolean => isFor(0o001, path) && (path === '/' || isReachable(dirname(path)));

/** As somebody who may not read what is closed to all but its owner. */
function cli(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> {
  return run(process.execPath, [CLI, ...args], { env, cwd: '/', ...(isRoot && { uid: OTHER, gid: OTHER }) });
}

/** A directory with a spawn that has ended, and one that has not. */
function recorded(): string {
  const directory = join(temporaryDirectory(), '.spoor');
  chmodSync(dirname(directory), 0o755);
  const writer = new Writer(directory, 'a');
  for (const span of [1, 2]) writer.start({ span, name: 'git' });
  writer.end({ span: 1, name: 'git' });
  writer.delta({ final: true });
  mkdirSync(join(directory, 'open'));
  writeFileSync(join(directory, 'telemetry.json'), '{}');
  return directory;
}

function close(path: string): void {
  chmodSync(path, isRoot ? 0o700 : 0);
  onTestFinished(() => void (existsSync(path) && chmodSync(path, 0o700)));
}

const TO = ['--to', 'dir:/tmp/spoor-test-nowhere'];
const READERS = [['report'], ['report', '--json'], ['report', '--kind', 'selector'], ['report', '--kind', 'export'], ['traces'], ['traces', 'abc'], ['spawn', 'list'], ['export', '--from', 'rollups', ...TO], ['export', '--from', 'traces', ...TO], ['export', '--from', 'ledger', ...TO], ['ship']].map((args) => [args]);
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };

test.each(READERS)('a file in its place: spoor %j', async (args) => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  chmodSync(dirname(file), 0o755);
  expect(await run(process.execPath, [CLI, ...args, '--dir', file], { env: ENDPOINT })).toMatchObject({ code: 1, stdout: '', stderr: `spoor: ${file} cannot be read: it is no folder\n` });
});

test.each([
  ['traces', ['report']],
  ['rollups', ['report']],
  ['starts', ['report']],
  ['traces', ['traces']],
  ['traces', ['export', '--from', 'traces', ...TO]],
  ['rollups', ['export', '--from', 'rollups', ...TO]],
  ['traces', ['ship']],
  ['open', ['spawn', 'list']],
])('a file in the place of %s/: spoor %j', async (name, args) => {
  const directory = recorded();
  rmSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, name), '');
  const { code, stderr } = await run(process.execPath, [CLI, ...args, '--dir', directory], { env: ENDPOINT });
  expect([code, stderr]).toEqual([1, `spoor: ${join(directory, name)} cannot be read: it is no folder\n`]);
});

test('a directory in which it cannot be noted who sends: spoor ship says so', async () => {
  const directory = recorded();
  writeFileSync(join(directory, 'ship'), '');
  const { code, stderr } = await run(process.execPath, [CLI, 'ship', '--dir', directory], { env: ENDPOINT });
  expect([code, stderr]).toEqual([1, expect.stringMatching(new RegExp(`^spoor: ship: nothing can be sent from ${directory}: .*cannot be written \\(E`))]);
});

test('a run whose directory is no folder, with an endpoint: it says so, and ends as its command did', async () => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  const { code, stdout, stderr } = await run(process.execPath, [CLI, 'run', '--dir', file, '--', 'sh', '-c', 'echo out; exit 3'], { env: ENDPOINT });
  expect([code, stdout]).toEqual([3, 'out\n']);
  expect(stderr).toMatch(/^spoor: sh exit 3 in .*(?:none|not all) of it could be kept in .*ENOTDIR/m);
});

describe.runIf(process.platform === 'linux' && (!isRoot || (isReachable(CLI) && isReachable(process.execPath))))('closed to this user', () => {
  const said = isRoot ? `EACCES (it belongs to another user, uid 0; this is uid ${OTHER})` : 'EACCES';

  test.each(READERS)('spoor %j', async (args) => {
    const directory = recorded();
    close(directory);
    expect(await cli([...args, '--dir', directory], ENDPOINT)).toMatchObject({ code: 1, stdout: '', stderr: `spoor: ${directory} cannot be read: ${said}\n` });
  });

  test('one signal of it: what has ended is not shown as abandoned', async () => {
    const directory = recorded();
    chmodSync(directory, 0o755);
    for (const signal of readdirSync(directory)) chmodSync(join(directory, signal), 0o755);
    close(join(directory, 'traces'));
    expect(await cli(['report', '--dir', directory])).toMatchObject({ code: 1, stdout: '', stderr: `spoor: ${join(directory, 'traces')} cannot be read: ${said}\n` });
  });

  test('one day of it: it is set aside, and the others are read', async () => {
    const directory = recorded();
    chmodSync(directory, 0o755);
    const day = join(directory, 'rollups', readdirSync(join(directory, 'rollups'))[0]!);
    for (const signal of ['rollups', 'starts', 'traces']) for (const path of ['', ...readdirSync(join(directory, signal))]) chmodSync(join(directory, signal, path), 0o755);
    close(day);
    const { code, stdout } = await cli(['report', '--json', '--dir', directory]);
    expect([code, JSON.parse(stdout).set_aside]).toEqual([0, [{ file: day.slice(directory.length + 1), because: 'EACCES' }]]);
    // Of a day outside of the window nothing would have been read.
    renameSync(day, join(dirname(day), '2026-01-01'));
    close(join(dirname(day), '2026-01-01'));
    expect(JSON.parse((await cli(['report', '--json', '--dir', directory])).stdout).set_aside).toEqual([]);
  });

  test('a folder below one that is published: it is said, and that not all has landed', async () => {
    const folder = temporaryDirectory();
    chmodSync(folder, 0o777);
    for (const name of ['closed', 'open']) {
      mkdirSync(join(folder, 'dist', name), { recursive: true, mode: 0o755 });
      writeFileSync(join(folder, 'dist', name, 'a.txt'), name, { mode: 0o644 });
    }
    close(join(folder, 'dist/closed'));
    const publish = (require: string) => cli(['export', join(folder, 'dist'), '--to', `dir:${folder}/out`, '--json', '--require', require], { SPOOR_DIR: join(folder, '.spoor') });
    const said = `spoor: ${join(folder, 'dist/closed').slice(1)}: it cannot be listed (EACCES); what is in it is left out\n`;
    const { code, stdout, stderr } = await publish('all');
    expect([code, JSON.parse(stdout).artifacts.map(({ name }: { name: string }) => name), stderr]).toEqual([1, ['open/a.txt'], `${said}spoor: --require all: not every artifact landed in every chain\n`]);
    expect(await publish('none')).toMatchObject({ code: 0, stderr: said });
  });

  test('a run there, with an endpoint: it says what is not kept nor sent, and ends as its command did', async () => {
    const directory = recorded();
    close(directory);
    const { code, stdout, stderr } = await cli(['run', '--dir', directory, '--', 'sh', '-c', 'echo out; exit 3'], ENDPOINT);
    expect([code, stdout]).toEqual([3, 'out\n']);
    expect(stderr).toMatch(/^spoor: sh exit 3 in .*(?:none|not all) of it could be kept in .*EACCES.*not sent: EACCES: permission denied/m);
  });
});
