/** `spoor export` as a person or a CI job uses it: what is found, what it is called, how it exits. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withSubcommand } from '../../src/cli/export-arguments.ts';
import { findFiles } from '../../src/cli/export-files.ts';
import type { Manifest } from '../../src/exports/exports.ts';
import { CLI, type Result, cleanEnvironment, run, spans } from '../support/program.ts';

const cli = (cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> => run(process.execPath, [CLI, 'export', ...args], { cwd, env });
const names = (result: Result): string[] => (JSON.parse(result.stdout) as Manifest).artifacts.map(({ name }) => name);

/** A folder as a build leaves it. */
function projectFolder(files: readonly string[] = ['dist/index.html', 'dist/js/app.js', 'reports/unit/r.xml', 'verify', '.hidden/x', 'dist/.env']): string {
  const cwd = mkdtempSync(join(tmpdir(), 'spoor-test-'));
  for (const file of files) {
    mkdirSync(join(cwd, file, '..'), { recursive: true });
    writeFileSync(join(cwd, file), file);
  }
  return cwd;
}

/** The same, gone when the test is over. */
function project(files?: readonly string[]): string {
  const cwd = projectFolder(files);
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  return cwd;
}

test.each([['dist'], ['--from', 'rollups']])('a configuration that is broken is said once: %s', async (...args) => {
  const cwd = project();
  writeFileSync(join(cwd, 'spoor.config.json'), '{ "directory": "data", }');
  const { code, stderr } = await cli(cwd, ['publish', ...args, '--to', 'dir:out', '--quiet']);
  expect([code, stderr]).toEqual([0, expect.stringMatching(new RegExp(`^spoor: configuration: ${join(realpathSync(cwd), 'spoor.config.json')}: not JSON \\(.+\\); it is ignored\n$`))]);
});

test.each([
  [['dist'], false, ['index.html', 'js/app.js']],
  [['dist'], true, ['.env', 'index.html', 'js/app.js']],
  [['dist', 'reports'], false, ['dist/index.html', 'dist/js/app.js', 'reports/unit/r.xml']],
  [['dist/js/app.js'], false, ['app.js']],
  [['dist/**/*.js', 'reports/**/*.xml'], false, ['dist/js/app.js', 'reports/unit/r.xml']],
  [['dist/*.html', 'dist/index.html', './dist/../dist'], false, ['index.html', 'js/app.js']],
  [['.hidden/x'], false, ['x']],
  [['verify', 'nosuch', 'no*such'], false, ['verify']],
  [['{dist/js,reports/unit}/**'], false, ['dist/js/app.js', 'reports/unit/r.xml']],
  [['./dist/{js/app,index}.*'], false, ['index.html', 'js/app.js']],
  [['reports/unit/r.{xml,html}'], false, ['r.xml']],
  [['verify', 'such'.repeat(80), `${'such'.repeat(80)}*`], false, ['verify']],
])('%j, hidden ones too: %j, is %j', async (args, includeHidden, expected) => {
  const { files, nothing, collision } = await findFiles(args, project(), includeHidden);
  expect([files.map(({ name }) => name), collision, nothing]).toEqual([expected, undefined, args.filter((arg) => arg.includes('such'))]);
});

test.runIf(process.platform !== 'win32')('a backslash takes from what follows its meaning, as in a shell', async () => {
  const cwd = project(['a[1]/x.txt', 'a[1]/y*.txt', 'a[1]/yes.txt', 'a1/x.txt']);
  for (const [pattern, expected] of [['a\\[1\\]/x*', ['x.txt']], ['a\\[1\\]/y\\*.txt', ['y*.txt']]] as const) expect((await findFiles([pattern], cwd, false)).files.map(({ name }) => name)).toEqual(expected);
});

test.each([
  ['export dist --to dir:o', 'export publish dist --to dir:o'],
  ['export publish verify', 'export publish verify'],
  ['export verify', 'export verify'],
  ['export -- verify', 'export publish -- verify'],
  ['export --to dir:o verify', 'export publish --to dir:o verify'],
  ['export --help', 'export --help'],
  ['export', 'export'],
  ['report export dist', 'report export dist'],
])('%s is %s', (given, expected) => {
  expect(withSubcommand(['node', 'spoor', ...given.split(' ')]).slice(2).join(' ')).toBe(expected);
});

test('a file that is named like a subcommand', async () => {
  const cwd = project();
  expect(names(await cli(cwd, ['--to', 'dir:out', '--json', '--', 'verify']))).toEqual(['verify']);
  expect(readFileSync(join(cwd, 'out/verify'), 'utf8')).toBe('verify');
});

