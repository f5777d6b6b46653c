/** What an app may give and must not: streams that fail early, values of the wrong type. One of them is one failed result, never more. */
import { getEventListeners } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { type Artifact, type PublishOptions, type PublishResult, type Writer, exports } from '../../src/exports/exports.ts';
import { ROOT, run, runRegistered, spans, temporaryDirectory } from '../support/program.ts';

process.env.OTEL_LOG_LEVEL = 'none';

const PACKAGE = JSON.stringify(join(ROOT, 'dist/src/index.js'));
const isManifest = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(join(ROOT, 'spoor.manifest.schema.json'), 'utf8')));
const a = { name: 'a', content: 'a' };
const b = { name: 'b', content: 'b' };
const takes: Writer = { id: 'takes', write: () => ({ status: 'written' }) };
const throws = (): never => {
  throw new Error('a getter of theirs');
};

/** Every artifact and what came of it at each writer, with the manifest checked against its schema. */
async function publish(artifacts: unknown, options: object = { to: takes }): Promise<PublishResult & { came: string[][] }> {
  const given = Object.defineProperties({ manifest: join(temporaryDirectory(), 'manifest.json') }, Object.getOwnPropertyDescriptors(options));
  const result = await exports.publish(artifacts as Artifact[], given as unknown as PublishOptions);
  expect([isManifest(result.manifest), isManifest.errors]).toEqual([true, null]);
  const came = result.manifest.artifacts.map(({ name, results }) => [name, ...results.map(({ errorCode, skippedReason, status }) => errorCode ?? skippedReason ?? status)]);
  return { ...result, came };
}

test.each([
  ['before the package has loaded', '[{ name: "s", stream: createReadStream("nope") }, ok]', ''],
  ['in a list that is no array', 'new Set([{ name: "s", stream: createReadStream("nope") }, ok])', ''],
  ['in a list that comes slowly', '(async function* () { yield { name: "s", stream: createReadStream("nope") }; await tick(50); yield ok; })()', ''],
  ['while it waits for a slow writer', '[ok, { name: "s", stream: failing }]', 'const failing = new Readable({ read() {} }); slow = () => (failing.destroy(Object.assign(new Error("reset"), { code: "ENOENT" })), tick(50)); await exports.publish([], { to: "dir:out" });'],
  ['without being destroyed', '[{ name: "s", stream: odd }, ok]', 'const odd = new Readable({ read() {}, autoDestroy: false }); setImmediate(() => odd.emit("error", Object.assign(new Error("reset"), { code: "ENOENT" })));'],
])('a stream that fails before its turn is one failed artifact: %s', async (_, artifacts, before) => {
  const { code, stdout, stderr } = await run(
    process.execPath,
    ['--input-type=module', '-e', `import { createReadStream } from 'node:fs'; import { Readable } from 'node:stream'; import { setTimeout as tick } from 'node:timers/promises';
      import { exports } from ${PACKAGE};
      const ok = { name: 'ok', content: 'x' };
      let slow = () => {};
      ${before}
      const to = [{ id: 'slow', write: async () => (await slow(), { status: 'written' }) }];
      const { manifest } = await exports.publish(${artifacts}, { to, concurrency: 1, timeout: 2_000 });
      console.log(JSON.stringify(Object.fromEntries(manifest.artifacts.map(({ name, results: [first] }) => [name, first.errorCode ?? first.status]))));`],
    { cwd: temporaryDirectory(), env: { OTEL_LOG_LEVEL: 'none' } },
  );
  expect([code, stderr, JSON.parse(stdout || '0')]).toEqual([0, '', { s: 'ENOENT', ok: 'written' }]);
});

