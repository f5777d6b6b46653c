import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { Lease } from '../../src/ship/lease.ts';
import { MetricRoad } from '../../src/ship/metrics.ts';
import { shipSettings } from '../../src/ship/road.ts';
import type { Outcome } from '../../src/ship/outcome.ts';
import type { Sender } from '../../src/ship/sender.ts';
import { loadState } from '../../src/ship/state.ts';
import { hostId } from '../../src/store/host.ts';
import { HOUR_MS, hourFile } from '../../src/store/layout.ts';
import { shipStatus } from '../../src/ship/status.ts';
import { REGISTER, run, temporaryDirectory } from '../support/program.ts';
import { backend } from './backend.ts';
import { append, dropped, leave, left, setAside, ship, shipHere, TOOL } from './directory.ts';

const BEFORE = Date.now() - 3 * HOUR_MS;

test('a line that is being written waits for its end', async () => {
  const directory = temporaryDirectory();
  const { ids, tracePath } = leave(directory, 3);
  const whole = readFileSync(tracePath);
  truncateSync(tracePath, whole.length - 100);
  const sink = await backend();
  await shipHere(directory, sink.url);
  expect(sink.spans).toEqual(ids.slice(0, 2));
  // It may never come: nothing that somebody could send now.
  expect(shipStatus(directory).traces).toMatchObject({ unsentBytes: 0, unsentSince: undefined });
  appendFileSync(tracePath, whole.subarray(whole.length - 100));
  await shipHere(directory, sink.url);
  expect(sink.spans).toEqual(ids);
  expect(setAside(directory)).toEqual([]);
});

test('of an hour that is over, a half line is set aside and counted, one that only lacks its break is sent', async () => {
  const directory = temporaryDirectory();
  const { ids, tracePath } = leave(directory, 3, { at: BEFORE });
  const whole = readFileSync(tracePath);
  truncateSync(tracePath, whole.length - 100);
  const other = leave(directory, 2, { at: BEFORE - HOUR_MS });
  truncateSync(other.tracePath, readFileSync(other.tracePath).length - 1);
  const sink = await backend();
  await shipHere(directory, sink.url);
  expect(sink.spans).toEqual([...other.ids, ...ids.slice(0, 2)]);
  expect(setAside(directory)).toHaveLength(1);
  expect(left(directory)).toBe(0);
  await shipHere(directory, sink.url);
  expect(sink.values.get(dropped('ship_corrupt'))).toBe(1);
});

test('a line that is written late, while those of its hour are being sent, is sent whole', async () => {
  const directory = temporaryDirectory();
  const { ids } = leave(directory, 2, { at: BEFORE });
  const late: string[] = [];
  const sink = await backend(({ path }) => {
    if (path === '/v1/traces' && late.length === 0) late.push(...leave(directory, 1, { at: BEFORE }).ids);
    return undefined;
  });
  await shipHere(directory, sink.url);
  await shipHere(directory, sink.url);
  expect(sink.spans).toEqual([...ids, ...late]);
  expect(setAside(directory)).toEqual([]);
});

test('corrupt lines, of spans and of numbers, are set aside; what stands around them arrives', async () => {
  const directory = temporaryDirectory();
  const { ids, tracePath, rollupPath } = leave(directory, 2);
  // A writer that was cut off; the next one begins a line of its own.
  const [line] = readFileSync(tracePath, 'utf8').split('\n');
  appendFileSync(tracePath, `${line!.slice(0, 300)}\n\0\0\0\0\n{"resourceSpans":[}]}\n\n`);
  appendFileSync(rollupPath, '{"resourceMetrics":[{"scopeMet\nnull\n');
  const more = leave(directory, 3);
  const sink = await backend(({ text }) => {
    try {
      JSON.parse(text);
      return undefined;
    } catch {
      return { status: 400, body: 'no JSON' };
    }
  });
  await shipHere(directory, sink.url);
  expect(sink.spans).toEqual([...ids, ...more.ids]);
  expect(sink.values.get(TOOL)).toBe(5);
  expect(setAside(directory)).toHaveLength(5);
  expect(left(directory)).toBe(0);
  await shipHere(directory, sink.url);
  expect([sink.values.get(dropped('ship_corrupt')), sink.values.get(dropped('ship_refused'))]).toEqual([4, 1]);
});

