/** `exports.publish` as a program calls it: every artifact to every destination, whatever a writer does. */
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { type Artifact, type PublishOptions, type PublishResult, type WriteResult, type Writer, exports } from '../../src/exports/exports.ts';
import { safeName } from '../../src/exports/names.ts';
import { filesystem } from '../../src/exports/writers/filesystem.ts';
import { ROOT, run, runRegistered, spans, temporaryDirectory, totals } from '../support/program.ts';
import { ready, writeContext } from './providers.ts';

process.env.OTEL_LOG_LEVEL = 'none';

/** A publish with everything in a folder of its own; what is left out goes to `out` in it. */
async function publish(artifacts: readonly Artifact[], options: Partial<PublishOptions> & { cwd?: string } = {}): Promise<PublishResult & { cwd: string }> {
  const cwd = options.cwd ?? temporaryDirectory();
  const result = await exports.publish(artifacts, { to: 'dir:out', manifest: 'run/manifest.json', ...options, cwd });
  return { ...result, cwd };
}

const results = ({ manifest }: PublishResult): unknown[] => manifest.artifacts.map(({ name, results: of }) => [name, ...of.map(({ status, errorCode, skippedReason }) => errorCode ?? skippedReason ?? status)]);
const takes: Writer = { id: 'takes', write: () => ({ status: 'written' }) };
const failing = (id: string, write: Writer['write'] & {}): Writer => ({ id, write });

test('every artifact goes to every destination; contents, files and streams arrive as they are', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'big.bin'), Buffer.alloc(700_000, 'spoor'));
  const { manifest, chains, allLanded, manifestPath } = await publish(
    [
      { name: 'a.txt', content: 'text', type: 'report', metadata: { shard: 1 } },
      { name: './deep/er//b.bin', file: 'big.bin' },
      { name: 'c.bin', stream: Readable.from([Buffer.alloc(300_000, 1), 'two', Buffer.alloc(300_000, 3)]) },
      { name: 'raw', content: new Uint8Array([1, 2]) },
    ],
    { cwd, to: ['dir:one', 'dir:two'] },
  );
  for (const folder of ['one', 'two']) {
    expect(readFileSync(join(cwd, folder, 'a.txt'), 'utf8')).toBe('text\n');
    expect(readFileSync(join(cwd, folder, 'deep/er/b.bin')).equals(readFileSync(join(cwd, 'big.bin')))).toBe(true);
    expect(readFileSync(join(cwd, folder, 'c.bin')).equals(Buffer.concat([Buffer.alloc(300_000, 1), Buffer.from('two'), Buffer.alloc(300_000, 3)]))).toBe(true);
    expect([...readFileSync(join(cwd, folder, 'raw'))]).toEqual([1, 2]);
    expect(readdirSync(join(cwd, folder)).sort()).toEqual(['a.txt', 'c.bin', 'deep', 'raw']);
  }
  expect(manifest.counts).toEqual({ attempted: 4, written: 8, failed: 0, skipped: 0, handedOver: 0 });
  expect([allLanded, chains.map(({ missing }) => missing)]).toEqual([true, [[], []]]);
  expect(manifest.artifacts[0]).toMatchObject({ name: 'a.txt', path: expect.stringMatching(/^\.\.\/(one|two)\/a\.txt$/), type: 'report', mediaType: 'text/plain', size: 5, metadata: { shard: 1 } });
  expect(JSON.parse(readFileSync(manifestPath!, 'utf8'))).toEqual(manifest);
  expect(readdirSync(join(cwd, 'run')).sort()).toEqual(['SHA256SUMS', 'journal.jsonl', 'manifest.json']);
  const check = await run('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: join(cwd, 'run') });
  expect([check.code, check.stdout.split('\n').length]).toEqual([0, 9]);
});