test('a stream that was read has no listener of ours left; what is no stream leaves no file open', async () => {
  const [stream, plain] = [Readable.from(['x']), Readable.from(['x'])];
  for await (const _ of plain);
  const open = (): number => readdirSync('/proc/self/fd').length;
  await publish([{ name: 's', stream }]);
  expect(stream.listenerCount('error')).toBe(plain.listenerCount('error'));
  const before = process.platform === 'linux' ? open() : 0;
  expect((await publish(Array.from({ length: 20 }, (_, i) => ({ name: `s${i}`, stream: { no: 'stream' } })))).manifest.counts).toMatchObject({ attempted: 20, failed: 20 });
  if (process.platform === 'linux') expect(open()).toBeLessThan(before + 10);
});

test.each([
  ['failed with a number', { status: 'failed', errorCode: 503 }, { status: 'failed', errorCode: '503' }],
  ['failed with an object', { status: 'failed', errorCode: {}, error: new Error('why') }, { status: 'failed', errorCode: 'failed', error: 'why' }],
  ['failed with nothing', { status: 'failed', errorCode: '', error: null }, { status: 'failed', errorCode: 'failed' }],
  ['skipped with a list', { status: 'skipped', skippedReason: [] }, { status: 'skipped', skippedReason: 'unavailable' }],
  ['an id that is a number', { status: 'written', remoteId: 42 }, { status: 'written', remoteId: '42' }],
  ['an address', { status: 'written', url: new URL('https://x.y/a'), path: new URL('https://x.y/a') }, { status: 'written', url: 'https://x.y/a' }],
  ['a file as an address', { status: 'written', path: new URL('file:///nowhere/x') }, { status: 'written', path: expect.stringMatching(/nowhere\/x$/) }],
  ['nothing that fits', { status: 'written', bytes: -1, sha256: 'X', attempts: '2', exitCode: 1.5, remoteId: {}, url: Symbol('x'), path: 7, output: 5n }, { status: 'written', bytes: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), attempts: 1, output: '5' }],
  ['what cannot be read', { get status() { return throws(); } }, { status: 'failed', errorCode: 'bad_answer' }],
])("a writer's answer: %s", async (_, answer, expected) => {
  const { manifest, problems } = await publish([a], { to: [[{ id: 'odd', write: () => answer }, takes], takes] });
  const [first, ...rest] = manifest.artifacts[0]!.results;
  const said: Record<string, unknown> = Object.fromEntries(Object.entries(first!).filter(([field]) => !['writer', 'target', 'chain', 'startedAt', 'durationMs'].includes(field)));
  expect([said, problems]).toEqual([{ attempts: 1, ...(said.status === 'written' && { bytes: 2, sha256: expect.any(String) }), ...(said.errorCode === 'bad_answer' && { error: expect.any(String) }), ...expected }, []]);
  expect(rest.map(({ chain: of, status }) => [of, status])).toEqual(said.status === 'written' ? [[1, 'written']] : [[0, 'written'], [1, 'written']]);
});

test.each([
  ['whose code cannot be read', { get code() { return throws(); } }, 'Error', 'odd'],
  ['whose name cannot be read', { get name() { return throws(); } }, 'Error', 'odd'],
  ['whose message cannot be read', { get message() { return throws(); } }, 'Error', 'an error that cannot be shown'],
  ['whose message is no text', { message: { why: 1 }, code: 'EODD' }, 'EODD', 'Error: [object Object]'],
])('a writer that rejects with an error %s has failed, and the next takes over', async (_, odd, errorCode, error) => {
  const thrown = Object.defineProperties(new Error('odd'), Object.getOwnPropertyDescriptors(odd));
  const { manifest } = await publish([a], { to: [[{ id: 'odd', write: async () => { throw thrown; } }, takes]] });
  expect(manifest.artifacts[0]!.results).toMatchObject([{ status: 'failed', errorCode, error }, { status: 'written' }]);
});

