/** The webhook: signed as the specification's own library checks it, and a receiver that fails in every way. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type BudgetLimits, type Writer, exports } from '../../src/exports/exports.ts';
import { webhookWriter } from '../../src/exports/providers/webhook.ts';
import type { Manifest } from '../../src/exports/manifest.ts';
import type { WriteResult } from '../../src/exports/writer.ts';
import { temporaryDirectory } from '../support/program.ts';
import { failure, ready, serve, writeContext } from './providers.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const manifest = { runId: 'run1', name: 'nightly — ünï', counts: { failed: 1 } } as unknown as Manifest;
const context = writeContext({ manifest: () => manifest });
const retry = { delay: 1, timeout: 2_000 };

async function post(url: string | undefined, secret: string | undefined = SECRET, more: Partial<typeof context> = {}): Promise<WriteResult> {
  return (await webhookWriter({ url, secret, retry }).writeAll!([ready('a', 'a')], { ...context, ...more })) as WriteResult;
}

it('is signed so that a receiver with the secret accepts it, and nobody else', async () => {
  const { url, seen } = await serve((_, response) => void response.writeHead(204).end());
  expect(await post(`${url}/hook`, `${OTHER} ${SECRET}`)).toEqual({ status: 'written', attempts: 1, bytes: Buffer.byteLength(JSON.stringify(manifest)) });
  const [{ headers, body, method }] = seen as [(typeof seen)[0]];
  expect([method, headers['content-type'], headers['webhook-id']]).toEqual(['POST', 'application/json', 'msg_run1']);
  for (const secret of [SECRET, OTHER]) expect(new Webhook(secret).verify(body.toString(), headers as Record<string, string>)).toEqual(manifest);
  expect(() => new Webhook(SECRET).verify(body.toString().replace('1', '2'), headers as Record<string, string>)).toThrow();
  expect(() => new Webhook(`whsec_${Buffer.alloc(32, 9).toString('base64')}`).verify(body.toString(), headers as Record<string, string>)).toThrow();
});

it('a retry has the same id and a signature of its own', async () => {
  const { url, seen } = await serve((_, response) => void response.writeHead(seen.length < 3 ? 503 : 200).end());
  expect(await post(url)).toMatchObject({ status: 'written', attempts: 3 });
  expect(new Set(seen.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(['msg_run1']));
  for (const { headers, body } of seen) new Webhook(SECRET).verify(body.toString(), headers as Record<string, string>);
});

it('waits as long as Retry-After asks', async () => {
  const times: number[] = [];
  const { url } = await serve((_, response) => {
    times.push(Date.now());
    response.writeHead(times.length === 1 ? 429 : 200, { 'retry-after': '1' }).end();
  });
  await post(url);
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(950);
});

it('what asks for a longer wait than anybody has is not asked again sooner', async () => {
  const { url, seen } = await serve((_, response) => void response.writeHead(429, { 'retry-after': '301' }).end('busy'));
  expect(await failure(post(url))).toMatchObject({ code: 'http_429', attempts: 1, message: expect.stringMatching(/answered 429: busy; it asks for a wait of 301 s/) });
  expect(seen).toHaveLength(1);
});

it.each([400, 401, 404, 410])('%i is final', async (status) => {
  const { url, seen } = await serve((_, response) => void response.writeHead(status).end('no such hook'));
  expect(await failure(post(`${url}/secret?key=secret`))).toMatchObject({ code: `http_${status}`, attempts: 1, message: expect.stringMatching(/no such hook$/) });
  expect(seen).toHaveLength(1);
});

it.each([500, 502, 408])('%i is tried five times', async (status) => {
  const { url, seen } = await serve((_, response) => void response.writeHead(status).end());
  expect(await failure(post(url))).toMatchObject({ code: `http_${status}`, attempts: 5 });
  expect(seen).toHaveLength(5);
});

it('a redirect is not followed: the manifest goes where it was sent', async () => {
  const other = await serve((_, response) => void response.end());
  const { url } = await serve((_, response) => void response.writeHead(307, { location: other.url }).end());
  expect(await failure(post(url))).toMatchObject({ code: 'http_307', message: expect.stringContaining('redirects are not followed') });
  expect(other.seen).toHaveLength(0);
});

it('nobody there, a broken connection, no answer, a body without end', async () => {
  expect(await failure(post('http://127.0.0.1:1/'))).toMatchObject({ code: expect.stringMatching(/ECONNREFUSED|network_error/), attempts: 5 });
  const rude = createServer((socket) => void socket.destroy());
  await once(rude.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void rude.close());
  expect(await failure(post(`http://127.0.0.1:${(rude.address() as AddressInfo).port}`))).toMatchObject({ attempts: 5 });
  const silent = await serve(() => {});
  const slow = webhookWriter({ url: silent.url, retry: { delay: 1, timeout: 30, attempts: 2 } }).writeAll!([], context);
  expect(await failure(slow as Promise<unknown>)).toMatchObject({ code: 'timeout', attempts: 2 });
  expect(await failure(post(silent.url, SECRET, { signal: AbortSignal.timeout(20) }))).toMatchObject({ name: 'TimeoutError' });
  const endless = await serve((_, response) => {
    const go = (): void => { while (!response.destroyed && response.write('x'.repeat(65_536))); if (!response.destroyed) response.once('drain', go); };
    go();
  });
  expect(await post(endless.url)).toMatchObject({ status: 'written' });
  // It has taken it; that it never ends its answer is no reason to send it again.
  const endsNever = await serve((_, response) => void response.writeHead(200).write('x'));
  expect(await webhookWriter({ url: endsNever.url, retry: { delay: 1, timeout: 200, attempts: 2 } }).writeAll!([], context)).toMatchObject({ status: 'written', attempts: 1 });
});

it('without an address it is unavailable; a bad address or secret is named, never shown', async () => {
  expect(await post(undefined)).toMatchObject({ status: 'skipped', skippedReason: 'unavailable' });
  for (const url of ['secret', 'file:///secret', 'https://user:secret@x.y/']) {
    expect(() => webhookWriter({ url })).toThrow(/^SPOOR_WEBHOOK_URL/);
    expect(() => webhookWriter({ url })).not.toThrow(/secret/);
  }
  const ofBytes = (count: number): string => `whsec_${Buffer.alloc(count, 7).toString('base64')}`;
  for (const secret of ['whsec_', 'whsec_%%%%%%%%%%%%%%%%%%%%%%%%', 'c2hvcnQ=', ofBytes(23), ofBytes(65), `${SECRET} ${ofBytes(16)}`]) expect(() => webhookWriter({ url: 'http://x', secret })).toThrow(/^SPOOR_WEBHOOK_SECRET is no secret.*24 to 64 bytes/);
  for (const count of [24, 64]) expect(webhookWriter({ url: 'http://x', secret: ofBytes(count) })).toMatchObject({ id: 'webhook' });
  expect(webhookWriter({ url: 'https://hooks.example/T000/secret', secret: SECRET }).target).toBe('webhook:hooks.example');
});

it('in a publish it comes last and tells what came of the others', async () => {
  const { url, seen } = await serve((_, response) => void response.end());
  vi.stubEnv('SPOOR_WEBHOOK_URL', url);
  vi.stubEnv('SPOOR_WEBHOOK_SECRET', SECRET);
  vi.stubEnv('OTEL_LOG_LEVEL', 'none');
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = temporaryDirectory();
  const { manifest: own, allLanded } = await exports.publish([{ name: 'a.txt', content: 'a' }, { name: '../b.txt', content: 'b' }], { to: [['webhook'], ['dir:out']], cwd: folder, manifest: join(folder, 'run/manifest.json') });
  const told = JSON.parse(seen[0]!.body.toString()) as Manifest;
  expect([seen.length, told.runId, told.state, allLanded]).toEqual([1, own.runId, 'running', false]);
  expect(told.artifacts.map(({ results }) => results.map(({ writer, status }) => `${writer} ${status}`))).toEqual(own.artifacts.map(({ results }) => results.filter(({ writer }) => writer !== 'webhook').map(({ writer, status }) => `${writer} ${status}`)));
  expect(JSON.stringify(own)).not.toContain(SECRET);
});

it('a budget that is exceeded is posted, and what keeps within it is not', async () => {
  const { url, seen } = await serve((_, response) => void response.end());
  vi.stubEnv('SPOOR_WEBHOOK_URL', url);
  vi.stubEnv('SPOOR_WEBHOOK_SECRET', SECRET);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = temporaryDirectory();
  const publish = (size: number) => exports.publish([{ name: 'a.txt', content: 'aaaa' }], { to: ['dir:out'], cwd: folder, manifest: join(folder, `run-${size}/manifest.json`), budgets: { size } });
  const { overBudget, manifest: own } = await publish(3);
  await publish(100);
  expect([overBudget, seen.length]).toEqual([true, 1]);
  const [{ headers, body }] = seen as [(typeof seen)[0]];
  const told = new Webhook(SECRET).verify(body.toString(), headers as Record<string, string>) as Manifest;
  expect([told.runId, told.budgets]).toEqual([own.runId, [expect.objectContaining({ name: 'size', limit: 3, actual: 5, exceeded: true })]]);
});

it('a budget that is exceeded is in what a chain posts, which is then not posted again; unless it was not taken', async () => {
  const answers = [204, 404, 204, 204];
  const { url, seen } = await serve((_, response) => void response.writeHead(answers.shift()!).end());
  vi.stubEnv('SPOOR_WEBHOOK_URL', url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = temporaryDirectory();
  const publish = (name: string, budgets: BudgetLimits) => exports.publish([{ name: 'a.txt', content: 'aaaa' }], { to: ['dir:out', 'webhook'], cwd: folder, manifest: join(folder, name, 'manifest.json'), budgets });
  const posted = (): unknown[] => seen.splice(0).map(({ body, headers }) => ((told: Manifest) => [told.state, told.budgets.map(({ actual, exceeded }) => [actual, exceeded]), String(headers['webhook-id']).replace(told.runId, '')])(JSON.parse(body.toString())));
  await publish('told', { size: 3 });
  expect(posted()).toEqual([['running', [[5, true]], 'msg_']]);
  await publish('by-itself', { failures: 0 });
  expect(posted()).toEqual([['running', [[0, false]], 'msg_'], ['complete', [[1, true]], 'msg__complete']]);
  await publish('within', { size: 100 });
  expect(posted()).toEqual([['running', [[5, false]], 'msg_']]);
});

it('in a chain as the fallback it waits for the other chains too, and two of them not for each other', async () => {
  const { url, seen } = await serve((_, response) => void response.end());
  vi.stubEnv('SPOOR_WEBHOOK_URL', url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = temporaryDirectory();
  const fails: Writer = { id: 'fails', write: () => ({ status: 'failed' }) };
  const slow: Writer = { id: 'slow', write: async () => (await new Promise((resolve) => setTimeout(resolve, 50)), { status: 'written' }) };
  const { manifest: own } = await exports.publish([{ name: 'a', content: 'a' }], { to: [[fails, 'webhook'], ['webhook', 'dir:out'], slow, []], cwd: folder, manifest: join(folder, 'run/manifest.json') });
  expect(seen.map(({ body }) => (JSON.parse(body.toString()) as Manifest).artifacts[0]!.results.map(({ writer }) => writer))).toEqual([['fails', 'slow'], ['fails', 'slow']]);
  expect(own.artifacts[0]!.results.map(({ writer }) => writer)).toEqual(['fails', 'webhook', 'webhook', 'slow']);
});

it('a publish that is cancelled waits for no webhook that it would tell of an overrun', async () => {
  const cancelling = new AbortController();
  const { url, seen } = await serve(() => cancelling.abort());
  vi.stubEnv('SPOOR_WEBHOOK_URL', url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = temporaryDirectory();
  const { allLanded, problems } = await exports.publish([{ name: 'a.txt', content: 'aaaa' }], { to: 'dir:out', cwd: folder, manifest: join(folder, 'run/manifest.json'), budgets: { size: 3 }, signal: cancelling.signal });
  expect([seen.length, allLanded, problems]).toEqual([1, true, ["the budget's webhook was not reached: the publish was cancelled"]]);
});

it('a webhook that cannot be told of an overrun harms nothing, and is said', async () => {
  const { url } = await serve((_, response) => void response.writeHead(404).end());
  vi.stubEnv('SPOOR_WEBHOOK_URL', url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = temporaryDirectory();
  const result = await exports.publish([{ name: 'a.txt', content: 'aaaa' }], { to: ['dir:out'], cwd: folder, manifest: join(folder, 'run/manifest.json'), budgets: { size: 3 } });
  expect([result.overBudget, result.allLanded, result.problems]).toEqual([true, true, [expect.stringContaining("the budget's webhook was not reached")]]);
});