test('a name stays below the root, or is refused', async () => {
  const cwd = temporaryDirectory();
  mkdirSync(join(cwd, 'out/directory'), { recursive: true });
  mkdirSync(join(cwd, 'elsewhere'));
  symlinkSync('../elsewhere', join(cwd, 'out/link'));
  const names = ['../up', '/etc/x', 'a/../../b', 'C:\\x', '..\\up', 'nul\0l', '', '.', 'folder/', 'link/x', 'directory', 'ok.txt', 'OK.txt', 'e\u0301', '\u00e9', 7 as unknown as string, '-x', '\ud800'];
  const result = await publish(names.map((name) => ({ name, content: 'x' })), { cwd });
  const codes = Object.fromEntries(result.manifest.artifacts.map(({ name, results: [first] }) => [name, first?.errorCode ?? first?.status]));
  expect(codes).toEqual({
    '../up': 'bad_name', '/etc/x': 'bad_name', 'a/../../b': 'bad_name', 'C:\\x': 'bad_name', '..\\up': 'bad_name', 'nul\0l': 'bad_name', '?': 'bad_name', '.': 'bad_name', 'folder/': 'bad_name',
    'link/x': 'unsafe_path', directory: 'EISDIR', 'ok.txt': 'written', 'OK.txt': 'duplicate_name', 'e\u0301': 'written', '\u00e9': 'duplicate_name', '7': 'bad_name', '-x': 'written', '\ud800': 'bad_name',
  });
  expect(readdirSync(join(cwd, 'elsewhere'))).toEqual([]);
  expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['-x', 'directory', 'e\u0301', 'link', 'ok.txt']);
});

test('whatever is given as a name, what is taken stays below the root', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[.\\/ab:\0C\n]{0,12}$/), (name) => {
      let safe: string;
      try {
        safe = safeName(name);
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'bad_name';
      }
      return join('/root', safe).startsWith('/root/') && safeName(safe) === safe && safe.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
    }),
    { numRuns: 2_000 },
  );
});

test('one writer that throws, never answers, answers late or nonsense disturbs none of the others', async () => {
  let late: ((result: WriteResult) => void) | undefined;
  const aborted = vi.fn();
  const result = await publish([{ name: 'a', content: 'x' }], {
    timeout: 50,
    to: [
      failing('throws', () => {
        throw Object.assign(new Error('at once'), { code: 'EBOOM' });
      }),
      failing('rejects', async () => Promise.reject(new TypeError('later'))),
      failing('never', (_, { signal }) => new Promise(() => signal.addEventListener('abort', aborted))),
      failing('late', () => new Promise((resolve) => (late = resolve))),
      failing('nonsense', () => ({ status: 'done' }) as unknown as WriteResult),
      failing('nothing', () => undefined as unknown as WriteResult),
      { id: 'odd' } as Writer,
      { id: 'counts', writeAll: () => [] },
      takes,
      'nosuch:x',
    ],
  });
  expect(results(result)).toEqual([['a', 'EBOOM', 'TypeError', 'timeout', 'timeout', 'bad_answer', 'bad_answer', 'bad_destination', 'bad_answer', 'written', 'bad_destination']]);
  expect(aborted).toHaveBeenCalledOnce();
  late!({ status: 'written' });
  await new Promise(setImmediate);
  expect(JSON.parse(readFileSync(result.manifestPath!, 'utf8')).counts).toEqual({ attempted: 1, written: 1, failed: 9, skipped: 0, handedOver: 0 });
  expect([result.anyLanded, result.allLanded]).toEqual([true, false]);
});

