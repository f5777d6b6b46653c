/** The command as a person uses it: whole processes, what they print, and how they exit. */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, cleanEnvironment, run, temporaryDirectory, type Result } from '../support/program.ts';
import { Writer } from '../report/fixture.ts';

const cli = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> => run(process.execPath, [CLI, ...args], { env });

function recorded(): string {
  const directory = temporaryDirectory();
  const writer = new Writer(directory, 'a');
  for (let i = 1; i <= 3; i++) writer.end({ trace: i, span: i, name: 'git', attributes: i === 3 ? { 'error.type': 'exit_code' } : {} });
  writer.delta({ final: true });
  return directory;
}

test.each([
  [[], 2, ''],
  [['--help'], 0, ''],
  [['help', 'report'], 0, ''],
  [['--version'], 0, ''],
  [['reprot'], 2, 'Did you mean report?'],
  [['report', '--sinc', '1h'], 2, 'Did you mean --since?'],
  [['report', '--since', 'soon'], 2, '30m, 24h, 7d'],
  [['report', '--kind', 'nonsense'], 2, 'Allowed choices are spawn, selector'],
  [['report', '--format', 'xml'], 2, 'text, json, csv, markdown'],
  [['traces', '--limit', '0'], 2, 'whole number'],
  [['run'], 2, "missing required argument 'command'"],
  [['traces', ''], 2, 'the id must not be empty'],
  [['traces', 'id', '--failed'], 2, '--failed is for the list of traces'],
  [['traces', 'id', '--limit', '20'], 2, '--limit is for the list of traces'],
  [['report', '--json', '--format', 'csv'], 2, '--json and --format csv'],
  [['doctor', '--json', '--format', 'text'], 2, '--json and --format text'],
  [['export', 'x', '--to', 'dir:out', '--since', '1d'], 2, '--since is for --from'],
  [['export', 'x', '--to', 'dir:out', '--format', 'csv'], 2, '--format is for --from'],
  [['export', 'x', '--to', 'dir:out', '--timeout', '0'], 2, 'a number of seconds above 0.'],
])('spoor %j exits %i', async (args, code, said) => {
  const result = await cli(args);
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(said);
});

test.each(['report', 'traces', 'doctor', 'ship', 'run', 'export', 'spawn list', 'spawn start', 'spawn end'])('spoor %s --dir "$UNSET" is not the working directory', async (command) => {
  expect(await cli([...command.split(' '), '--dir', ''])).toEqual({ code: 2, signal: null, stdout: '', stderr: 'spoor: --dir must not be empty\n' });
});

test.each([
  ['help reprot', '(Did you mean report?)'],
  ['reprot --help', '(Did you mean report?)'],
  ['help nosuch', ''],
  ['spawn help strat', '(Did you mean start?)'],
  ['help export virify', '(Did you mean verify?)'],
])('spoor %s: there is no such command', async (args, suggestion) => {
  const { code, stdout, stderr } = await cli(args.split(' '));
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: unknown command '\w+'\n/);
  expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Add --help')).slice(1).join()).toBe(suggestion);
});

test.each([
  ['spawn start', 'spoor spawn start --role <role> --model <model> [options]'],
  ['spawn end', 'spoor spawn end <id> --outcome <outcome> [options]'],
  ['export append', 'spoor export append --artifact <name> --writer <id> --status <status> [options]'],
])('spoor %s --help says what has to be given', async (command, usage) => {
  expect((await cli([...command.split(' '), '--help'])).stdout.split('\n')[0]).toBe(`Usage: ${usage}`);
});

test('the report’s help tells of all its kinds', async () => {
  const { stdout } = await cli(['report', '--help']);
  expect(stdout).toContain('--kind selector');
  expect(stdout).toContain('--kind export');
  expect((await cli(['--help'])).stdout).toMatch(/report \[options\] +what was spawned, how selectors do, what was\s+published/);
});

test('an empty directory: a plain sentence of what to do', async () => {
  const directory = temporaryDirectory();
  for (const command of ['report', 'traces']) {
    const { code, stdout } = await cli([command, '--dir', directory]);
    expect([code, stdout]).toEqual([0, `Nothing has been recorded in ${directory} yet. Start a program with \`spoor run -- <command>\`, or point --dir at another directory.\n`]);
  }
});

