/** Artifacts given to programs: what they are called with, how they end, and what starts the next in the chain. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type ManifestResult, type PublishOptions, exports } from '../../src/exports/exports.ts';
import { runCommand } from '../../src/exports/run-command.ts';
import { ROOT, runRegistered, temporaryDirectory } from '../support/program.ts';

process.env.OTEL_LOG_LEVEL = 'none';

type Argv = readonly [string, ...string[]];
const node = (body: string, ...args: string[]): Argv => [process.execPath, '-e', body, ...args];

/** Gives one artifact to a command, with a folder as the fallback; what came of both. */
async function give(argv: Argv, options: Partial<PublishOptions> & { artifact?: { name: string; content: string } } = {}): Promise<{ cwd: string; first: ManifestResult; second: ManifestResult | undefined }> {
  const cwd = options.cwd ?? temporaryDirectory();
  const { artifact = { name: 'sub/a.txt', content: 'hello' }, ...rest } = options;
  const { manifest } = await exports.publish([artifact], { to: 'command:c,dir:out', commands: { c: argv }, manifest: 'run/manifest.json', ...rest, cwd });
  const [first, second] = manifest.artifacts[0]!.results;
  return { cwd, first: first!, second };
}

test('it is called with the artifact, without a shell, within the trace', async () => {
  const body = 'const [out, path, ...rest] = process.argv.slice(1); const fs = require("fs"); fs.writeFileSync(out, JSON.stringify({ rest, content: fs.readFileSync(path, "utf8"), run: process.env.SPOOR_EXPORT_RUN, cwd: process.cwd() })); console.log("said")';
  const out = join(temporaryDirectory(), 'out.json');
  const { cwd, first, second } = await give(node(body, out, '{path}', '{name}', '{basename}:{size}', '{sha256}', '{{name}}', '$HOME; `x`', '{mediaType} {type}'));
  expect(first).toMatchObject({ writer: 'command', target: 'command:c', status: 'written', exitCode: 0, bytes: 6, output: 'said\n' });
  expect(second).toBeUndefined();
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({
    rest: ['sub/a.txt', 'a.txt:6', '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03', '{name}', '$HOME; `x`', 'text/plain file'],
    content: 'hello\n', run: join(cwd, 'run'), cwd,
  });
});

test.each([
  ['no such program', ['no-such-program-here', '{path}'], { status: 'skipped', skippedReason: 'command_not_found', exitCode: 127 }],
  ['a shell that says 127', ['sh', '-c', 'no-such-program-here'], { status: 'skipped', skippedReason: 'command_not_found', exitCode: 127 }],
  ['another exit code', ['sh', '-c', 'echo why >&2; exit 3'], { status: 'failed', errorCode: 'exit_code', exitCode: 3, output: 'why\n' }],
  ['a signal', ['sh', '-c', 'kill -9 $$'], { status: 'failed', errorCode: 'signal:SIGKILL' }],
  ['126', ['sh', '-c', 'exit 126'], { status: 'failed', errorCode: 'not_executable', exitCode: 126 }],
] as const)('%s: the next in the chain starts', async (_, argv, expected) => {
  const { first, second, cwd } = await give(argv);
  expect(first).toMatchObject(expected);
  expect(second).toMatchObject({ target: 'dir:out', status: 'written' });
  expect(readFileSync(join(cwd, 'out/sub/a.txt'), 'utf8')).toBe('hello\n');
});

test('a file that is not executable is 126; a working directory that is not there is no missing command', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'script'), '#!/bin/sh\n');
  expect((await give([join(cwd, 'script')], { cwd })).first).toMatchObject({ status: 'failed', errorCode: 'not_executable', exitCode: 126 });
  chmodSync(join(cwd, 'script'), 0o755);
  expect((await give([join(cwd, 'script')], { cwd })).first).toMatchObject({ status: 'written' });
  const nowhere = await runCommand(['true'], { cwd: join(cwd, 'nosuch'), env: { PATH: process.env.PATH! }, signal: new AbortController().signal });
  expect(nowhere).toMatchObject({ status: 'failed', errorCode: 'no_working_directory' });
});

test.each([
  ['one that ignores SIGTERM', 'trap "" TERM; sleep 300 & echo $$ $! > "$0"; wait; wait; wait', 'signal:SIGKILL'],
  ['one that ends, and leaves one that ignores it,', '(trap "" TERM; exec sleep 300) & echo $$ $! > "$0"; wait', 'signal:SIGTERM'],
])('%s is killed, with what it started', async (_, body, errorCode) => {
  const cwd = temporaryDirectory();
  const pids = join(cwd, 'pids');
  const controller = new AbortController();
  const running = runCommand(['sh', '-c', body, pids], { cwd, env: { PATH: process.env.PATH! }, signal: controller.signal, grace: 300 });
  await vi.waitFor(() => expect(existsSync(pids) && readFileSync(pids, 'utf8')).toMatch(/\d+ \d+\n/), { timeout: 10_000 });
  controller.abort();
  expect(await running).toMatchObject({ status: 'failed', errorCode });
  const alive = (pid: number): boolean => {
    try {
      // A zombie that nobody has reaped yet is no longer running.
      return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return false;
    }
  };
  await vi.waitFor(() => expect(readFileSync(pids, 'utf8').trim().split(' ').map(Number).filter(alive)).toEqual([]), { timeout: 10_000 });
});

