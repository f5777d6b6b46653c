/** Line protocol as the official client writes it, and servers of each line as their documentation says they behave. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Point } from '@influxdata/influxdb-client';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import * as fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { compact } from '../../exporters/compact.ts';
import { InfluxDBClient, influxLine, InfluxDBMetricExporter, type InfluxDBOptions } from '../../exporters/influxdb.ts';
import { influxLines } from '../../exporters/influx-points.ts';
import { deltaLine } from '../../src/rollup/otlp.ts';
import { parseRequest } from '../../src/rollup/request.ts';
import { Rollup } from '../../src/rollup/rollup.ts';
import { SPAWN_DURATION } from '../../src/conventions.ts';
import { HOUR_MS, hourFile, prepareDirectory } from '../../src/store/layout.ts';
import { type Seen, serve } from '../exports/providers.ts';
import { CLI, run, temporaryDirectory } from '../support/program.ts';

const text = fc.oneof(fc.string(), fc.array(fc.constantFrom('a', ' ', ',', '=', '"', '\\', '\n', '\r', '\t', 'ü', '😀', '#')).map((parts) => parts.join('')));

it('escapes as the official client does', () => {
  fc.assert(
    fc.property(text, fc.dictionary(text, text, { maxKeys: 4 }), fc.dictionary(text, fc.oneof(fc.double(), fc.boolean(), text), { minKeys: 1, maxKeys: 4 }), fc.bigInt({ min: 1n, max: 2n ** 60n }), (measurement, tags, fields, time) => {
      // What the client writes wrongly or not at all: a backslash at the end of a name, names that InfluxDB reserves.
      const odd = (name: string): boolean => name === '' || /\\$|^#|^_?(time|field|measurement)$|^\d+$/.test(name);
      fc.pre(!odd(measurement) && [...Object.keys(tags), ...Object.values(tags), ...Object.keys(fields)].every((name) => !odd(name)) && Object.keys(fields).every((name) => !(name in tags)));
      fc.pre(!('__proto__' in tags) && !('__proto__' in fields));
      const point = new Point(measurement).timestamp(String(time));
      const numbers = Object.entries(fields).filter(([, value]) => typeof value !== 'number' || Number.isFinite(value));
      fc.pre(numbers.length > 0);
      for (const [key, value] of Object.entries(tags)) point.tag(key, value);
      // The client sorts the fields; their order has no meaning.
      const sorted = Object.fromEntries(numbers.toSorted(([a], [b]) => (a < b ? -1 : 1)));
      for (const [key, value] of Object.entries(sorted)) {
        if (typeof value === 'number') point.floatField(key, value);
        else if (typeof value === 'boolean') point.booleanField(key, value);
        else point.stringField(key, value);
      }
      const theirs = point.toLineProtocol({ convertTime: String } as never);
      expect(influxLine({ measurement, tags, fields: sorted, time })).toBe(theirs);
    }),
    { numRuns: 1_000 },
  );
});

it('leaves out what the protocol cannot hold', () => {
  expect(influxLine({ measurement: 'm\\', tags: { a: '', b: 'x\\', time: 'y' }, fields: { n: Number.NaN, i: 5n, time: 1 } })).toBe('m,b=x,time_=y i=5i,time_=1');
  expect(influxLine({ measurement: '#m', tags: {}, fields: { v: 1 } })).toBe('\\#m v=1');
  expect(influxLine({ measurement: '', tags: {}, fields: { v: 1 } })).toBeUndefined();
  expect(influxLine({ measurement: 'm', tags: {}, fields: { v: Infinity } })).toBeUndefined();
});

function rollupLine(values: readonly number[], now = 1_700_000_000_123): string {
  const rollup = new Rollup({ onDropped: () => {}, now: () => now });
  for (const value of values) rollup.record(SPAWN_DURATION, value, { 'spoor.spawn.kind': 'exec', 'process.executable.name': 'my tool' });
  return deltaLine(rollup.takeDelta(), { resource: '[{"key":"service.name","value":{"stringValue":"build"}},{"key":"service.instance.id","value":{"stringValue":"i1"}}]', sequence: 1, final: true });
}

it("spoor's own numbers: counts, sums, quantiles; two processes do not overwrite each other, the same line does", () => {
  const [line] = influxLines(parseRequest(rollupLine([1, 2, 3, 4])));
  expect(line).toMatch(/^spoor\.spawn\.duration,process\.executable\.name=my\\ tool,service\.name=build,spoor\.spawn\.kind=exec count=4i,sum=10,min=1,max=4,p50=[\d.]+,p95=[\d.]+,p99=[\d.]+ 1700000000123\d{6}$/);
  expect([...influxLines(parseRequest(rollupLine([1, 2, 3, 4])))]).toEqual([line]);
  const [other] = influxLines(parseRequest(rollupLine([1, 2, 3, 4]).replace('"i1"', '"i2"')));
  expect(other!.split(' ').slice(0, -1)).toEqual(line!.split(' ').slice(0, -1));
  expect(other).not.toBe(line);
});

it('an hour that is exported as it goes on, when it is over and when it is compacted counts once', async () => {
  const cwd = temporaryDirectory();
  const hour = Math.floor(Date.now() / HOUR_MS - 3) * HOUR_MS;
  // Two directories, and two hosts that share one of them.
  const files = [['one', 'h1'], ['two', 'h1'], ['two', 'h2']].map(([store, host]) => hourFile(join(cwd, store!), 'rollups', hour, host!));
  for (const path of files) {
    mkdirSync(dirname(path), { recursive: true });
    prepareDirectory(dirname(dirname(dirname(path))));
  }
  const line = (instance: string): string => rollupLine([1, 2], hour + 1_800_000).replace('"i1"', `"${instance}"`);
  // It does not add up: the line is never folded.
  const withGauge = line('g').replace('"metrics":[', `$&{"name":"load","unit":"1","gauge":{"dataPoints":[{"timeUnixNano":"${hour + 1}000000","asDouble":7}]}},`);
  const steps: readonly (readonly string[])[] = [[line('a'), line('b')], [line('c')], [], [line('late'), withGauge], []];
  const kept = new Map<string, number>();
  let lines = 0;
  for (const step of steps) {
    for (const path of files) {
      if (step.length === 0) expect(compact(path).done).toBe(true);
      for (const one of step) appendFileSync(path, `${one}\n`);
    }
    lines += step.length * files.length;
    for (const store of ['one', 'two']) {
      // The window begins in the middle of the hour, after all of it.
      const result = await run(process.execPath, [CLI, 'export', '--from', 'rollups', '--format', 'influx', '--since', new Date(hour + 3_000_000).toISOString(), '--dir', store, '--to', 'dir:out'], { cwd });
      expect([result.code, result.stderr]).toEqual([0, '']);
      for (const point of readFileSync(join(cwd, 'out/spoor-rollups.lp'), 'utf8').trimEnd().split('\n')) {
        const [, series, count, time] = /^((?:spoor\.spawn\.duration|load),.*) (?:count|value)=(\d+).* (\d+)$/.exec(point) ?? [];
        if (series !== undefined) kept.set(`${series} ${time}`, Number(count));
      }
    }
    const total = (metric: string): number => [...kept].filter(([key]) => key.startsWith(metric)).reduce((sum, [, count]) => sum + count, 0);
    expect(total('spoor.spawn.duration')).toBe(2 * lines);
    // One process said so, in all three files.
    expect(total('load')).toBe(step === steps[3] || step === steps[4] ? 7 : 0);
  }
});

it('resources that come to the same tags are points of their own', async () => {
  const cwd = temporaryDirectory();
  const path = hourFile(join(cwd, '.spoor'), 'rollups', Date.now(), 'h1');
  mkdirSync(dirname(path), { recursive: true });
  prepareDirectory(join(cwd, '.spoor'));
  const line = rollupLine([1, 2], Date.now());
  // A tag without a value is none.
  writeFileSync(path, `${line.replace('"build"', '""')}\n${line.replace('{"key":"service.name","value":{"stringValue":"build"}},', '')}\n`);
  expect((await run(process.execPath, [CLI, 'export', '--from', 'rollups', '--format', 'influx', '--to', 'dir:out'], { cwd })).code).toBe(0);
  const points = readFileSync(join(cwd, 'out/spoor-rollups.lp'), 'utf8').trimEnd().split('\n').filter((point) => point.startsWith('spoor.spawn.duration'));
  expect(new Set(points.map((point) => point.replace(/ .* /, ' '))).size).toBe(2);
});

const LINES = Array.from({ length: 12 }, (_, i) => `m v=${i} ${i + 1}`);
const written = (seen: readonly Seen[]): string[] => seen.flatMap(({ body, headers }) => (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString().trimEnd().split('\n'));

/** What each line's documentation says of its write endpoint. */
const SERVERS: Record<string, { options: Partial<InfluxDBOptions>; path: string; query: Record<string, string>; authorization: string }> = {
  '1.x': { options: { version: 1, database: 'd b', retentionPolicy: 'week', username: 'u', password: 'p:w' }, path: '/write', query: { db: 'd b', rp: 'week', precision: 'ns' }, authorization: `Basic ${btoa('u:p:w')}` },
  '2.x': { options: { org: 'my org', bucket: 'b/rp', token: 't' }, path: '/api/v2/write', query: { org: 'my org', bucket: 'b/rp', precision: 'ns' }, authorization: 'Token t' },
  '3.x': { options: { version: 3, database: 'd', token: 't' }, path: '/api/v3/write_lp', query: { db: 'd', precision: 'nanosecond' }, authorization: 'Bearer t' },
};

