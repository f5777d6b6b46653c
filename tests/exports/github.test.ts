/** GitHub's artifact service, as `@actions/artifact` speaks to it, and its blob storage. */
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import yauzl from 'yauzl';
import { artifactName } from '../../src/exports/providers/github-names.ts';
import { githubWriter } from '../../src/exports/providers/github.ts';
import type { WriteResult } from '../../src/exports/writer.ts';
import { github, JOB, RUN, token, TOKEN } from './github-service.ts';
import { failure, ready, serve, sha256, writeContext } from './providers.ts';

const retry = { delay: 1, timeout: 2_000 };

it('a single file goes up as it is, in blocks of 4 MiB, at most four at a time', async () => {
  const { env, stored, counts, most } = await github(undefined, 4);
  const bytes = Buffer.alloc(33_000_000);
  for (let i = 0; i < bytes.length; i += 997) bytes[i] = i % 251;
  const result = await githubWriter({ env, retry }).writeAll!([ready('reports/unit.html', bytes, 'text/html')], writeContext());
  expect(result).toEqual({ status: 'written', bytes: bytes.length, sha256: sha256(bytes), attempts: 1, remoteId: '4711', url: 'https://github.com/o/r/actions/runs/99/artifacts/4711' });
  const [one] = stored.values();
  expect({ ...one, bytes: one!.bytes.equals(bytes) }).toEqual({ name: 'unit-unit-2.html', mediaType: 'text/html', size: '33000000', hash: `sha256:${sha256(bytes)}`, bytes: true });
  expect(counts.get('block')).toBe(8);
  expect(most()).toBe(4);
});

it('an empty file is an artifact too', async () => {
  const { env, stored } = await github();
  expect(await githubWriter({ env, retry }).writeAll!([ready('empty.txt', '')], writeContext())).toMatchObject({ status: 'written', bytes: 0, sha256: sha256('') });
  expect(stored.get('empty-unit-2.txt')).toMatchObject({ size: '0' });
});

it('several files go up as one zip that holds them, with the digest of the zip', async () => {
  const { env, stored } = await github();
  const files = new Map([['a.txt', Buffer.from('a'.repeat(500_000))], ['deep/er/ü.json', Buffer.from('{}')], ['shot.png', Buffer.from([1, 2, 3])], ['none', Buffer.alloc(0)], ['a:b', Buffer.from('drive')], ['a\\b', Buffer.from('backslash')], ['a_b', Buffer.from('taken')]]);
  const artifacts = [...files].map(([name, bytes]) => ready(name, bytes, name.endsWith('png') ? 'image/png' : 'text/plain'));
  const result = (await githubWriter({ env, name: 'nightly', retry }).writeAll!(artifacts, writeContext())) as WriteResult;
  const one = stored.get('nightly-unit-2')!;
  expect([result.sha256, one.hash, one.size, one.mediaType]).toEqual([sha256(one.bytes), `sha256:${sha256(one.bytes)}`, String(one.bytes.length), 'application/zip']);
  const zip = await promisify<Buffer, yauzl.ZipFile>((buffer, done) => yauzl.fromBuffer(buffer, { lazyEntries: false, autoClose: false }, done))(one.bytes);
  const entries: yauzl.Entry[] = [];
  await new Promise((resolve, reject) => zip.on('entry', (entry) => entries.push(entry)).on('end', resolve).on('error', reject));
  const read = new Map<string, Buffer>();
  for (const entry of entries) {
    const parts: Buffer[] = [];
    for await (const part of await promisify(zip.openReadStream.bind(zip) as (entry: yauzl.Entry, done: (error: Error | null, stream: NodeJS.ReadableStream) => void) => void)(entry)) parts.push(part as Buffer);
    read.set(entry.fileName, Buffer.concat(parts));
  }
  const packed: Record<string, string> = { 'a:b': 'a_b', 'a\\b': '2-a_b', a_b: '3-a_b' };
  expect(read).toEqual(new Map([...files].map(([name, bytes]) => [packed[name] ?? name, bytes])));
});

it.each([500, 502, 503, 504, 429])('%i is tried again, at the service and at the storage', async (status) => {
  const { env, stored } = await github((_, count) => (count <= 2 ? status : undefined));
  expect(await githubWriter({ env, retry }).writeAll!([ready('a.txt', 'a')], writeContext())).toMatchObject({ status: 'written', attempts: 3 });
  expect(stored.get('a-unit-2.txt')!.bytes.toString()).toBe('a');
});

it('after five attempts, and at once for what will not pass, it fails with the status', async () => {
  const passing = await github(() => 503);
  expect(await failure(githubWriter({ env: passing.env, retry }).writeAll!([ready('a.txt', 'a')], writeContext()))).toMatchObject({ code: 'http_503', attempts: 5 });
  expect(passing.seen).toHaveLength(5);
  const lasting = await github(({ query }) => (query.get('comp') === 'block' ? 403 : undefined));
  const error = await failure(githubWriter({ env: lasting.env, retry }).writeAll!([ready('a.txt', Buffer.alloc(20_000_000))], writeContext()));
  expect([(error as { code?: string }).code, lasting.counts.get('FinalizeArtifact')]).toEqual(['http_403', undefined]);
});