test('many commands at once are no leak to the app', async () => {
  const program = `import { exports } from ${JSON.stringify(join(ROOT, 'dist/src/index.js'))};
    const many = Array.from({ length: 14 }, (_, i) => ({ name: String(i), content: '' }));
    const options = { to: 'command:c', commands: { c: ['sleep', '0.2'] }, concurrency: 14, signal: new AbortController().signal };
    for (const { allLanded } of await Promise.all([exports.publish(many, options), exports.publish(many, options)])) console.log(allLanded);`;
  const { stdout, stderr } = await runRegistered(temporaryDirectory(), ['--input-type=module', '-e', program]);
  expect([stdout, stderr]).toEqual(['true\ntrue\n', '']);
});

test('a command that takes too long fails as a timeout, and the next starts at once', async () => {
  const { first, second } = await give(['sleep', '300'], { timeout: 100 });
  expect([first.errorCode, second?.status]).toEqual(['timeout', 'written']);
});

test('what it says is kept at its end, bounded, also when what it started goes on', async () => {
  const { first } = await give(node('process.stdout.write("x".repeat(1e6) + "the end")'));
  expect([first.status, first.output!.length, first.output!.endsWith('the end')]).toEqual(['written', 4_096, true]);
  const { first: left } = await give(['sh', '-c', 'echo started; sleep 5 & exit 0']);
  expect(left).toMatchObject({ status: 'written', output: 'started\n' });
  expect(left.durationMs).toBeLessThan(4_000);
});

test('no part of a secret is in what is kept, wherever it is cut', async () => {
  const secret = 'hunter2-'.repeat(8);
  vi.stubEnv('DEPLOY_TOKEN', secret);
  // The same, and shorter: it is found after the longer one, which it is a part of.
  vi.stubEnv('OTHER_TOKEN', 'hunter2');
  const kept: string[] = [];
  for (const after of [4_096 - 40, 4_096, 4_096 + 40]) kept.push((await give(node('process.stdout.write("y".repeat(5000) + process.env.DEPLOY_TOKEN + "x".repeat(+process.argv[1]))', String(after)))).first.output!);
  vi.unstubAllEnvs();
  expect(kept.join()).toMatch(/^y{30}\[REDACTED\]x{4056},x{4096},x{4096}$/);
});

test('secrets that are not printed, or long, leave what a command says as it is', async () => {
  vi.stubEnv('LONG_TOKEN', 'e'.repeat(5_000));
  const { first } = await give(node('process.stdout.write("\u5931\u6557".repeat(2000) + process.env.LONG_TOKEN + "FATAL: permission denied"); process.exitCode = 3'));
  vi.unstubAllEnvs();
  expect(first.output).toMatch(/^\ufffd{0,2}[\u5931\u6557]{600,}\[REDACTED\]FATAL: permission denied$/);
});

test('a name that would be taken for an option, and a variable that is none', async () => {
  expect((await give(['true', '{name}'], { artifact: { name: '--delete', content: '' } })).first).toMatchObject({ status: 'failed', errorCode: 'unsafe_argument' });
  expect((await give(['true', './{name}'], { artifact: { name: '--delete', content: '' } })).first).toMatchObject({ status: 'written' });
  expect((await give(['true', '{pth}'])).first).toMatchObject({ status: 'failed', errorCode: 'bad_destination', error: expect.stringContaining('{path}, {name}') });
});

test('commands of the environment, as JSON or as a file; what is wrong with them is said without quoting them', async () => {
  const cwd = temporaryDirectory();
  mkdirSync(join(cwd, 'of'));
  const table = join(cwd, 'of/commands.json');
  const of = async (value: string): Promise<ManifestResult> => {
    vi.stubEnv('SPOOR_EXPORT_COMMANDS', value);
    const { manifest } = await exports.publish([{ name: 'a', content: '' }], { to: 'command:c', cwd, manifest: 'run/manifest.json' });
    vi.unstubAllEnvs();
    return manifest.artifacts[0]!.results[0]!;
  };
  expect(await of('{"c": ["true"]}')).toMatchObject({ status: 'written' });
  writeFileSync(table, '{"c": ["true"]}');
  expect(await of(table)).toMatchObject({ status: 'written' });
  for (const [value, said] of [['{"d": ["true"]}', 'no command "c": there are d'], ['', 'set SPOOR_EXPORT_COMMANDS'], ['{"c": "true"}', '"c" must be a list of texts'], ['{hunter2', 'SPOOR_EXPORT_COMMANDS is not JSON']]) {
    const { errorCode, error } = await of(value!);
    expect([errorCode, error]).toEqual(['bad_destination', expect.stringContaining(said!)]);
    expect(error).not.toContain('hunter2');
  }
});
