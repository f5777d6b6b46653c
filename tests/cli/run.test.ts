/** `spoor run`: the command as it would be without us, and its processes in one trace. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI, cleanEnvironment, run, spans, temporaryDirectory, type Result } from '../support/program.ts';

const spoor = (args: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<Result> => run(process.execPath, [CLI, 'run', ...args], options);

test('input, output and exit code pass through; one line on stderr says what was recorded', async () => {
  const directory = temporaryDirectory();
  const result = await spoor(['--dir', directory, '--', process.execPath, '-e', 'process.stdin.pipe(process.stdout); console.error("e"); process.exitCode = 7'], { input: 'in\n' });
  expect([result.code, result.signal, result.stdout]).toEqual([7, null, 'in\n']);
  expect(result.stderr).toMatch(new RegExp(`^e\nspoor: node exit 7 in [^ ]+ m?s · 0 spawns, none failed · data in ${directory} · spoor traces [0-9a-f]{12}\n$`));
  expect(spans(directory)).toMatchObject([{ name: 'node', parentSpanId: undefined, attributes: { 'error.type': 'exit_code', 'process.exit.code': 7, 'spoor.spawn.kind': 'spawn' } }]);
});

test('--quiet leaves the line out; options after the command are the command’s', async () => {
  const directory = temporaryDirectory();
  const result = await spoor(['-q', '--dir', directory, 'echo', '--help', '-q', '--', 'x', '--password', 'hunter2'], { env: { SPOOR_RECORD_ARGUMENTS: 'true' } });
  expect(result).toEqual({ code: 0, signal: null, stdout: '--help -q -- x --password hunter2\n', stderr: '' });
  expect(spans(directory)[0]!.attributes['process.command_args']).toEqual(['--help', '-q', '--', 'x', '--password', '[REDACTED]']);
});

test('--json: the line is one for a program, and stdout the command’s own', async () => {
  const directory = temporaryDirectory();
  const { code, stdout, stderr } = await spoor(['--json', '--dir', directory, '--', process.execPath, '-e', 'const { spawnSync } = require("child_process"); spawnSync("true"); spawnSync("false", ["--"]); console.log("out"); process.exitCode = 3']);
  expect([code, stdout]).toEqual([3, 'out\n']);
  const root = spans(directory).at(-1)!;
  expect(stderr.split('\n')).toHaveLength(2);
  expect(JSON.parse(stderr)).toEqual({ executable: 'node', exit_code: 3, signal: null, seconds: expect.any(Number), trace_id: root.traceId, spawns: 2, failures: 1, directory, dropped: {}, unsent: null });
  const killed = await spoor(['--json', '--dir', directory, '--', 'sh', '-c', 'kill -KILL $$'], { env: { OTEL_TRACES_SAMPLER: 'always_off' } });
  expect(JSON.parse(killed.stderr)).toMatchObject({ exit_code: null, signal: 'SIGKILL', spawns: null, failures: null });
});

test('where nothing can be kept, the line says so, and names no trace', async () => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  const { code, stderr } = await spoor(['--dir', join(file, 'data'), '--', 'true']);
  expect([code, stderr.split('\n').slice(0, -1)]).toEqual([
    0,
    [`spoor: 1 item could not be kept: ENOTDIR (${join(file, 'data')}); recording goes on`, expect.stringMatching(new RegExp(`^spoor: true ok in [^ ]+ m?s · none of it could be kept in ${join(file, 'data')} \\(ENOTDIR\\)$`))],
  ]);
  const full = await spoor(['--dir', temporaryDirectory(), '--', 'true'], { env: { SPOOR_TRACES_MAX_SIZE: '1B' } });
  expect(full.stderr).toMatch(/m?s · not all of it could be kept in \S+ \(size_limit\)\n$/);
});

test('turned off, it says that nothing was recorded', async () => {
  const off = (...args: string[]): Promise<Result> => spoor([...args, '--', 'sh', '-c', 'exit 3'], { env: { OTEL_SDK_DISABLED: 'true' } });
  expect(await off()).toEqual({ code: 3, signal: null, stdout: '', stderr: 'spoor: off (OTEL_SDK_DISABLED): nothing was recorded\n' });
  expect(await off('--quiet')).toMatchObject({ code: 3, stderr: '' });
});

const hasMake = spawnSync('make', ['--version']).status === 0;

describe.runIf(process.platform === 'linux')('the descriptors that a command is given beside the first three', () => {
  const bash = (script: string): Promise<Result> => run('bash', ['-c', script], { cwd: temporaryDirectory(), env: { RUN: `'${process.execPath}' '${CLI}' run -q --dir data --` } });

  test.each([
    ['a file', `eval "$RUN sh -c 'echo written >&3'" 3> file; cat file`, 'written\n'],
    ['a file with a number above Node’s own', `eval "$RUN bash -c 'echo written >&12'" 12> file; cat file`, 'written\n'],
    ['pipes of the shell', `exec 12< <(echo two); eval "$RUN cat <(echo one) /dev/fd/12"`, 'one\ntwo\n'],
    ['a pipe of which both ends are open', `mkfifo pipe; exec 3<> pipe; eval "$RUN sh -c 'echo token >&3'"; head -n 1 <&3`, 'token\n'],
    ['as in a run within a run', `eval "$RUN $RUN sh -c 'echo written >&3'" 3> file; cat file`, 'written\n'],
  ])('%s', async (_name, script, stdout) => {
    expect(await bash(script)).toEqual({ code: 0, signal: null, stdout, stderr: '' });
  });

  test('nothing of Node’s own is among them', async () => {
    const list = `'${process.execPath}' -p 'require("fs").readdirSync("/proc/self/fd").length'`;
    const { stdout } = await bash(`exec 3> file 77< file; echo $(${list}) $(eval "$RUN ${list.replaceAll('"', '\\"')}")`);
    const [bare, below] = stdout.trim().split(' ');
    expect(bare).toMatch(/^\d+$/);
    expect(below).toBe(bare);
  });

  test('nor the channel to a process that has forked it', async () => {
    const args = ['run', '-q', '--dir', 'data', '--', 'sh', '-c', 'test -e /proc/self/fd/3 || echo closed'];
    const { stdout } = await run(process.execPath, ['-e', `require('child_process').fork(${JSON.stringify(CLI)}, ${JSON.stringify(args)})`], { cwd: temporaryDirectory() });
    expect(stdout).toBe('closed\n');
  });

  test.runIf(hasMake)('make’s jobs are shared', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'Makefile'), `all:\n\t+@$(RUN) $(MAKE) -f Below --no-print-directory\n`);
    writeFileSync(join(directory, 'Below'), `all:\n\t@echo made\n`);
    const { stdout, stderr } = await run('make', ['-j2', '--no-print-directory', `RUN='${process.execPath}' '${CLI}' run -q --dir data --`], { cwd: directory });
    // Else it says that it goes on with one job at a time.
    expect({ stdout, stderr }).toEqual({ stdout: 'made\n', stderr: '' });
  });
});

test('not found is 127, not executable 126, each said in one line', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'plain');
  writeFileSync(file, 'text', { mode: 0o644 });
  const missing = await spoor(['--dir', directory, '--', 'no-such-command']);
  expect([missing.code, missing.stderr]).toEqual([127, 'spoor: no-such-command: command not found\n']);
  const denied = await spoor(['--dir', directory, '--', file]);
  expect([denied.code, denied.stderr]).toEqual([126, `spoor: ${file}: permission denied (is it an executable file?)\n`]);
  // A command line in quotes is no name: it may have a secret.
  const line = await spoor(['--dir', directory, '--', 'mysql --password=hunter2']);
  expect([line.code, line.stderr]).toEqual([127, 'spoor: mysql --password=hunter2: command not found\n']);
  expect(spans(directory).map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([['no-such-command', 'ENOENT'], ['plain', 'EACCES'], ['mysql', 'ENOENT']]);
});

test('Node processes below a shell are in one trace, with the user’s own NODE_OPTIONS', async () => {
  const directory = temporaryDirectory();
  const program = 'require("child_process").execFileSync("true"); console.log(process.env.NODE_OPTIONS.startsWith("--no-warnings --require "), process.env.SPOOR_DIR)';
  const result = await spoor(['--dir', directory, '--correlation-id', 'release-42', '--', 'sh', '-c', `'${process.execPath}' -e '${program}'; true`], { env: { NODE_OPTIONS: '--no-warnings' } });
  expect(result.stdout).toBe(`true ${directory}\n`);
  expect(result.stderr).toContain(' · 1 spawn, none failed · ');
  const [inner, root] = spans(directory);
  expect([inner?.name, root?.name]).toEqual(['true', 'sh']);
  expect(inner).toMatchObject({ traceId: root!.traceId, parentSpanId: root!.spanId, attributes: { 'spoor.correlation.id': 'release-42' } });
});

test('a run within a run is one trace, and each spawn in it one span', async () => {
  const directory = temporaryDirectory();
  await spoor(['--dir', directory, '--', process.execPath, CLI, 'run', '--', process.execPath, '-e', '0']);
  const recorded = spans(directory);
  expect(recorded.map(({ name }) => name)).toEqual(['node', 'node']);
  expect(recorded[0]).toMatchObject({ traceId: recorded[1]!.traceId, parentSpanId: recorded[1]!.spanId });
});

/** Starts a run of a program that says `ready`, and what signals it gets. */
function waiting(directory: string, program: string): { child: ChildProcess; ready: Promise<void>; ended: Promise<Result> } {
  const child = spawn(process.execPath, [CLI, 'run', '-q', '--dir', directory, '--', process.execPath, '-e', program], { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ready = new Promise<void>((resolve) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('ready\n')) resolve();
    });
  });
  const ended = new Promise<Result>((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
  return { child, ready, ended };
}

test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGIO'] as const)('%s reaches the command once, and the command decides', async (signal) => {
  const program = `let n = 0; process.on("${signal}", () => { if (++n === 1) setTimeout(() => { console.log("got", n); process.exit(5); }, 50); }); setInterval(() => {}, 1e6); console.log("ready")`;
  const { child, ready, ended } = waiting(temporaryDirectory(), program);
  await ready;
  child.kill(signal);
  expect(await ended).toMatchObject({ code: 5, signal: null, stdout: 'ready\ngot 1\n' });
});

