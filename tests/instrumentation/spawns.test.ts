/** What is recorded of child processes: one span each, whatever the way they start and end. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RecordedSpan, lines, runRegistered, spans, temporaryDirectory } from '../support/program.ts';

const CP = `const cp = require('node:child_process'); const done = () => {};`;

/** Runs a program; its spans without those of its children. */
async function spansOf(code: string, env: NodeJS.ProcessEnv = {}): Promise<RecordedSpan[]> {
  const directory = temporaryDirectory();
  const result = await runRegistered(directory, ['-e', CP + code], { env });
  expect(result.stderr).toBe('');
  return spans(directory);
}

const said = ({ name, attributes: a }: RecordedSpan) => ({
  name,
  kind: a['spoor.spawn.kind'],
  ...(a['error.type'] !== undefined && { error: a['error.type'] }),
  ...(a['process.exit.code'] !== undefined && { code: a['process.exit.code'] }),
  ...(a['spoor.spawn.signal'] !== undefined && { signal: a['spoor.spawn.signal'] }),
});

const table: [string, string, object][] = [
  ['spawn', `cp.spawn('true')`, { name: 'true', kind: 'spawn', code: 0 }],
  ['exec, which calls execFile, which spawns', `cp.exec('true', done)`, { name: 'true', kind: 'exec', code: 0 }],
  ['execFile', `cp.execFile('true', done)`, { name: 'true', kind: 'execFile', code: 0 }],
  ['fork', `cp.fork('/dev/null')`, { name: 'node', kind: 'fork', code: 0 }],
  ['spawnSync', `cp.spawnSync('true')`, { name: 'true', kind: 'spawnSync', code: 0 }],
  ['execSync', `cp.execSync('true')`, { name: 'true', kind: 'execSync', code: 0 }],
  ['execFileSync', `cp.execFileSync('true')`, { name: 'true', kind: 'execFileSync', code: 0 }],
  ['promisified exec', `require('util').promisify(cp.exec)('true')`, { name: 'true', kind: 'exec', code: 0 }],
  ['promisified execFile', `require('util').promisify(cp.execFile)('true')`, { name: 'true', kind: 'execFile', code: 0 }],
  ['a path', `cp.spawnSync('/bin/true')`, { name: 'true', kind: 'spawnSync', code: 0 }],
  ['assignments before a command', `cp.execSync('A=1 B="x y" true')`, { name: 'true', kind: 'execSync', code: 0 }],
  ['a command that only the shell can tell', `cp.execSync('$(echo true)')`, { name: 'sh', kind: 'execSync', code: 0 }],
  ['spawn in a shell', `cp.spawn('exit 4', { shell: true })`, { name: 'exit', kind: 'spawn', error: 'exit_code', code: 4 }],
  ['an exit code', `cp.spawn('sh', ['-c', 'exit 7'])`, { name: 'sh', kind: 'spawn', error: 'exit_code', code: 7 }],
  ['a signal', `cp.spawn('sh', ['-c', 'kill -9 $$'])`, { name: 'sh', kind: 'spawn', error: 'signal:SIGKILL', signal: 'SIGKILL' }],
  ['a signal, sync', `cp.spawnSync('sh', ['-c', 'kill -9 $$'])`, { name: 'sh', kind: 'spawnSync', error: 'signal:SIGKILL', signal: 'SIGKILL' }],
  ['killed by the app', `cp.execFile('sleep', ['9'], done).kill()`, { name: 'sleep', kind: 'execFile', error: 'signal:SIGTERM', signal: 'SIGTERM' }],
  ['killed by the app before the timeout', `cp.execFile('sleep', ['9'], { timeout: 9000 }, done).kill()`, { name: 'sleep', kind: 'execFile', error: 'signal:SIGTERM', signal: 'SIGTERM' }],
  ['timeout of spawn', `cp.spawn('sleep', ['9'], { timeout: 30 })`, { name: 'sleep', kind: 'spawn', error: 'timeout', signal: 'SIGTERM' }],
  ['timeout of execFile', `cp.execFile('sleep', ['9'], { timeout: 30 }, done)`, { name: 'sleep', kind: 'execFile', error: 'timeout', signal: 'SIGTERM' }],
  ['timeout of promisified exec', `require('util').promisify(cp.exec)('exec sleep 9', { timeout: 30 }).catch(done)`, { name: 'sh', kind: 'exec', error: 'timeout', signal: 'SIGTERM' }],
  ['timeout of spawnSync', `cp.spawnSync('sleep', ['9'], { timeout: 30 })`, { name: 'sleep', kind: 'spawnSync', error: 'timeout', signal: 'SIGTERM' }],
  ['timeout of execSync', `try { cp.execSync('exec sleep 9', { timeout: 30 }) } catch {}`, { name: 'sh', kind: 'execSync', error: 'timeout', signal: 'SIGTERM' }],
  ['abort', `const a = new AbortController(); cp.spawn('sleep', ['9'], { signal: a.signal }).on('error', done); a.abort()`, { name: 'sleep', kind: 'spawn', error: 'aborted', signal: 'SIGTERM' }],
  ['aborted before', `cp.execFile('sleep', ['9'], { signal: AbortSignal.abort() }, done)`, { name: 'sleep', kind: 'execFile', error: 'aborted', signal: 'SIGTERM' }],
  ['maxBuffer', `cp.execFile('sh', ['-c', 'exec 2>/dev/null; while echo y; do :; done'], { maxBuffer: 1000 }, done)`, { name: 'sh', kind: 'execFile', error: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' }],
  ['maxBuffer, promisified', `require('util').promisify(cp.execFile)('cat', ['/dev/zero'], { maxBuffer: 1000 }).catch(done)`, { name: 'cat', kind: 'execFile', error: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' }],
  ['maxBuffer, sync', `cp.spawnSync('cat', ['/dev/zero'], { maxBuffer: 1000 })`, { name: 'cat', kind: 'spawnSync', error: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' }],
  ['ENOENT', `cp.spawn('does-not-exist').on('error', done)`, { name: 'does-not-exist', kind: 'spawn', error: 'ENOENT' }],
  ['ENOENT, sync', `cp.spawnSync('does-not-exist')`, { name: 'does-not-exist', kind: 'spawnSync', error: 'ENOENT' }],
  ['ENOENT in a shell', `cp.exec('does-not-exist', done)`, { name: 'does-not-exist', kind: 'exec', error: 'exit_code', code: 127 }],
  ['EACCES', `cp.execFile('/dev/null', done)`, { name: 'null', kind: 'execFile', error: 'EACCES' }],
  ['E2BIG, which is thrown', `try { cp.spawn('true', Array(40).fill('x'.repeat(2e5))) } catch {}`, { name: 'true', kind: 'spawn', error: 'E2BIG' }],
  ['no match is no failure', `cp.spawnSync('grep', ['x', '/dev/null'])`, { name: 'grep', kind: 'spawnSync', code: 1 }],
  ['grep that fails', `cp.spawnSync('grep', ['x', '/does/not/exist'])`, { name: 'grep', kind: 'spawnSync', error: 'exit_code', code: 2 }],
  ['listeners taken away', `cp.spawn('true').removeAllListeners('exit')`, { name: 'true', kind: 'spawn', code: 0 }],
  ['all listeners taken away', `cp.spawn('true').removeAllListeners()`, { name: 'true', kind: 'spawn', code: 0 }],
  ['all listeners taken away, and again', `cp.spawn('true').on('removeListener', done).removeAllListeners().removeAllListeners('close')`, { name: 'true', kind: 'spawn', code: 0 }],
  ['listeners of exec taken away', `cp.exec('true', done).removeAllListeners('exit')`, { name: 'true', kind: 'exec', code: 0 }],
  ['listeners taken away before it could start', `cp.spawn('does-not-exist').removeAllListeners().on('error', done)`, { name: 'does-not-exist', kind: 'spawn', error: 'ENOENT' }],
  ['a function taken before', `const { spawn } = cp; spawn('true')`, { name: 'true', kind: 'spawn', code: 0 }],
];

test.each(table)('%s', async (_, code, expected) => {
  const all = await spansOf(code);
  const recorded = all.map(said).map((one) => ('error' in one && String(one.error).endsWith('MAXBUFFER') ? { name: one.name, kind: one.kind, error: one.error } : one));
  expect(recorded).toEqual([expected]);
  const { attributes, kind, status } = all[0]!;
  expect(kind).toBe(3);
  expect(attributes['process.executable.name']).toBe(all[0]!.name);
  expect(status.code ?? 0).toBe('error' in expected ? 2 : 0);
  // A pid and an exit code only where a process came to be.
  if (/ENOENT$|EACCES|E2BIG/.test(String(attributes['error.type']))) expect(attributes).not.toHaveProperty('process.pid');
  else if (!/^exec(File)?Sync$/.test(String(attributes['spoor.spawn.kind'])) || attributes['error.type']) expect(attributes['process.pid']).toBeGreaterThan(0);
});

test('an exit, not the end of a grandchild that holds the output', async () => {
  const [span] = await spansOf(`cp.spawn('sh', ['-c', 'sleep 0.7 & exit 0'], { stdio: ['ignore', 'pipe', 'ignore'] })`);
  expect(Number(span!.end - span!.start) / 1e6).toBeLessThan(650);
});

test('a detached child that the parent does not wait for ends at unref, and may outlive it', async () => {
  const directory = temporaryDirectory();
  const [file, pidFile] = [join(directory, 'seen'), join(directory, 'pid')];
  const code = `${CP} cp.spawn('sh', ['-c', 'sleep 0.4; echo $TRACEPARENT > ${file}; echo > ${pidFile}'], { detached: true, stdio: 'ignore' }).unref()`;
  const result = await runRegistered(directory, ['-e', code]);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const [span] = spans(directory);
  expect(span!.attributes).toMatchObject({ 'spoor.spawn.detached': true, 'process.executable.name': 'sh' });
  expect(span!.attributes).not.toHaveProperty('error.type');
  const { readFileSync, existsSync } = await import('node:fs');
  await expect.poll(() => existsSync(pidFile), { timeout: 10_000 }).toBe(true);
  expect(readFileSync(file, 'utf8').trim()).toBe(`00-${span!.traceId}-${span!.spanId}-01`);
});

test('an unref’d child whose parent ends first ends with it', async () => {
  const [span] = await spansOf(`cp.spawn('sleep', ['1'], { stdio: 'ignore' }).unref()`);
  expect(span!.attributes).toMatchObject({ 'spoor.spawn.detached': true });
  expect(span!.attributes).not.toHaveProperty('error.type');
});

test('a child that is still running at the end is left as a start without an end', async () => {
  const directory = temporaryDirectory();
  await runRegistered(directory, ['-e', `${CP} cp.spawn('sleep', ['0.2'], { stdio: 'ignore' }); process.exit()`]);
  expect(spans(directory)).toEqual([]);
  expect(lines(directory, 'starts')).toMatchObject([{ name: 'sleep', kind: 'process' }]);
});

test('named imports of ES modules, also of what was imported before', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'program.mjs');
  writeFileSync(file, `import { execFileSync, exec as run } from 'node:child_process'; import * as all from 'child_process'; execFileSync('true'); run('true'); all.spawnSync('true');`);
  expect(await runRegistered(directory, [file])).toMatchObject({ code: 0, stderr: '' });
  expect(spans(directory).map((span) => span.attributes['spoor.spawn.kind']).sort()).toEqual(['exec', 'execFileSync', 'spawnSync']);
});

test('arguments are counted, and recorded only when asked for, scrubbed', async () => {
  const code = `cp.spawnSync('true', ['--password', 'hunter2', 'plain'])`;
  const [plain] = await spansOf(code);
  expect(plain!.attributes).toMatchObject({ 'spoor.spawn.argument_count': 3, 'spoor.spawn.shell': false });
  expect(plain!.attributes).not.toHaveProperty('process.command_args');
  const [asked] = await spansOf(code, { SPOOR_RECORD_ARGUMENTS: 'true' });
  expect(asked!.attributes['process.command_args']).toEqual(['--password', '[REDACTED]', 'plain']);
});

test('what the app throws from its own getters reaches it, and the next call is traced', async () => {
  const directory = temporaryDirectory();
  const code = `${CP} try { cp.spawnSync('true', { get env() { throw new Error('mine') } }) } catch (error) { if (error.message !== 'mine') throw error } cp.spawnSync('true')`;
  expect((await runRegistered(directory, ['-e', code])).code).toBe(0);
  expect(spans(directory).map((span) => span.name)).toEqual(['true']);
  expect(lines(directory, 'starts')).toHaveLength(1);
});

test('an operation that cannot be prepared ends at once', async () => {
  const directory = temporaryDirectory();
  const code = `${CP} const child = new cp.ChildProcess(); child.on('newListener', () => { throw new Error('mine') }); child.spawn({ file: 'true', args: ['true'] })`;
  expect((await runRegistered(directory, ['-e', code])).code).toBe(0);
  expect(lines(directory, 'starts')).toHaveLength(1);
  expect(spans(directory).map(({ name }) => name)).toEqual(['true']);
});