test('a line longer than any of ours is left out', async () => {
  const directory = temporaryDirectory();
  const { tracePath } = leave(directory, 1);
  appendFileSync(tracePath, `${' '.repeat(17 << 20)}\n`);
  const { ids } = leave(directory, 1);
  const sink = await backend();
  await shipHere(directory, sink.url);
  expect(sink.spans.at(-1)).toEqual(ids[0]);
  expect(left(directory)).toBe(0);
}, 20_000);

test('a file that retention deleted is forgotten, and its hour may come again', async () => {
  const directory = temporaryDirectory();
  const { tracePath } = leave(directory, 3, { at: BEFORE });
  const sink = await backend();
  await shipHere(directory, sink.url);
  rmSync(tracePath);
  await shipHere(directory, sink.url);
  const { ids } = leave(directory, 1, { at: BEFORE });
  const now = leave(directory, 1);
  await shipHere(directory, sink.url);
  expect(sink.spans.slice(3)).toEqual([...ids, ...now.ids]);
  expect(sink.values.get(TOOL)).toBe(5);
});

test('what retention deletes unsent while nobody sends is counted, line by line', async () => {
  const directory = temporaryDirectory();
  const old = { at: Date.now() - 5 * 3_600_000 };
  leave(directory, 2, old);
  const sink = await backend();
  await shipHere(directory, sink.url);
  // Of one file two of seven lines are sent; the other was never seen by who sent.
  leave(directory, 5, old);
  leave(directory, 3, { at: old.at - 3_600_000 });
  const program = ['--require', REGISTER, '-e', `require('node:child_process').spawnSync('true')`];
  await run(process.execPath, program, { env: { SPOOR_DIR: directory, SPOOR_TRACES_MAX_AGE: '2h' } });
  expect(existsSync(hourFile(directory, 'traces', old.at, hostId()))).toBe(false);
  await shipHere(directory, sink.url);
  await shipHere(directory, sink.url);
  expect(sink.spans).toHaveLength(3);
  expect(sink.values.get(dropped('ship_size'))).toBe(8);
});

test('a trace file that is another one is sent from its beginning; a copy of the directory sends nothing again', async () => {
  const directory = temporaryDirectory();
  const { tracePath } = leave(directory, 3);
  const sink = await backend();
  await shipHere(directory, sink.url);
  const copy = join(temporaryDirectory(), 'copy');
  cpSync(directory, copy, { recursive: true });
  await shipHere(copy, sink.url);
  expect(sink.spans).toHaveLength(3);
  expect(sink.values.get(TOOL)).toBe(3);
  rmSync(tracePath);
  const { ids } = leave(directory, 5, { numbers: false });
  await shipHere(directory, sink.url);
  expect(sink.spans.slice(3)).toEqual(ids);
});

test('hours that are over are compacted when they are read; totals stay, and what comes late is counted', async () => {
  const directory = temporaryDirectory();
  for (let i = 0; i < 6; i++) leave(directory, 10, { at: BEFORE });
  const rollup = hourFile(directory, 'rollups', BEFORE, hostId());
  // As when it was written: the hour before the last.
  utimesSync(rollup, BEFORE / 1000, BEFORE / 1000);
  const sink = await backend();
  const before = statSync(rollup).size;
  await shipHere(directory, sink.url, { compacts: true });
  expect(statSync(rollup).size).toBeLessThan(before / 2);
  await shipHere(directory, sink.url);
  expect(sink.values.get(TOOL)).toBe(60);
  leave(directory, 1, { at: BEFORE });
  leave(directory, 1);
  await shipHere(directory, sink.url);
  expect(sink.values.get(TOOL)).toBe(62);
  expect(left(directory)).toBe(0);
});

test('what a killed process could not count is counted from its spans, once', async () => {
  const directory = temporaryDirectory();
  leave(directory, 7, { final: false, numbers: false });
  const sink = await backend();
  await shipHere(directory, sink.url);
  await shipHere(directory, sink.url);
  expect(sink.values.get(TOOL)).toBe(7);
  // One that lives may count for itself yet.
  leave(directory, 3, { final: false, numbers: false, pid: process.pid });
  await shipHere(directory, sink.url);
  expect(sink.values.get(TOOL)).toBe(7);
});