it.each(Object.entries(SERVERS))('%s: batches, compressed, to its own address', async (_, { options, path, query, authorization }) => {
  const { url, seen } = await serve((_one, response) => void response.writeHead(204).end());
  expect(await new InfluxDBClient({ url, batchSize: 5, ...options }).write(LINES)).toBe(12);
  expect(seen.map((one) => [one.method, one.path, Object.fromEntries(one.query), one.headers.authorization, one.headers['content-encoding']])).toEqual(Array.from({ length: 3 }, () => ['POST', path, query, authorization, 'gzip']));
  expect(written(seen)).toEqual(LINES);
});

it('below a path, and uncompressed when asked', async () => {
  const { url, seen } = await serve((_, response) => void response.writeHead(204).end());
  await new InfluxDBClient({ url: `${url}/influx/`, database: 'd', gzip: false }).write(['m v=1']);
  expect([seen[0]!.path, seen[0]!.body.toString(), seen[0]!.headers['content-encoding'], seen[0]!.headers.authorization]).toEqual(['/influx/write', 'm v=1\n', undefined, undefined]);
});

it.each([429, 500, 503])('%i is tried again; Retry-After is honoured', async (status) => {
  const { url, seen } = await serve((_, response) => void response.writeHead(seen.length < 3 ? status : 204, { 'retry-after': '0' }).end());
  expect(await new InfluxDBClient({ url, database: 'd', retryDelay: 60_000 }).write(LINES)).toBe(12);
  expect(seen).toHaveLength(3);
});