test.each([
  ['no metadata', { metadata: null }, 'written'],
  ['metadata that is no object', { metadata: 5 }, 'written'],
  ['metadata that cannot be read', { metadata: { get x() { return throws(); } } }, 'bad_artifact'],
  ['metadata that cannot be shown', { metadata: { x: Object.create(null) } }, 'bad_artifact'],
  ['types that are none', { type: Symbol('x'), mediaType: {} }, 'written'],
  ['a type that cannot be read', { get type() { return throws(); } }, 'bad_artifact'],
  ['content that cannot be read', { get content() { return throws(); } }, 'bad_artifact'],
  ['content that is none', { content: null }, 'bad_artifact'],
  ['a file that is no path', { content: undefined, file: 5 }, 'ERR_INVALID_ARG_TYPE'],
  ['a stream that is none', { content: undefined, stream: 5 }, 'TypeError'],
])('an artifact with %s: those beside it are published', async (_, odd, expected) => {
  const { came, allLanded } = await publish([a, Object.defineProperties({ name: 'odd', content: 'x' }, Object.getOwnPropertyDescriptors(odd)), b]);
  expect([came, allLanded]).toEqual([[['a', 'written'], ['odd', expected], ['b', 'written']], expected === 'written']);
});

test('names that cannot be used, and the same one again, are counted each', async () => {
  const unreadable = { get name() { return throws(); }, content: 'x' };
  const { came, manifest, chains } = await publish([a, unreadable, a, a, { ...a, name: Object.create(null) }, null, undefined, 5, 'x']);
  expect(came).toEqual([['a', 'written'], ['?', 'Error'], ['a', 'duplicate_name'], ['a', 'duplicate_name'], [expect.any(String), expect.any(String)], ...Array.from({ length: 4 }, () => ['undefined', 'bad_name'])]);
  expect([manifest.counts, chains[0]!.missing.length]).toEqual([{ attempted: 9, written: 1, failed: 8, skipped: 0, handedOver: 0 }, 8]);
});

test('results of the same name are told apart by the journal too', async () => {
  const cwd = temporaryDirectory();
  const program = `import { exports } from ${PACKAGE};
    exports.on('written', () => process.kill(process.pid, 'SIGKILL'));
    const file = { name: 'a', content: 'a' };
    await exports.publish([file, file, file, { ...file, name: 'b' }], { to: { id: 'w', write: ({ name }) => name === 'b' ? new Promise(() => {}) : { status: 'written' } }, manifest: 'manifest.json' });`;
  expect((await run(process.execPath, ['--input-type=module', '-e', program], { cwd, env: { OTEL_LOG_LEVEL: 'none' } })).signal).toBe('SIGKILL');
  const { verify } = await import('../../src/exports/verify.ts');
  const { manifest } = await verify(cwd);
  expect(manifest!.counts).toEqual({ attempted: 4, written: 1, failed: 2, skipped: 0, handedOver: 0 });
  expect(manifest!.artifacts.map(({ name, results }) => [name, results.length])).toEqual([['a', 1], ['a', 1], ['a', 1], ['b', 0]]);
});

test('a list that breaks off has not landed, nor has its span', async () => {
  async function* breaks(): AsyncGenerator<Artifact> {
    yield a;
    throw new Error('boom');
  }
  const atOnce = function* (): Generator<Artifact> {
    yield a;
    throw new Error('boom');
  };
  for (const list of [breaks(), atOnce()]) {
    const { came, anyLanded, allLanded, problems } = await publish(list);
    expect([came, anyLanded, allLanded, problems]).toEqual([[['a', 'written']], false, false, ['the list of artifacts ended with an error after 1: boom']]);
  }
  const directory = temporaryDirectory();
  const program = `import { exports } from ${PACKAGE};
    await exports.publish((async function* () { yield { name: 'a', content: 'a' }; throw new Error('boom'); })(), { to: { id: 'w', write: () => ({ status: 'written' }) } });`;
  await runRegistered(directory, ['--input-type=module', '-e', program]);
  expect(spans(directory).find(({ name }) => name === 'publish artifacts')!.attributes).toMatchObject({ 'spoor.export.outcome': 'failed', 'error.type': 'not_landed' });
});