test('what only the numbers of killed processes are left of is said, until it is taken', async () => {
  const directory = temporaryDirectory();
  leave(directory, 7, { final: false, numbers: false });
  const sink = await backend(({ path }) => (path === '/v1/metrics' ? { status: 503, headers: { 'retry-after': '9' } } : undefined));
  for (let i = 0; i < 2; i++) {
    const { code, stderr } = await ship(directory, sink.url);
    expect([left(directory), code], stderr).toEqual([0, 1]);
    expect(stderr).toContain(`numbers are left in ${directory}: `);
  }
  sink.answer = () => undefined;
  expect(await ship(directory, sink.url)).toMatchObject({ code: 0 });
  expect(sink.values.get(TOOL)).toBe(7);
  // Only what the sender says of itself.
  sink.answer = () => ({ status: 503, headers: { 'retry-after': '9' } });
  expect(await ship(directory, sink.url)).toMatchObject({ code: 0 });
});

/** The road of the numbers by itself, and the totals that it has sent. */
function numbersOf(directory: string) {
  const lease = new Lease(directory);
  lease.take();
  const all: number[] = [];
  const self = { all, isDown: false };
  const send = async (body: Uint8Array): Promise<Outcome> => {
    if (self.isDown) return { kind: 'unavailable', said: 'down', retryAfter: 3, certain: true };
    const metrics = JSON.parse(Buffer.from(body).toString()).resourceMetrics.flatMap(({ scopeMetrics }: any) => scopeMetrics).flatMap((scope: any) => scope.metrics);
    for (const { name, exponentialHistogram } of metrics) if (name === 'spoor.spawn.duration') all.push(Number(exponentialHistogram.dataPoints.at(-1).count));
    return { kind: 'accepted', rejected: 0, said: '' };
  };
  const settings = { ...shipSettings(loadConfig({}, directory).config), metricsInterval: 0 };
  const nothing = { onDropped: () => {}, onSent: () => {}, gauges: () => [], resource: [], instance: 'id', isDelta: false, isExplicit: false };
  return { road: new MetricRoad({ directory, lease, settings, ...nothing }), settings, counts: Object.assign(self, { sender: { send } as Sender }) };
}

test('the end of a file that grows fast is searched the next time; what a killed process could not count is counted all the same, once', async () => {
  const directory = temporaryDirectory();
  leave(directory, 1_000, { final: false, numbers: false });
  const { road, counts } = numbersOf(directory);
  const waiting = async (): Promise<number[]> => {
    await road.pass({ sender: counts.sender, isLast: false, isOver: () => false });
    return (loadState(directory, 'metrics')!.streams as { runtimes: [string, { waiting: unknown[] }][] }).runtimes.map(([, runtime]) => runtime.waiting.length);
  };
  expect(await waiting()).toEqual([]);
  expect(await waiting()).toEqual([1_000]);
  expect(await waiting()).toEqual([]);
  leave(directory, 1, { final: false, numbers: false });
  await waiting();
  await waiting();
  expect(counts.all).toEqual([1_000, 1_001]);
});

test('a sender whose clock is hours ahead counts a process that has ended once', async () => {
  const directory = temporaryDirectory();
  const at = Date.now();
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 3 * HOUR_MS);
  onTestFinished(() => void vi.restoreAllMocks());
  leave(directory, 1, { at });
  const { road, settings, counts } = numbersOf(directory);
  const passes = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await road.pass({ sender: counts.sender, isLast: false, isOver: () => false });
  };
  // Files of an hour that seems over are looked at again now and then: those of the numbers not when the spans are.
  await passes(60);
  settings.metricsInterval = 1e9;
  await passes(10);
  settings.metricsInterval = 0;
  leave(directory, 1, { at });
  await passes(100);
  const { services } = loadState(directory, 'metrics')!.streams as { services: { metrics: { streams: { total: { count: number } }[] }[] }[] };
  expect(services[0]!.metrics[0]!.streams[0]!.total.count).toBe(2);
});

test('numbers that were not taken are due until they are: no pass between looks as if they had been', async () => {
  const directory = temporaryDirectory();
  leave(directory, 2);
  const { road, settings, counts } = numbersOf(directory);
  settings.metricsInterval = 1e9;
  const pass = (): ReturnType<typeof road.pass> => road.pass({ sender: counts.sender, isLast: false, isOver: () => false });
  counts.isDown = true;
  for (let i = 0; i < 3; i++) expect(await pass()).toMatchObject({ kind: 'unavailable' });
  counts.isDown = false;
  expect(await pass()).toBeUndefined();
  leave(directory, 2);
  counts.isDown = true;
  expect(await pass()).toBeUndefined();
  expect(counts.all).toEqual([2]);
});