it('a Retry-After of a month is no reason to hurry', async () => {
  const { url, seen } = await serve((_, response) => void response.writeHead(429, { 'retry-after': '3000000' }).end());
  const warned = vi.fn();
  process.on('warning', warned);
  await expect(new InfluxDBClient({ url, database: 'd', timeout: 200 }).write(LINES)).rejects.toMatchObject({ status: 429 });
  process.removeListener('warning', warned);
  expect([seen.length, warned.mock.calls]).toEqual([1, []]);
});

it('credentials in the address are sent, and are in no error', async () => {
  const { url, seen } = await serve((_, response) => void response.writeHead(204).end());
  const of = (address: string): InfluxDBClient => new InfluxDBClient({ url: address.replace('//', '//admin:h%40nter2@'), database: 'd', attempts: 1 });
  await of(url).write(LINES);
  expect([seen[0]!.path, seen[0]!.headers.authorization]).toEqual(['/write', `Basic ${btoa('admin:h@nter2')}`]);
  const error = await of('http://127.0.0.1:1').write(LINES).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: 'InfluxDBError', message: expect.stringContaining('cannot be reached') });
  expect(`${(error as Error).stack}`).not.toMatch(/h(@|%40)nter2/);
});

it.each([400, 401, 404, 422, 302])('%i is final and told, without the token', async (status) => {
  const { url, seen } = await serve((_, response) => void response.writeHead(status, { location: 'http://127.0.0.1:1' }).end('partial write: field type conflict'));
  const error = await new InfluxDBClient({ url, bucket: 'b', token: 'secret' }).write(LINES).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: 'InfluxDBError', status, lines: 12, message: expect.stringContaining('partial write: field type conflict') });
  expect(`${(error as Error).stack}`).not.toContain('secret');
  expect(seen).toHaveLength(1);
});

