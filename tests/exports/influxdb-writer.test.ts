/** `influxdb` in a chain: the lines of an artifact arrive, whatever the chunks they are read in. */
import { gunzipSync } from 'node:zlib';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { exports, type ManifestResult } from '../../src/exports/exports.ts';
import { temporaryDirectory } from '../support/program.ts';
import { TOKEN } from './github-service.ts';
import { serve } from './providers.ts';

const LINES = Array.from({ length: 20_000 }, (_, i) => `m,t=${'😀'.repeat(20)},i=${i % 7} v=${i} ${i + 1}`);
let folder: string;
beforeEach(() => {
  folder = temporaryDirectory();
  vi.stubEnv('OTEL_LOG_LEVEL', 'none');
});
afterEach(() => void vi.unstubAllEnvs());

async function publish(name = 'rollups.lp'): Promise<ManifestResult[]> {
  // A file is read in chunks, which end anywhere.
  const file = join(folder, 'lines');
  writeFileSync(file, LINES.join('\n'));
  const { manifest } = await exports.publish([{ name, file }], { to: 'influxdb,dir:out', cwd: folder, manifest: join(folder, 'run/manifest.json') });
  return [...manifest.artifacts[0]!.results];
}

it('writes them in batches, with what the environment says', async () => {
  const { url, seen } = await serve((_, response) => void response.writeHead(204).end());
  vi.stubEnv('SPOOR_INFLUXDB_URL', url);
  vi.stubEnv('SPOOR_INFLUXDB_ORG', 'o');
  vi.stubEnv('SPOOR_INFLUXDB_BUCKET', 'b');
  vi.stubEnv('SPOOR_INFLUXDB_TOKEN', 'secret');
  expect(await publish()).toMatchObject([{ writer: 'influxdb', target: `influxdb:${new URL(url).host}`, status: 'written' }]);
  expect(seen.map(({ path, query, headers }) => [path, query.get('bucket'), headers.authorization])).toEqual(Array.from({ length: 4 }, () => ['/api/v2/write', 'b', 'Token secret']));
  expect(seen.flatMap(({ body }) => gunzipSync(body).toString().trimEnd().split('\n'))).toEqual(LINES);
});

it('what it cannot write goes to the next in the chain', async () => {
  expect(await publish()).toMatchObject([{ writer: 'influxdb', status: 'skipped', skippedReason: 'unavailable' }, { status: 'written' }]);
  const { url } = await serve((_, response) => void response.writeHead(401).end('unauthorized'));
  vi.stubEnv('SPOOR_INFLUXDB_URL', url);
  expect(await publish()).toMatchObject([{ status: 'failed', errorCode: 'bad_destination', error: expect.stringMatching(/`database` is missing: set SPOOR_INFLUXDB_DATABASE/) }, { status: 'written' }]);
  vi.stubEnv('SPOOR_INFLUXDB_DATABASE', 'd');
  vi.stubEnv('SPOOR_INFLUXDB_TOKEN', 'secret');
  const refused = await publish();
  expect(refused).toMatchObject([{ status: 'failed', errorCode: 'http_401', error: expect.stringContaining('unauthorized') }, { status: 'written' }]);
  expect(JSON.stringify(refused)).not.toContain('secret');
  expect(await publish('page.html')).toMatchObject([{ status: 'skipped', skippedReason: 'not_numbers' }, { status: 'written' }]);
  for (const address of ['//admin:secret@x', 'localhost:8086']) {
    vi.stubEnv('SPOOR_INFLUXDB_URL', address);
    expect(await publish()).toMatchObject([{ errorCode: 'bad_destination', error: 'SPOOR_INFLUXDB_URL is no address: it must begin with https:// or http://' }, { status: 'written' }]);
  }
  vi.stubEnv('SPOOR_INFLUXDB_URL', url);
  vi.stubEnv('SPOOR_INFLUXDB_VERSION', 'nine');
  expect(await publish()).toMatchObject([{ status: 'failed', errorCode: 'bad_destination', error: expect.stringContaining('SPOOR_INFLUXDB_VERSION') }, { status: 'written' }]);
});

it('credentials in the address reach no manifest', async () => {
  const { url, seen } = await serve((_, response) => void response.writeHead(204).end());
  vi.stubEnv('SPOOR_INFLUXDB_DATABASE', 'd');
  vi.stubEnv('SPOOR_INFLUXDB_URL', url.replace('//', '//admin:hunter2@'));
  const written = await publish();
  expect([written[0]!.status, seen[0]!.headers.authorization]).toEqual(['written', `Basic ${btoa('admin:hunter2')}`]);
  vi.stubEnv('SPOOR_INFLUXDB_URL', 'nosuch://admin:hunter2@127.0.0.1');
  const failed = await publish();
  expect(failed).toMatchObject([{ status: 'failed', errorCode: 'bad_destination' }, { status: 'written' }]);
  expect(JSON.stringify([written, failed])).not.toContain('hunter2');
});

it.each(['influxdb', 'github', 'buildkite'])('%s: a timeout that was given goes before its own', async (to) => {
  const { url } = await serve(() => {});
  for (const [name, value] of Object.entries({ SPOOR_INFLUXDB_URL: url, SPOOR_INFLUXDB_DATABASE: 'd', ACTIONS_RESULTS_URL: url, ACTIONS_RUNTIME_TOKEN: TOKEN, GITHUB_SERVER_URL: undefined, PATH: [folder, process.env.PATH].join(delimiter) })) vi.stubEnv(name, value);
  writeFileSync(join(folder, 'buildkite-agent'), '#!/bin/sh\nexec sleep 300\n');
  chmodSync(join(folder, 'buildkite-agent'), 0o755);
  const { manifest } = await exports.publish([{ name: 'rollups.lp', content: 'm v=1' }], { to, cwd: folder, manifest: join(folder, 'run/manifest.json'), timeout: 300 });
  expect(manifest.artifacts[0]!.results).toMatchObject([{ writer: to, status: 'failed', errorCode: 'timeout', error: 'no answer within 300 ms' }]);
});