test.concurrent.each([
  [['dist'], 2, 'where to? Give --to'],
  [['dist', '--to', 'nosuch'], 2, '"nosuch" in the chain "nosuch" is no destination; there are dir, command'],
  [['dist', '--to', 'dir'], 2, 'it must be dir:<folder>'],
  [['dist', '--to', 'dir:o', '--command', 'x=1'], 2, 'a JSON list of texts'],
  [['dist', '--to', 'dir:o', '--commands', 'nosuch.json'], 2, 'the file of commands nosuch.json (of --commands or SPOOR_EXPORT_COMMANDS) cannot be read: ENOENT'],
  [['dist', '--to', 'command:x,dir:o'], 2, 'no command "x": give it (--command, or commands in code), or set SPOOR_EXPORT_COMMANDS'],
  [['dist', '--to', 'dir:o', '--to', 'command:x', '--command', 'c=["true"]'], 2, 'no command "x": there are c'],
  [['dist', '--to', 'command:c', '--command', 'c=["cp", "{pth}", "y"]'], 2, 'command c: {pth} is no variable; there are {path}, {name}'],
  [['dist', '--to', 'influxdb'], 0, 'influxdb: nothing was published (influxdb: no server: set SPOOR_INFLUXDB_URL)\n'],
  [['nosuch', '--to', 'dir:o'], 0, 'nosuch: no files found'],
  [['nosuch', '--to', 'dir:o', '--if-no-files-found', 'error'], 1, 'nosuch: no files found'],
  [['nosuch*', '--to', 'dir:o', '--if-no-files-found', 'ignore'], 0, ''],
  [['dist', '--to', 'command:c', '--command', 'c=["no-such-program"]'], 0, 'command:c: nothing was published (command:c: no-such-program: command not found; install it, or take it out of the chain)'],
  [['dist', '--to', 'command:c', '--command', 'c=["no-such-program"]', '--require', 'any'], 1, 'not every artifact landed somewhere'],
  [['dist', '--to', 'command:c', '--to', 'dir:o', '--command', 'c=["false"]', '--require', 'any'], 0, 'false exited with 1'],
  [['dist', '--to', 'command:c', '--to', 'dir:o', '--command', 'c=["false"]', '--require', 'all'], 1, 'not every artifact landed in every chain'],
  [['dist', '--to', 'command:c,dir:o', '--command', 'c=["false"]', '--require', 'all'], 0, ''],
  [['verify', 'dist'], 2, 'there is no manifest at dist'],
] as const)('export %j exits %i', async (args, code, said) => {
  const cwd = projectFolder();
  try {
    const result = await cli(cwd, args);
    expect([result.code, result.stderr]).toEqual([code, said === '' ? '' : expect.stringContaining(said)]);
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

test('names that are one file where names know no case are refused before anything is written', async () => {
  const cwd = project(['a/x.txt', 'a/X.TXT']);
  const result = await cli(cwd, ['a', '--to', 'dir:out']);
  expect([result.code, result.stderr, existsSync(join(cwd, 'out'))]).toEqual([2, expect.stringContaining('"X.TXT" and "x.txt"'), false]);
});

test('links below a folder are left out; one that is named is followed', async () => {
  const cwd = project(['dist/a', 'secret', 'folder/b']);
  symlinkSync('../secret', join(cwd, 'dist/link'));
  symlinkSync('../folder', join(cwd, 'dist/linked'));
  expect((await findFiles(['dist'], cwd, true)).files.map(({ name }) => name)).toEqual(['a']);
  expect((await findFiles(['dist/**/*'], cwd, true)).files.map(({ name }) => name)).toEqual(['a']);
  expect((await findFiles(['dist/link'], cwd, true)).files.map(({ name }) => name)).toEqual(['link']);
});

test('what can be no file is like one that is not there; what cannot be named is said', async () => {
  const cwd = project(['dist/a', 'dist/sub/b']);
  symlinkSync('loop', join(cwd, 'loop'));
  const unnamable = (path: string): Buffer => Buffer.concat([Buffer.from(join(cwd, path)), Buffer.from([0xff])]);
  writeFileSync(unnamable('dist/sub/f'), '');
  mkdirSync(unnamable('dist/g'));
  const { code, stderr, stdout } = await cli(cwd, ['dist', 'loop', 'x'.repeat(300), '--to', 'dir:out']);
  const unnamed = (path: string): string => `spoor: ${path}\ufffd: its name is not UTF-8; it is left out`;
  expect([code, stderr.trimEnd().split('\n').sort(), stdout]).toEqual([
    0,
    [unnamed('dist/g'), unnamed('dist/sub/f'), 'spoor: loop: no files found', `spoor: ${'x'.repeat(199)}…: no files found`],
    expect.stringMatching(/^2 artifacts · 2 written/),
  ]);
});

test.runIf(process.platform === 'linux')('a folder that cannot be made, where Node would try for ever, is a failure, and the next in the chain starts', async () => {
  const cwd = project();
  const env = { TF_BUILD: 'True', AGENT_TEMPDIRECTORY: '/proc/x', GITLAB_CI: 'true', CI_PROJECT_DIR: '/proc/y' };
  const args = [CLI, 'export', 'dist', '--to', 'azure,gitlab,dir:/proc/z,dir:out', '--json'];
  // It would still be at it when the test is over.
  const { code, stdout } = await run('timeout', ['-s', 'KILL', '20', process.execPath, ...args], { cwd, env });
  expect(code).toBe(0);
  for (const { results } of (JSON.parse(stdout) as Manifest).artifacts) expect(results.map(({ errorCode, status }) => errorCode ?? status)).toEqual(['ENOENT', 'ENOENT', 'ENOENT', 'written']);
});

test('a command that is not there is skipped, and nobody hears of a failure', async () => {
  const cwd = project();
  const nowhere = { PATH: join(cwd, 'reports') };
  const { code, stdout } = await cli(cwd, ['dist', '--to', 'buildkite,command:c,command:d,dir:out', '--command', 'c=["./no-such-script"]', '--command', 'd=["no-such-program"]'], nowhere);
  expect([code, stdout]).toEqual([0, expect.stringContaining('2 written · none failed · 6 skipped')]);
  const recorded = spans(join(cwd, '.spoor'));
  expect(recorded.map(({ name }) => name).filter((name) => !/^(publish|write) /.test(name))).toEqual([]);
  expect(recorded.filter(({ status }) => status.code === 2)).toEqual([]);
  const found = await cli(cwd, ['dist/index.html', '--to', 'command:c', '--command', 'c=["reports/fails"]'], nowhere);
  expect(found.stderr).toContain('command not found');
  writeFileSync(join(cwd, 'reports/fails'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  await cli(cwd, ['dist/index.html', '--to', 'command:c,command:d', '--command', 'c=["reports/fails"]', '--command', 'd=["fails"]'], nowhere);
  expect(spans(join(cwd, '.spoor')).filter(({ name }) => name === 'fails')).toHaveLength(2);
});

test('what it says, the manifest, the trace and verify', async () => {
  const cwd = project();
  const { code, stdout, stderr } = await cli(cwd, ['dist', '--to', 'command:c,dir:out', '--to', 'dir:out2', '--command', 'c=["no-such-program"]', '--name', 'site', '--type', 'page', '--metadata', 'shard=1'], { TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
  expect([code, stderr]).toEqual([0, '']);
  const [, path] = /^2 artifacts · 4 written · none failed · 2 skipped · (\.spoor\/exports\/[\w-]+\/manifest\.json)\n$/.exec(stdout)!;
  const manifest = JSON.parse(readFileSync(join(cwd, path!), 'utf8')) as Manifest;
  expect(manifest).toMatchObject({ name: 'site', traceId: '0af7651916cd43dd8448eb211c80319c', chains: [['command:c', 'dir:out'], ['dir:out2']], fallbackSummary: { command: { commandNotFound: 2, commandNotFoundInARow: 1, fellBack: 2 } } });
  expect(manifest.artifacts[0]).toMatchObject({ name: 'index.html', type: 'page', metadata: { shard: '1' } });
  expect(spans(join(cwd, '.spoor')).map(({ name }) => name)).toContain('publish site');
  const again = await cli(cwd, ['dist', '--to', 'command:c,dir:out', '--command', 'c=["no-such-program"]', '--name', 'site', '--json']);
  expect(JSON.parse(again.stdout).fallbackSummary.command.commandNotFoundInARow).toBe(2);
  const verified = await cli(cwd, ['verify', join(path!, '..')]);
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('all that could be checked is as it was published: 4 files ok, 0 bad, 0 not checked\nThis proves that files and manifest agree, not who made them.')]);
  writeFileSync(join(cwd, 'out/index.html'), 'changed');
  const changed = await cli(cwd, ['verify', join(path!, '..'), '--json']);
  expect([changed.code, JSON.parse(changed.stdout).ok]).toEqual([1, false]);
  expect((await cli(cwd, ['verify', join(path!, '..'), '--root', 'out2'])).stdout).toContain('it is outside of');
});

test('a budget that is exceeded is said, and fails the command on request', async () => {
  const cwd = project(['dist/a']);
  writeFileSync(join(cwd, 'spoor.config.json'), '{ "exportMaxSize": "3B" }');
  const said = await cli(cwd, ['dist', '--to', 'dir:out']);
  expect([said.code, said.stdout]).toEqual([0, expect.stringMatching(/^over budget: 1 artifact · 1 written · none failed · over the size budget \(6 B of 3 B\)/)]);
  expect((await cli(cwd, ['dist', '--to', 'dir:out', '--fail-over-budget'])).code).toBe(1);
});

test.each([['files', ['dist']], ['what spoor has recorded', ['--from', 'rollups']]])('SIGTERM ends its commands, also what ignores it, and completes the manifest: %s', async (_, what) => {
  const cwd = project(['dist/a', 'tmp/.keep']);
  const script = join(cwd, 'slow');
  writeFileSync(script, `#!/bin/sh\n(trap "" TERM; exec sleep 300) &\necho $$ $! > ${cwd}/pids\nwait\n`);
  chmodSync(script, 0o755);
  const args = [CLI, 'export', ...what, '--to', 'command:c', '--command', `c=["${script}"]`, '--manifest', 'run/manifest.json'];
  const child = spawn(process.execPath, args, { cwd, env: { ...cleanEnvironment(), TMPDIR: join(cwd, 'tmp') }, stdio: 'ignore' });
  await vi.waitFor(() => expect(readFileSync(join(cwd, 'pids'), 'utf8')).toMatch(/\d\n/), { timeout: 20_000 });
  child.kill('SIGTERM');
  const [code, signal] = await once(child, 'exit');
  expect([code, signal]).toEqual([null, 'SIGTERM']);
  const manifest = JSON.parse(readFileSync(join(cwd, 'run/manifest.json'), 'utf8')) as Manifest;
  expect([manifest.state, manifest.artifacts[0]!.results[0]!.errorCode]).toEqual(['complete', 'cancelled']);
  for (const pid of readFileSync(join(cwd, 'pids'), 'utf8').trim().split(' ')) await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH'), { timeout: 10_000 });
  expect(readdirSync(join(cwd, 'tmp'))).toEqual(['.keep']);
});

test('names that are commands to a CI reach no line of output as such', async () => {
  const cwd = project(['dist/::error::x', 'dist/##vso[task.complete]x', 'dist/a\n::set-output name=x::y']);
  for (const args of [['dist', '--to', 'dir:out'], ['dist', '--to', 'command:c', '--command', 'c=["no-such-program"]'], ['dist', '--to', 'dir:out', '--json']]) {
    const { stdout, stderr } = await cli(cwd, args);
    expect(`${stdout}${stderr}`).not.toMatch(/^\s*::/m);
    if (!args.includes('--json')) expect(`${stdout}${stderr}`).not.toContain('##vso[');
  }
  const [published] = readdirSync(join(cwd, '.spoor/exports'));
  const { stdout } = await cli(cwd, ['verify', join('.spoor/exports', published!)]);
  expect(stdout).not.toMatch(/^\s*::|##vso\[/m);
});

test('errors hold no commands to a CI', async () => {
  const cwd = project(['d/##vso[task.complete result=Failed;]A', 'd/##vso[task.complete result=Failed;]a', 'x']);
  for (const args of [
    ['d', '--to', 'dir:out'],
    ['append', '--run', 'nosuch', '--artifact', 'a', '--writer', 'w', '--status', 'written', '--file', 'x\n::error::pwn'],
    ['x', '--to', 'dir:out', '--metadata', 'x\n::error::pwn'],
    ['x', '--to', 'dir:out', '--x\n::error::pwn'],
    ['summary', 'x\n::error::pwn'],
    ['verify', '##vso[x]'],
  ]) {
    const { code, stdout, stderr } = await cli(cwd, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/\\u000a::error::pwn|\\u0023#vso\[/);
    expect(stderr).not.toMatch(/^\s*::|##vso\[/m);
  }
});

test('where the manifest is: relative below the current directory, else absolute', async () => {
  const cwd = project();
  const elsewhere = project([]);
  const below = await cli(cwd, ['dist', '--to', 'dir:o', '--manifest', 'm/manifest.json']);
  expect(below.stdout).toMatch(/ · m\/manifest\.json\n$/);
  const above = await cli(cwd, ['dist', '--to', 'dir:o', '--manifest', join('..', basename(elsewhere), 'manifest.json')]);
  expect(above.stdout).toContain(` · ${realpathSync(elsewhere)}/manifest.json\n`);
});