test('a request that may have arrived is offered as it was, and what came since in the same send', async () => {
  const directory = temporaryDirectory();
  leave(directory, 3);
  // Taken, and nobody heard of it.
  const sink = await backend(({ path }) => (path === '/v1/metrics' ? 'drop' : undefined));
  await shipHere(directory, sink.url);
  const [before] = sink.asked.filter(({ path }) => path === '/v1/metrics');
  leave(directory, 4);
  sink.answer = () => undefined;
  await shipHere(directory, sink.url);
  expect(sink.asked.filter(({ text }) => text === before!.text)).toHaveLength(2);
  expect(sink.values.get(TOOL)).toBe(7);
  expect(sink.outOfOrder).toEqual([]);
});

test('two services that share a directory stay apart, under its one identity', async () => {
  const directory = temporaryDirectory();
  leave(directory, 2, { service: 'a' });
  leave(directory, 3, { service: 'b' });
  leave(directory, 4, { service: 'a' });
  const sink = await backend();
  await shipHere(directory, sink.url);
  const found = sink.asked
    .filter(({ path }) => path === '/v1/metrics')
    .flatMap(({ text }) => JSON.parse(text).resourceMetrics)
    .flatMap(({ resource, scopeMetrics }: any) => {
      const of = (key: string): string => resource.attributes.find((attribute: any) => attribute.key === key)?.value.stringValue;
      const points = scopeMetrics.flatMap(({ metrics }: any) => metrics).filter(({ name }: any) => name === 'spoor.spawn.duration');
      return points.map(({ exponentialHistogram }: any) => [of('service.name'), of('service.instance.id'), exponentialHistogram.dataPoints.at(-1).count]);
    });
  const id = readFileSync(join(directory, 'id'), 'utf8').trim();
  expect(found).toEqual([
    ['a', id, 6],
    ['b', id, 3],
  ]);
});

test('totals are saved with the offsets: lines that are gone since are not forgotten, nor counted twice', async () => {
  const directory = temporaryDirectory();
  const { rollupPath } = leave(directory, 9, { at: BEFORE });
  const sink = await backend();
  await shipHere(directory, sink.url);
  rmSync(rollupPath);
  leave(directory, 1);
  await shipHere(directory, sink.url);
  expect(sink.values.get(TOOL)).toBe(10);
});

test('status says what is unsent, since when, and what was said last', async () => {
  const directory = temporaryDirectory();
  const at = Date.now() - 5_000;
  leave(directory, 3, { at });
  const sink = await backend(() => ({ status: 503 }));
  await shipHere(directory, sink.url);
  expect(shipStatus(directory)).toMatchObject({
    holder: undefined,
    // Of the numbers too not since the hour began.
    metrics: { unsentSince: at },
    traces: { unsentSince: at, last: { url: `${sink.url}/v1/traces`, trouble: { kind: 'unavailable', said: 'HTTP 503' } } },
    setAside: undefined,
  });
  expect(shipStatus(directory).traces.unsentBytes).toBeGreaterThan(1000);
  const facts = { url: 'u', sent: 1 };
  for (const traces of [{ ...facts, lastSuccess: 'soon' }, { ...facts, at: 1e300 }, { ...facts, trouble: { kind: 'unavailable', said: 'x' } }, 7, null]) {
    writeFileSync(join(directory, 'ship/status.json'), JSON.stringify({ version: 1, traces, metrics: facts }));
    expect(shipStatus(directory)).toMatchObject({ traces: { last: undefined }, metrics: { last: facts } });
  }
  writeFileSync(join(directory, 'ship/status.json'), '');
  expect(shipStatus(directory).traces.last).toBeUndefined();
  sink.answer = () => undefined;
  await shipHere(directory, sink.url);
  expect(shipStatus(directory).traces.last!.trouble).toBeUndefined();
  expect(shipStatus(directory).traces).toMatchObject({ unsentBytes: 0, unsentSince: undefined, last: { sent: 3, lastSuccess: expect.any(Number) } });
});

test('a foreign writer’s lines are sent too', async () => {
  const directory = temporaryDirectory();
  leave(directory, 1);
  append(directory, 'traces', Date.now(), [JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ spanId: 'x' }, { spanId: 'y' }], scope: {} }], resource: {} }] })]);
  const sink = await backend();
  await shipHere(directory, sink.url);
  expect(sink.spans.slice(1)).toEqual(['x', 'y']);
});