it.each(Object.entries({ 'a token': { bucket: 'b', token: 'hunter2x' }, 'a password': { database: 'd', username: 'u', password: 'hunter2x' }, 'a password in the address': { database: 'd' } }))('%s that the server quotes is not told', async (what, options) => {
  const { url } = await serve(({ headers }, response) => void response.writeHead(401).end(`no ${headers.authorization}, hunter2x`));
  const error = await new InfluxDBClient({ url: what.endsWith('address') ? url.replace('//', '//u:hunter2x@') : url, ...options }).write(LINES).catch((thrown: Error) => thrown);
  expect((error as Error).message).toMatch(/answered 401: no (Token|Basic) \[REDACTED\], \[REDACTED\]$/);
});

it('too large for the server: in halves', async () => {
  const { url, seen } = await serve((one, response) => void response.writeHead(written([one]).length > 3 ? 413 : 204).end());
  expect(await new InfluxDBClient({ url, database: 'd' }).write(LINES)).toBe(12);
  expect(written(seen.filter((one) => written([one]).length <= 3))).toEqual(LINES);
});

it('a dead server, and one that never answers, end in time', async () => {
  const dead = new InfluxDBClient({ url: 'http://127.0.0.1:1', database: 'd', attempts: 2, retryDelay: 1 });
  await expect(dead.write(LINES)).rejects.toMatchObject({ status: undefined, lines: 12 });
  const { url } = await serve(() => {});
  await expect(new InfluxDBClient({ url, database: 'd', timeout: 50 }).write(LINES)).rejects.toThrow('no answer in time');
});

it('options that do not fit together are refused', () => {
  for (const bad of [{ url: 'http://x' }, { url: 'http://x', version: 2, database: 'd' }]) expect(() => new InfluxDBClient(bad as InfluxDBOptions)).toThrow(TypeError);
  for (const url of [undefined, 5, 'nonsense', 'localhost:8086', 'http://u:secret@x:99999']) {
    const error = new TypeError('InfluxDB: `url` must be its address, such as http://127.0.0.1:8086');
    expect(() => new InfluxDBClient({ url, database: 'd' } as InfluxDBOptions)).toThrow(error);
  }
  expect(() => new InfluxDBClient({ url: 'http://x', database: 'd', version: 9 } as never)).toThrow('InfluxDB: `version` must be 1, 2 or 3');
});

it("alone in anyone's SDK: counters, histograms, gauges; a failure is told to the SDK", async () => {
  const { url, seen } = await serve((_, response) => void response.writeHead(204).end());
  const exporter = new InfluxDBMetricExporter({ url, database: 'd', resourceTags: ['service.name'] });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'service.instance.id': 'i1' }),
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
  const meter = provider.getMeter('m');
  const counter = meter.createCounter('orders');
  const active = meter.createUpDownCounter('active');
  const sizes = meter.createHistogram('size', { advice: { explicitBucketBoundaries: [1, 10] } });
  for (const count of [2, 3]) {
    counter.add(count, { kind: 'a b' });
    active.add(1);
    sizes.record(count);
    meter.createGauge('load').record(count / 2);
    await provider.forceFlush();
  }
  await provider.shutdown();
  const lines = written(seen).map((line) => line.replace(/ \d{19}$/, ' T').replace(/p\d\d=[\d.e+-]+/g, 'q'));
  expect(lines.slice(0, 4)).toEqual(['orders,kind=a\\ b,service.name=shop value=2 T', 'active,service.name=shop value=1 T', 'size,service.name=shop count=1i,sum=2,min=2,max=2,q,q,q T', 'load,service.name=shop value=1 T']);
  // Deltas, but for what goes up and down.
  expect(lines.slice(4, 7)).toEqual(['orders,kind=a\\ b,service.name=shop value=3 T', 'active,service.name=shop value=2 T', 'size,service.name=shop count=1i,sum=3,min=3,max=3,q,q,q T']);
  const result = await new Promise((resolve) => exporter.export({} as never, resolve));
  expect(result).toMatchObject({ code: 1, error: { message: expect.stringContaining('shut down') } });

  const careless = new InfluxDBMetricExporter({ url, database: 'd' });
  const nothing = { resource: { attributes: {} }, scopeMetrics: [] } as never;
  careless.export(nothing, () => {
    throw new Error("the caller's own");
  });
  expect(await new Promise((resolve) => careless.export(nothing, resolve))).toEqual({ code: 0 });
});