it('a name that is taken, as by another job of a matrix, gets the id of the job; further publishes of the job their own', async () => {
  const taken = new Set(['a-unit-2.txt']);
  const { env, stored } = await github(({ path, body }) => {
    if (!path.endsWith('CreateArtifact')) return undefined;
    const { name } = JSON.parse(body.toString()) as { name: string };
    return taken.size === taken.add(name).size ? 409 : undefined;
  });
  const publish = (runId: string) => githubWriter({ env, retry }).writeAll!([ready('a.txt', 'a')], writeContext({ runId }));
  for (const runId of ['20261122T024416452Z-00000001', '20261122T024416452Z-00000002', '20261122T024416452Z-00000003']) expect(await publish(runId)).toMatchObject({ status: 'written' });
  expect([...stored.keys()]).toEqual(['a-unit-2-ca395085.txt', 'a-unit-2-ca395085-00000002.txt', 'a-unit-2-ca395085-00000003.txt']);
  expect(await failure(publish('20261122T024416452Z-00000003') as Promise<unknown>)).toMatchObject({ code: 'http_409', message: expect.stringMatching(/names are for good.*a-unit-2-ca395085-00000003\.txt; give the publish another name/) });
});

it('where there is no service it says so, and the next in the chain starts', async () => {
  const cases: [NodeJS.ProcessEnv, RegExp][] = [
    [{}, /not a job of GitHub Actions/],
    [{ GITHUB_ACTIONS: 'true' }, /gives the upload token to actions, not to `run:` steps.*docs\/ci\.md/],
    [{ GITHUB_ACTIONS: 'true', ACTIONS_RUNTIME_TOKEN: TOKEN, ACTIONS_RESULTS_URL: 'http://x', GITHUB_SERVER_URL: 'https://git.corp.example' }, /Enterprise Server/],
  ];
  for (const [env, error] of cases) {
    expect(await githubWriter({ env }).writeAll!([ready('a', 'a')], writeContext())).toEqual({ status: 'skipped', skippedReason: 'unavailable', error: expect.stringMatching(error) });
  }
});

it('a bad token, a bad answer, an aborted publish and an artifact that changes are failures', async () => {
  const { env, seen } = await github();
  for (const bad of ['nonsense', token('Actions.Results:only-one'), token(7), token(`Actions.Results:${RUN}:${JOB}:more`)]) {
    expect(await failure(githubWriter({ env: { ...env, ACTIONS_RUNTIME_TOKEN: bad }, retry }).writeAll!([ready('a', 'a')], writeContext()))).toMatchObject({ code: 'bad_token' });
  }
  expect(seen).toHaveLength(0);
  const odd = await serve((_, response) => void response.writeHead(200).end('<html>'));
  expect(await failure(githubWriter({ env: { ...env, ACTIONS_RESULTS_URL: odd.url }, retry }).writeAll!([ready('a', 'a')], writeContext()))).toMatchObject({ code: 'bad_answer' });
  const withKey = await serve((_, response) => void response.writeHead(200).end(JSON.stringify({ ok: true, signed_upload_url: 'http://u:p@127.0.0.1:1/blob?sig=secret-signature' })));
  expect(await failure(githubWriter({ env: { ...env, ACTIONS_RESULTS_URL: withKey.url }, retry }).writeAll!([ready('a', 'a')], writeContext()))).toMatchObject({ code: 'network_error' });
  const silent = await serve(() => {});
  const aborted = AbortSignal.timeout(50);
  await failure(githubWriter({ env: { ...env, ACTIONS_RESULTS_URL: silent.url }, retry }).writeAll!([ready('a', 'a')], writeContext({ signal: aborted })));
  expect(silent.seen).toHaveLength(1);
  const changed = { ...ready('a', 'a'), async *chunks() { yield Buffer.from('x'); throw Object.assign(new Error('changed'), { code: 'changed_while_read' }); } };
  for (const artifacts of [[changed], [ready('b', 'b'), changed]]) {
    expect(await failure(githubWriter({ env, retry }).writeAll!(artifacts, writeContext()))).toMatchObject({ code: 'changed_while_read' });
  }
});

it('names hold nothing that GitHub refuses', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (stem, ending, job) => {
      const name = artifactName(stem, ending, { GITHUB_JOB: job, GITHUB_RUN_ATTEMPT: '1' });
      // oxlint-disable-next-line no-control-regex
      expect(name).not.toMatch(/["<>|*?:\\/\r\n\u0000]/);
      expect(name.length).toBeGreaterThan(0);
    }),
  );
  expect(artifactName('x'.repeat(300), '.txt', { GITHUB_JOB: 'unit', GITHUB_RUN_ATTEMPT: '2' }, 'abcd1234')).toBe(`${'x'.repeat(184)}-unit-2-abcd1234.txt`);
});