test.each([
  ['much content', Buffer.alloc(2_000_000), false],
  ['little, flushed', Buffer.from('x'), true],
  ['a file', undefined, false],
])('what is over before it is in place never appears: %s', async (_, content, fsync) => {
  const directory = temporaryDirectory();
  const writer = filesystem({ directory, fsync });
  await expect(writer.write!({ ...ready('a', content ?? 'x'), content }, writeContext({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ name: 'AbortError' });
  expect(readdirSync(directory)).toEqual([]);
});

test('a writer that never answers is not waited for a thousand times', async () => {
  const asked = vi.fn(() => new Promise<WriteResult>(() => {}));
  const result = await publish(Array.from({ length: 40 }, (_, i) => ({ name: `a${i}`, content: '' })), { timeout: 20, concurrency: 2, to: [[failing('never', asked), takes]] });
  expect(asked.mock.calls.length).toBeLessThan(6);
  expect(result.manifest.counts.written).toBe(40);
  expect(results(result).at(-1)).toEqual(['a39', 'not_responding', 'written']);
});

test('publishes one after the other leave the event loop its turns', async () => {
  const cwd = temporaryDirectory();
  mkdirSync(join(cwd, 'out'));
  await publish([], { cwd });
  let turns = 0;
  let turning = setImmediate(function turn() {
    turns++;
    turning = setImmediate(turn);
  });
  for (let i = 0; i < 100; i++) await publish([{ name: 'a', content: 'a' }], { cwd });
  clearImmediate(turning);
  expect(turns).toBeGreaterThan(5);
});

test('options that make no sense are no reason to reject, nor to wait for less than ever', async () => {
  const slow = failing('slow', () => new Promise((resolve) => setTimeout(resolve, 20, { status: 'written' })));
  for (const timeout of [Infinity, Number.NaN, -1, 1e12]) {
    const { allLanded } = await publish([{ name: 'a', content: '' }], { timeout, concurrency: 0, to: [{ ...slow, timeout }] });
    expect([timeout, allLanded]).toEqual([timeout, true]);
  }
  const manifest = join(temporaryDirectory(), 'manifest.json');
  expect(results(await exports.publish([{ name: 'a', content: '' }], { manifest } as PublishOptions))).toEqual([['a', 'bad_destination']]);
  expect((await exports.publish(5 as never, { to: takes, manifest })).problems.join()).toContain('ended with an error after 0');
  expect(results(await exports.publish([null as never, { name: 'b', content: 5 as never }], { to: takes, manifest }))).toEqual([['undefined', 'bad_name'], ['b', 'bad_artifact']]);
});

test('a chain: the first that lands ends it; what none takes is told in one line', async () => {
  const few = failing('few', ({ name }) => (name === 'a' ? { status: 'handed_over' } : { status: 'skipped', skippedReason: 'unavailable' }));
  const several = vi.fn(async (artifacts: readonly { name: string }[]) => artifacts.map(({ name }): WriteResult => (name === 'b' ? { status: 'written', url: 'https://x/b' } : { status: 'failed', errorCode: 'http_500' })));
  const result = await publish(['a', 'b', 'c'].map((name) => ({ name, content: '' })), { to: [[few, { id: 'several', writeAll: several }]] });
  expect(results(result)).toEqual([['a', 'handed_over'], ['b', 'unavailable', 'written'], ['c', 'unavailable', 'http_500']]);
  expect(several.mock.calls.map(([artifacts]) => artifacts.map(({ name }) => name))).toEqual([['b', 'c']]);
  expect(result.chains[0]).toEqual({ chain: ['few', 'several'], missing: ['c'], problem: 'few,several: 1 of 3 artifacts were not published (few: unavailable; several: http 500)' });
  expect(result.manifest.fallbackSummary).toMatchObject({ few: { attempted: 3, handedOver: 1, skipped: 2, fellBack: 1 }, several: { attempted: 2, written: 1, failed: 1, fellBack: 0 } });
});

test('a chain that ends with nothing says why in sentences: the first of each kind, in one line, without secrets, cut', async () => {
  vi.stubEnv('DEPLOY_TOKEN', 'hunter2hunter2');
  const refuses = failing('r', ({ name }) => Promise.reject(Object.assign(new Error(name === 'c' ? 'x'.repeat(500) : `${name} was\n\u001b[31mrefused for hunter2hunter2`), { code: name === 'c' ? 'TOO_LONG' : 'REFUSED' })));
  const { chains } = await publish(['a', 'b', 'c'].map((name) => ({ name, content: '' })), { to: refuses, concurrency: 1 });
  vi.unstubAllEnvs();
  expect(chains[0]!.problem).toBe(`r: nothing was published (r: a was [31mrefused for [REDACTED], ${'x'.repeat(199)}…)`);
});

test('one that tells what came of the others comes last and knows it', async () => {
  let told: unknown;
  const teller: Writer = { id: 'teller', last: true, writeAll: (_, { manifest }) => ((told = manifest().counts), { status: 'written' }) };
  await publish([{ name: 'a', content: '' }], { to: [teller, failing('slow', () => new Promise((resolve) => setTimeout(resolve, 30, { status: 'written' })))] });
  expect(told).toMatchObject({ written: 1 });
});

test('an artifact that changes while it is read, is not there, or is no file', async () => {
  const cwd = temporaryDirectory();
  const file = join(cwd, 'changing');
  writeFileSync(file, Buffer.alloc(600_000, 'a'));
  mkdirSync(join(cwd, 'folder'));
  const change = failing('change', () => (writeFileSync(file, Buffer.alloc(600_000, 'b')), { status: 'written' }));
  const reads = failing('reads', async (artifact) => {
    for await (const _ of artifact.chunks());
    return { status: 'written' };
  });
  const shown = failing('shown', async (artifact) => {
    writeFileSync(await artifact.path(), 'c');
    return { status: 'written' };
  });
  const of = { name: 'x', file };
  const inTurn = async (...writers: Writer[]): Promise<unknown> => {
    writeFileSync(file, Buffer.alloc(600_000, 'a'));
    return results(await publish([of], { cwd, concurrency: 1, to: writers }));
  };
  expect(await inTurn(reads, change, reads)).toEqual([['x', 'written', 'written', 'changed_while_read']]);
  expect(await inTurn(shown)).toEqual([['x', 'changed_while_read']]);
  expect(results(await publish([{ name: 'a', file: 'nosuch' }, { name: 'b', file: 'folder' }, { name: 'c' } as Artifact, { name: 'd', content: '' }], { cwd }))).toEqual([['a', 'ENOENT'], ['b', 'EISDIR'], ['c', 'bad_artifact'], ['d', 'written']]);
});

test('a stream is read once, whoever writes it; one that fails or stalls is one failed artifact', async () => {
  let read = 0;
  const stream = async function* (): AsyncGenerator<Buffer> {
    read++;
    for (let i = 0; i < 10; i++) yield Buffer.alloc(100_000, i);
  };
  const breaks = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from('x');
    throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
  };
  const stalls = (): AsyncIterable<Buffer> => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) });
  const { cwd, ...result } = await publish([{ name: 'a', stream: stream() }, { name: 'b', stream: breaks() }, { name: 'c', stream: stalls() }], { to: ['dir:one', 'dir:two'], timeout: 100 });
  expect(results(result)).toEqual([['a', 'written', 'written'], ['b', 'ECONNRESET', 'ECONNRESET'], ['c', 'timeout', 'timeout']]);
  expect([read, readFileSync(join(cwd, 'one/a')).length, readFileSync(join(cwd, 'two/a')).length]).toEqual([1, 1_000_000, 1_000_000]);
  expect(readdirSync(join(cwd, 'run')).sort()).toEqual(['SHA256SUMS', 'journal.jsonl', 'manifest.json']);
});