test.each([
  ['a name that is none', { name: Symbol('x') }, 'written'],
  ['an empty name', { name: '' }, 'written'],
  ['limits that are none', { budgets: { size: Symbol('x'), duration: Number.NaN, failures: null } }, 'written'],
  ['numbers that are none', { timeout: Symbol('x'), concurrency: 8n }, 'written'],
  ['a signal that is none', { signal: {} }, 'written'],
  ['a writer with odd numbers and an empty target', { to: { ...takes, target: '', timeout: 5n, concurrency: Symbol('x') } }, 'written'],
  ['a writer whose id cannot be read', { to: [{ get id() { return throws(); }, write() {} }] }, 'bad_destination'],
  ['a writer without an id', { to: { id: '', write() {} } }, 'bad_destination'],
  ['a writer that cannot be looked at', { to: { id: 'odd', write() {}, get concurrency() { return throws(); } } }, 'Error'],
  ['an empty destination', { to: '' }, 'bad_destination'],
  ['a dry run that is no boolean', { to: ['', takes], dryRun: 1 }, 'dry_run'],
])('options with %s: it never rejects', async (_, options, expected) => {
  const { came, manifest } = await publish([a], { to: takes, ...options });
  expect([came[0]!.at(-1), manifest.name, manifest.state, manifest.counts.attempted]).toEqual([expected, 'artifacts', 'complete', 1]);
});

test('without options, or with those that cannot be read, nothing landed, and it is said', async () => {
  const unreadable = Object.defineProperty({}, 'to', { get: throws });
  expect(await publish([a], unreadable)).toMatchObject({ anyLanded: false, allLanded: false, manifestPath: undefined, problems: ['the publish ended with an error: a getter of theirs'] });
  const program = `import { exports } from ${PACKAGE};
    const { manifest, allLanded } = await exports.publish([{ name: 'a', content: 'a' }], null);
    console.log(manifest.artifacts[0].results[0].errorCode, allLanded);`;
  expect(await run(process.execPath, ['--input-type=module', '-e', program], { cwd: temporaryDirectory(), env: { OTEL_LOG_LEVEL: 'none' } })).toMatchObject({ code: 0, stdout: 'bad_destination false\n' });
});

test('a stream is one artifact: given again it fails, and is not written as an empty file; what begins anew may be given twice', async () => {
  const stream = Readable.from(['all of it']);
  const used = Readable.from(['x']);
  for await (const _ of used);
  const anew = { async *[Symbol.asyncIterator]() { yield 'again'; } };
  const { came } = await publish([{ name: 'a', stream }, { name: 'b', stream }, { name: 'c', stream: used }, { name: 'd', stream: anew }, { name: 'e', stream: anew }]);
  expect(came).toEqual([['a', 'written'], ['b', 'stream_used'], ['c', 'stream_used'], ['d', 'written'], ['e', 'written']]);
  expect((await publish([{ name: 'a', stream }])).came).toEqual([['a', 'stream_used']]);
});

test('a list that never ends is waited for until the publish is cancelled; nobody knows then what else there was', async () => {
  const endless = (async function* () {
    yield a;
    await new Promise(() => {});
  })();
  const cancelling = new AbortController();
  const result = publish(endless, { to: takes, signal: cancelling.signal });
  setTimeout(() => cancelling.abort(new Error('enough')), 50);
  expect(await result).toMatchObject({ anyLanded: false, allLanded: false, problems: expect.arrayContaining([expect.stringContaining('ended with an error after 1: enough')]) });
});

test('a signal that outlives a list has no listener of ours left', async () => {
  const { signal } = new AbortController();
  const before = getEventListeners(signal, 'abort').length;
  const slow = (async function* () { yield a; })();
  expect((await publish(slow, { to: takes, signal })).allLanded).toBe(true);
  expect(getEventListeners(signal, 'abort')).toHaveLength(before);
});