test('the report in each format', async () => {
  const directory = recorded();
  const text = await cli(['report'], { SPOOR_DIR: directory });
  expect(text.stdout).toMatch(/^3 spawns · 1 failed · since .* UTC\n/);
  expect(text.stdout).toMatch(/git +3 +66\.7% +20\.8% – 93\.9% +1 exit_code +10\.0 ms +10\.0 ms +10\.0 ms +30\.0 ms\n/);
  expect(text.stdout).not.toContain('\u001b');
  const json = JSON.parse((await cli(['report', '--dir', directory, '--json'])).stdout);
  expect(json.spawns).toMatchObject([{ executable: 'git', count: 3, failed: 1, errors: { exit_code: 1 }, success_rate: 0.666666667 }]);
  expect(json.last_failures).toMatchObject([{ trace_id: '3'.padStart(32, '0'), error_type: 'exit_code' }]);
  const csv = await cli(['report', '--dir', directory, '--format', 'csv']);
  expect(csv.stdout.split('\r\n')[1]).toMatch(/^process,git,,,3,2,1,0,0,0,1 exit_code,0\.666666667,/);
  const markdown = await cli(['report', '--dir', directory, '--format', 'markdown']);
  expect(markdown.stdout).toMatch(/^\| Spawned +\|.*\| Failed +\|/);
  expect(markdown.stdout.split('\n')[2]).toMatch(/^\| git +\| +\| +\| +3 \| +66\.7% \(20\.8%–93\.9%\) \| 1: 1 exit\\_code \|/);
});

test('a configuration that is broken is said: it may have named another directory', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'spoor.config.json'), '{ "directory": "data", }');
  for (const command of ['report', 'traces']) {
    const { code, stdout, stderr } = await run(process.execPath, [CLI, command], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining(join(cwd, '.spoor'))]);
    expect(stderr).toMatch(new RegExp(`^spoor: configuration: ${join(cwd, 'spoor.config.json')}: not JSON \\(.+\\); it is ignored\n$`));
  }
});

test('traces: the list and one of them, as text and as JSON; an id that is not there', async () => {
  const directory = recorded();
  const id = '3'.padStart(32, '0');
  expect((await cli(['traces', '--dir', directory, '--failed'])).stdout).toContain(id);
  expect((await cli(['traces', '--dir', directory, id])).stdout).toContain('✗ git  10.0 ms');
  expect(JSON.parse((await cli(['traces', '--dir', directory, id, '--json'])).stdout).traces[0].spans).toMatchObject([{ name: 'git', failed: true, state: 'ended' }]);
  const missing = await cli(['traces', '--dir', directory, 'nosuch']);
  expect([missing.code, missing.stdout]).toEqual([1, '']);
  expect(missing.stderr).toContain('No trace in');
  expect((await cli(['traces', '--dir', directory, '00'])).code).toBe(1);
});

test('a pipe that closes early is no error', async () => {
  const directory = temporaryDirectory();
  const writer = new Writer(directory, 'a');
  for (let i = 1; i <= 3000; i++) writer.end({ trace: i, span: i, name: `program-${i}` });
  for (const args of [['report', '--json'], ['traces', '--limit', '3000'], ['report', '--format', 'csv']]) {
    const script = `"$NODE" "$CLI" ${args.join(' ')} --dir "$DIR" | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await run('bash', ['-c', script], { env: { NODE: process.execPath, CLI, DIR: directory } });
    expect([stdout.trim().split('\n').at(-1), stderr]).toEqual(['0', '']);
  }
});

/** `script` gives the program a terminal. */
const hasScript = (() => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
})();

test.runIf(hasScript)('colour on a terminal, unless NO_COLOR', async () => {
  const directory = recorded();
  const onTerminal = (env: NodeJS.ProcessEnv): Promise<string> =>
    new Promise((resolve) => {
      const child = spawn('script', ['-qec', `"${process.execPath}" "${CLI}" report --dir "${directory}"`, '/dev/null'], { env: { ...cleanEnvironment(), TERM: 'xterm', ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      child.once('close', () => resolve(text));
    });
  expect(await onTerminal({})).toContain('\u001b[31m1 failed\u001b[39m');
  const plain = await onTerminal({ NO_COLOR: '1' });
  expect(plain).toContain('1 failed');
  expect(plain).not.toContain('\u001b[');
});