test('listeners hear each write and the end; one that throws or rejects disturbs nothing', async () => {
  const heard: string[] = [];
  const on = (event: 'written' | 'failed' | 'skipped'): ((...of: any[]) => void) => {
    const listener = ({ artifact, result }: any): void => void heard.push(`${event} ${artifact} ${result.writer}`);
    exports.on(event, listener);
    return listener;
  };
  const throwing = (): never => {
    throw new Error('theirs');
  };
  const rejecting = async (): Promise<void> => throwing();
  exports.on('written', throwing);
  exports.on('written', rejecting);
  const listeners = (['written', 'failed', 'skipped'] as const).map((event) => [event, on(event)] as const);
  const done = vi.fn();
  exports.on('done', done);
  const result = await publish([{ name: 'a', content: '' }], { to: [takes, failing('skips', () => ({ status: 'skipped' })), failing('fails', () => ({ status: 'failed' }))] });
  for (const [event, listener] of listeners) exports.off(event, listener);
  exports.off('written', throwing);
  exports.off('written', rejecting);
  exports.off('done', done);
  expect(heard).toEqual(['written a takes', 'skipped a skips', 'failed a fails']);
  expect(done.mock.calls).toEqual([[expect.objectContaining({ runId: result.runId })]]);
  expect(results(result)).toEqual([['a', 'written', 'unavailable', 'failed']]);
});

