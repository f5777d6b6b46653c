/** `spoor run`: the command as it would be without us, and its processes in one trace. */
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
  const result = await spoor(['-q', '--dir', directory, 'echo', '--help', '-q', '--', 'x']);
  expect(result).toEqual({ code: 0, signal: null, stdout: '--help -q -- x\n', stderr: '' });
});

test('not found is 127, not executable 126, each said in one line', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'plain');
  writeFileSync(file, 'text', { mode: 0o644 });
  const missing = await spoor(['--dir', directory, '--', 'no-such-command']);
  expect([missing.code, missing.stderr]).toEqual([127, 'spoor: no-such-command: command not found\n']);
  const denied = await spoor(['--dir', directory, '--', file]);
  expect([denied.code, denied.stderr]).toEqual([126, `spoor: ${file}: permission denied (is it an executable file?)\n`]);
  expect(spans(directory).map(({ attributes }) => attributes['error.type'])).toEqual(['ENOENT', 'EACCES']);
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

test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const)('%s reaches the command once, and the command decides', async (signal) => {
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