test('it ends by the signal that ended its command', async () => {
  const directory = temporaryDirectory();
  const { child, ready, ended } = waiting(directory, 'setInterval(() => {}, 1e6); console.log("ready")');
  await ready;
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  const killed = await spoor(['--dir', directory, '--', 'sh', '-c', 'kill -KILL $$']);
  expect(killed).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(spans(directory).map(({ attributes }) => attributes['error.type'])).toEqual(['signal:SIGTERM', 'signal:SIGKILL']);
});

test('killed outright, what it ran is shown as abandoned', async () => {
  const directory = temporaryDirectory();
  const { child, ready, ended } = waiting(directory, 'console.log("ready"); process.stdin.resume(); setTimeout(() => {}, 500)');
  await ready;
  child.kill('SIGKILL');
  await ended;
  const { stdout } = await run(process.execPath, [CLI, 'report', '--json', '--dir', directory]);
  expect(JSON.parse(stdout).spawns).toMatchObject([{ executable: 'node', count: 0, abandoned: 1, running: 0 }]);
});

test('a Node that may not read the package runs as without us', async () => {
  const cwd = temporaryDirectory();
  const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const args = [process.execPath, flag, '--no-warnings', `--allow-fs-read=${cwd}/*`, '-p', '1 + 1'];
  expect(await run(process.execPath, [CLI, 'run', '--quiet', '--', ...args], { cwd })).toMatchObject({ code: 0, stdout: '2\n', stderr: '' });
});