test('cancelled: what is not done fails, and the manifest is complete', async () => {
  const controller = new AbortController();
  const waits = failing('waits', () => (controller.abort(), new Promise(() => {})));
  const result = await publish([{ name: 'a', content: '' }, { name: 'b', content: '' }], { signal: controller.signal, concurrency: 1, to: [[waits, takes]] });
  expect(results(result)).toEqual([['a', 'cancelled', 'cancelled'], ['b', 'cancelled', 'cancelled']]);
  expect(JSON.parse(readFileSync(result.manifestPath!, 'utf8')).state).toBe('complete');
});

test('a dry run writes the manifest and runs nothing', async () => {
  const write = vi.fn();
  const { cwd, manifest } = await publish([{ name: 'a', content: 'x' }], { dryRun: true, to: ['dir:out,command:none', { id: 'w', write }] });
  expect(manifest).toMatchObject({ dryRun: true, state: 'complete', counts: { written: 0, skipped: 3 }, artifacts: [{ size: 2, digest: {}, results: [{ target: 'dir:out', skippedReason: 'dry_run' }, { target: 'command:none' }, { target: 'w' }] }] });
  expect([existsSync(join(cwd, 'out')), write.mock.calls]).toEqual([false, []]);
});

test('budgets: what is over them is in the manifest, nothing is stopped', async () => {
  const { manifest, overBudget } = await publish([{ name: 'a', content: 'xyz' }], { to: ['dir:out', failing('fails', () => ({ status: 'failed' }))], budgets: { size: 3, failures: 1, duration: 60_000 } });
  expect(manifest.budgets).toMatchObject([{ name: 'duration', limit: 60, exceeded: false }, { name: 'size', limit: 3, actual: 4, exceeded: true }, { name: 'failures', limit: 1, actual: 1, exceeded: false }]);
  expect([overBudget, manifest.counts.written]).toEqual([true, 1]);
});

test('a manifest that cannot be written stops no write', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'run'), 'a file where the folder should be');
  const result = await publish([{ name: 'a', content: '' }], { cwd });
  expect([result.manifestPath, result.allLanded, existsSync(join(cwd, 'out/a'))]).toEqual([undefined, true, true]);
  expect(result.problems.join()).toContain('the manifest cannot be written');
});

test.each([
  ['DEPLOY_TOKEN', '[REDACTED]'],
  ['HTTP_AUTHORIZATION', '[REDACTED]'],
  ['BASIC_AUTH', '[REDACTED]'],
  ['MYSQL_PWD', '[REDACTED]'],
  ['PWD', 'hunter2hunter2'],
  ['OLDPWD', 'hunter2hunter2'],
  ['GIT_AUTHOR_NAME', 'hunter2hunter2'],
])('secrets of the environment are in no error: of %s there is %s', async (name, said) => {
  vi.stubEnv(name, 'hunter2hunter2');
  const { manifest } = await publish([{ name: 'a', content: '' }], { to: failing('f', () => Promise.reject(new Error('401 for hunter2hunter2'))) });
  vi.unstubAllEnvs();
  expect(manifest.artifacts[0]!.results[0]!.error).toBe(`401 for ${said}`);
});

