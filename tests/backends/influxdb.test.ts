/** A real InfluxDB 1.x (Debian's `influxdb`): what is written is what is read back, whatever the names are. */
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { influxLine, InfluxDBClient } from '../../exporters/influxdb.ts';
import { influxLines } from '../../exporters/influx-points.ts';
import { SPAWN_DURATION } from '../../src/conventions.ts';
import { deltaLine } from '../../src/rollup/otlp.ts';
import { parseRequest } from '../../src/rollup/request.ts';
import { Rollup } from '../../src/rollup/rollup.ts';
import { CLI, run, temporaryDirectory } from '../support/program.ts';
import { startInfluxDB, type InfluxDB } from './influxdb.ts';

let influxdb: InfluxDB;
let url: string;

beforeAll(async () => {
  influxdb = await startInfluxDB();
  ({ url } = influxdb);
  await query('CREATE DATABASE spoor');
});

afterAll(() => influxdb.stop());

interface Row {
  readonly columns: string[];
  readonly values: unknown[][];
}

async function query(q: string): Promise<Row[]> {
  const response = await fetch(`${url}/query`, { method: 'POST', body: new URLSearchParams({ q, db: 'spoor', epoch: 'ns' }) });
  const { results } = JSON.parse((await response.text()).replace(/:(\d{16,})/g, ':"$1"')) as { results: { error?: string; series?: Row[] }[] };
  if (results[0]?.error) throw new Error(results[0].error);
  return results[0]?.series ?? [];
}

const quoted = (name: string): string => `"${name.replace(/[\\"]/g, '\\$&')}"`;

it('names of all kinds come back as they were', async () => {
  const client = new InfluxDBClient({ url, database: 'spoor' });
  const text = fc.array(fc.constantFrom('a', 'b', ' ', ',', '=', '"', "'", 'ü', '😀', '#', '\\b', '.', '/'), { minLength: 1, maxLength: 8 }).map((parts) => `x${parts.join('')}y`);
  let number = 0;
  await fc.assert(
    fc.asyncProperty(text, text, text, text, fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), async (name, tag, tagValue, field, said, value) => {
      fc.pre(tag !== field && !/[\n\r\0]/.test(said));
      const measurement = `${number++}${name}`;
      expect(await client.write([influxLine({ measurement, tags: { [tag]: tagValue }, fields: { [field]: value, said, count: 7n, yes: true }, time: 1_700_000_000_123_456_789n })!])).toBe(1);
      const [found] = await query(`SELECT * FROM ${quoted(measurement)}`);
      const row = Object.fromEntries(found!.columns.map((column, i) => [column, found!.values[0]![i]]));
      expect(row).toMatchObject({ [tag]: tagValue, said, count: 7, yes: true });
      // It keeps no sign of zero.
      expect(Number(row[field])).toBe(value === 0 ? 0 : value);
    }),
    { numRuns: 100 },
  );
});

it('deltas of several processes add up, and what is sent again counts once', async () => {
  const client = new InfluxDBClient({ url, database: 'spoor', batchSize: 3 });
  const lines = Array.from({ length: 10 }, (_, process) => {
    const rollup = new Rollup({ onDropped: () => {}, now: () => 1_700_000_000_123 });
    for (let i = 0; i <= process; i++) rollup.record(SPAWN_DURATION, 0.5, { 'spoor.spawn.kind': 'exec', 'process.executable.name': 'git' });
    const resource = `[{"key":"service.name","value":{"stringValue":"build"}},{"key":"service.instance.id","value":{"stringValue":"${process}"}}]`;
    return [...influxLines(parseRequest(deltaLine(rollup.takeDelta(), { resource, sequence: 1, final: true })))];
  }).flat();
  for (let i = 0; i < 2; i++) expect(await client.write(lines)).toBe(10);
  const [found] = await query('SELECT sum("count"), sum("sum") FROM "spoor.spawn.duration" WHERE "service.name" = \'build\' GROUP BY "process.executable.name"');
  expect(found!.values[0]!.slice(1)).toEqual([55, 27.5]);
});

it('what the server refuses is told in its words', async () => {
  await expect(new InfluxDBClient({ url, database: 'none' }).write(['m v=1'])).rejects.toMatchObject({ status: 404, message: expect.stringContaining('database not found') });
  await new InfluxDBClient({ url, database: 'spoor' }).write(['conflict v=1']);
  await expect(new InfluxDBClient({ url, database: 'spoor' }).write(['conflict v="text"'])).rejects.toMatchObject({ status: 400, message: expect.stringContaining('conflict') });
});

it('`spoor export --from rollups --to influxdb` writes what spoor has recorded', async () => {
  const folder = temporaryDirectory();
  const env = { SPOOR_DIR: join(folder, '.spoor'), SPOOR_INFLUXDB_URL: url, SPOOR_INFLUXDB_DATABASE: 'recorded', OTEL_SERVICE_NAME: 'made' };
  await query('CREATE DATABASE recorded');
  await run(process.execPath, [CLI, 'run', '--', process.execPath, '-e', "for (let i = 0; i < 3; i++) require('node:child_process').execFileSync(process.execPath, ['--version'])"], { cwd: folder, env });
  for (let i = 0; i < 2; i++) {
    const { code, stderr } = await run(process.execPath, [CLI, 'export', '--from', 'rollups', '--format', 'influx', '--to', 'influxdb', '--require', 'all'], { cwd: folder, env });
    expect([code, stderr]).toEqual([0, '']);
  }
  const [found] = await query('SELECT sum("count") FROM recorded.."spoor.spawn.duration" WHERE "spoor.spawn.kind" = \'execFileSync\'');
  expect(found!.values[0]![1]).toBe(3);
});