test('the spans and numbers of a publish; its correlation id and trace are in the manifest', async () => {
  const directory = temporaryDirectory();
  const program = `import { exports, correlation } from ${JSON.stringify(join(ROOT, 'dist/src/index.js'))};
    const failing = { id: 'bad', write: () => ({ status: 'failed', errorCode: 'http_503', attempts: 3 }) };
    const all = { id: 'all', writeAll: () => ({ status: 'written' }) };
    const { manifest } = await correlation.with('release-1', () => exports.publish([{ name: 'a.txt', content: 'a', type: 'report' }, { name: 'b', content: 'b' }], { name: 'nightly', to: ['dir:${directory}/out', failing, all] }));
    console.log(JSON.stringify(manifest));`;
  const { stdout, stderr, code } = await runRegistered(directory, ['--input-type=module', '-e', program]);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^spoor: bad: nothing was published \(bad: http 503\)\n$/)]);
  const manifest = JSON.parse(stdout);
  const found = spans(directory);
  const root = found.find(({ name }) => name === 'publish nightly')!;
  expect([manifest.correlationId, manifest.traceId]).toEqual(['release-1', root.traceId]);
  expect(root).toMatchObject({ kind: 1, status: { code: 2 }, attributes: { 'error.type': 'not_landed', 'spoor.correlation.id': 'release-1', 'spoor.export.run.id': manifest.runId, 'spoor.export.artifacts': 2, 'spoor.export.written': 4, 'spoor.export.failed': 2, 'spoor.export.outcome': 'failed' } });
  const writes = found.filter(({ parentSpanId }) => parentSpanId === root.spanId);
  expect(writes.map(({ name }) => name).sort()).toEqual(['write all', 'write bad', 'write bad', 'write filesystem', 'write filesystem']);
  expect(writes.find(({ name, attributes }) => name === 'write filesystem' && attributes['artifact.filename'] === 'a.txt')!.attributes).toMatchObject({ 'artifact.hash': manifest.artifacts[0].digest.sha256, 'spoor.export.artifact_type': 'report', 'spoor.export.outcome': 'written' });
  expect(writes.find(({ name }) => name === 'write bad')!.attributes).toMatchObject({ 'error.type': 'http_503', 'spoor.export.attempts': 3 });
  expect(writes.find(({ name }) => name === 'write all')!.attributes).toMatchObject({ 'spoor.export.artifact_type': 'mixed', 'spoor.export.artifacts': 2 });
  expect(Object.fromEntries(Object.entries(totals(directory)).filter(([name]) => name.startsWith('spoor.export')))).toEqual({
    'spoor.export.duration error.type=http_503 spoor.export.artifact_type=file spoor.export.outcome=failed spoor.export.writer=bad': 1,
    'spoor.export.duration error.type=http_503 spoor.export.artifact_type=report spoor.export.outcome=failed spoor.export.writer=bad': 1,
    'spoor.export.duration error.type=not_landed spoor.export.outcome=failed': 1,
    'spoor.export.duration spoor.export.artifact_type=file spoor.export.outcome=written spoor.export.writer=filesystem': 1,
    'spoor.export.duration spoor.export.artifact_type=mixed spoor.export.outcome=written spoor.export.writer=all': 1,
    'spoor.export.duration spoor.export.artifact_type=report spoor.export.outcome=written spoor.export.writer=filesystem': 1,
    'spoor.export.size spoor.export.artifact_type=file spoor.export.outcome=written spoor.export.writer=filesystem': 1,
    'spoor.export.size spoor.export.artifact_type=mixed spoor.export.outcome=written spoor.export.writer=all': 2,
    'spoor.export.size spoor.export.artifact_type=report spoor.export.outcome=written spoor.export.writer=filesystem': 1,
  });
});
