import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { TELEMETRY_DROPPED } from '../../src/conventions.ts';
import { fold as compactLines } from '../../src/rollup/fold.ts';
import { processSpace } from '../../src/store/process-identity.ts';
import { Backend, INSTANCE, KEY, Process, saved, send, SPAWNS, streams, T0 } from './streams-fixture.ts';

test('the lines of many processes are one stream, under the identity of the directory', () => {
  const all = streams();
  for (let i = 0; i < 300; i++) expect(all.fold(new Process(`p${i}`, { pid: 10 + i }).spawn(i).line(true))).toBe(true);
  const backend = new Backend();
  send(all, backend, T0);
  expect(backend.totals).toEqual({ [SPAWNS()]: 300 });
  expect(backend.series.get(SPAWNS())!.at(-1)!.sum).toBe((299 * 300) / 2);
  const { attributes } = backend.requests[0].resourceMetrics[0].resource;
  expect(attributes).toEqual([{ key: 'service.name', value: { stringValue: 'app' } }, { key: 'service.instance.id', value: { stringValue: INSTANCE } }]);
});

test('two services that share a directory stay apart', () => {
  const all = streams();
  all.fold(new Process('a', { service: 'one' }).spawn(1).line());
  all.fold(new Process('b', { service: 'two' }).spawn(1).spawn(1).line());
  const backend = new Backend();
  send(all, backend, T0);
  expect(backend.totals).toEqual({ [SPAWNS('node', 'one')]: 1, [SPAWNS('node', 'two')]: 2 });
});

test('two environments of a service stay apart, for backends that see the environment and for those that do not', () => {
  const all = streams();
  for (let i = 0; i < 10; i++) all.fold(new Process(`s${i}`, { environment: 'staging' }).spawn(1).line(true));
  for (let i = 0; i < 5; i++) all.fold(new Process(`p${i}`, { environment: 'production' }).spawn(1).line(true));
  const backend = new Backend();
  send(all, backend, T0);
  const resource = [{ key: 'service.name', value: { stringValue: 'app' } }, { key: 'deployment.environment.name', value: { stringValue: 'production' } }];
  const later = streams({ resource }, saved(all));
  later.fold(new Process('s', { environment: 'staging' }).spawn(1).line(true));
  send(later, backend, T0 + 10_000);
  const second = SPAWNS().replace(INSTANCE, `${INSTANCE}/2`);
  expect(backend.totals).toEqual({ [SPAWNS()]: 11, [second]: 5 });
  const environments = backend.requests.flatMap(({ resourceMetrics }) => resourceMetrics).map(({ resource: { attributes } }) => attributes.slice(1).map(({ value }: any) => value.stringValue));
  expect(environments).toEqual([['staging', INSTANCE], ['production', `${INSTANCE}/2`], ['staging', INSTANCE]]);
  // What the sender says of the directory is under its identity, of whichever environment the sender is.
  backend.take(later.requests(T0 + 20_000, [{ name: 'spoor.ship.unsent_size', unit: 'By', description: '', value: 7 }]));
  expect(backend.totals[KEY('app', 'spoor.ship.unsent_size')]).toBe(7);
});

test('a state in which environments were one goes on in the last of them, and doubles nothing', () => {
  const resource = [{ key: 'service.name', value: { stringValue: 'app' } }, { key: 'deployment.environment.name', value: { stringValue: 'production' } }];
  const all = streams({ resource });
  all.fold(new Process('a', { environment: 'production' }).spawn(1).spawn(1).line(true));
  const backend = new Backend();
  send(all, backend, T0);
  const later = streams({ resource }, saved(all));
  later.fold(new Process('b', { environment: 'staging' }).spawn(1).line(true));
  later.fold(new Process('c', { environment: 'production' }).spawn(1).line(true));
  send(later, backend, T0 + 10_000);
  expect(backend.totals).toEqual({ [SPAWNS()]: 3, [SPAWNS().replace(INSTANCE, `${INSTANCE}/2`)]: 1 });
});

test('the first increase of a new, a changed and a resumed series is seen', () => {
  const all = streams();
  const process = new Process('a');
  const backend = new Backend();
  const points = (): number[] => backend.series.get(SPAWNS())!.map(({ value }) => value);
  all.fold(process.spawn(1).line());
  send(all, backend, T0);
  expect(points()).toEqual([0, 1]);
  all.fold(process.spawn(1).line());
  send(all, backend, T0 + 10_000);
  expect(points()).toEqual([0, 1, 2]);
  const later = streams({}, saved(all));
  later.fold(process.spawn(1).line());
  send(later, backend, T0 + 3_600_000);
  expect(points()).toEqual([0, 1, 2, 2, 3]);
  const [before, last] = backend.series.get(SPAWNS())!.slice(-2);
  expect(last!.time - before!.time).toBe(10_000_000_000n);
  // Nothing new: nothing is sent, and after a minute the same again, for backends that forget what is silent.
  expect(later.requests(T0 + 3_610_000)).toEqual([]);
  send(later, backend, T0 + 3_670_000);
  expect(points()).toEqual([0, 1, 2, 2, 3, 3]);
});

test('what a directory counted long before it was first shipped is no increase', () => {
  const all = streams();
  all.fold(new Process('old', { now: () => T0 - 86_400_000 }).spawn(1).spawn(1).line());
  all.fold(new Process('new').spawn(1).line());
  all.fold(new Process('old', { now: () => T0 - 86_400_000 }).spawn(1).line());
  const backend = new Backend();
  send(all, backend, T0);
  expect([backend.totals, backend.increases]).toEqual([{ [SPAWNS()]: 4 }, { [SPAWNS()]: 1 }]);
});

test('a request of which nothing is known is offered again as it was; after it, what came since', () => {
  const all = streams();
  const process = new Process('a');
  all.fold(process.spawn(1).line());
  const first = all.requests(T0);
  all.fold(process.spawn(1).line());
  expect(all.requests(T0 + 10_000)).toEqual(first);
  const again = streams({}, saved(all));
  expect(again.requests(T0 + 20_000)).toEqual(first);
  const backend = new Backend().take(first).take(first);
  again.sent(0);
  send(again, backend, T0 + 30_000);
  expect(backend.series.get(SPAWNS())!.map(({ value }) => value)).toEqual([0, 1, 1, 2]);
  // Unknown for good: a value that may have arrived is not followed by a lower one.
  again.fold(process.spawn(1).line());
  backend.take(again.requests(T0 + 40_000));
  again.fold(process.spawn(1).line());
  send(again, backend, T0 + 1_000_000);
  expect(backend.totals).toEqual({ [SPAWNS()]: 4 });
  // Nor is it forgotten when nothing changes any more.
  again.fold(process.spawn(1).line());
  again.requests(T0 + 1_010_000);
  send(again, backend, T0 + 2_000_000);
  expect(backend.totals).toEqual({ [SPAWNS()]: 5 });
});

test('a request that has certainly failed leaves its numbers to the next one', () => {
  const all = streams();
  all.fold(new Process('a').spawn(1).line());
  expect(all.requests(T0)).toHaveLength(1);
  all.failed(0);
  const backend = new Backend();
  send(all, backend, T0 + 600_000);
  expect([backend.totals, backend.increases]).toEqual([{ [SPAWNS()]: 1 }, { [SPAWNS()]: 1 }]);
  expect(backend.series.get(SPAWNS())!.at(-1)!.point.exemplars).toHaveLength(1);
});

test('whatever the clock does and whatever happens to the sends, the totals are exact and the rules are kept', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('fold' as const), process: fc.nat(2), value: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true })), executable: fc.constantFrom('node', 'git') }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), fate: fc.constantFrom('sent', 'failed', 'unknown', 'unknown but arrived'), later: fc.integer({ min: -100_000, max: 400_000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('save' as const, 'crash' as const) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom('exponential' as const, 'explicit' as const), (steps, histograms) => {
      const processes = [0, 1, 2].map((i) => new Process(`p${i}`));
      const backend = new Backend();
      const expected: Record<string, number> = {};
      let now = T0;
      let all = streams({ histograms, now: () => now });
      let kept = saved(all);
      let since: string[] = [];
      for (const one of steps) {
        if (one.do === 'fold') {
          const line = processes[one.process]!.spawn(one.value, one.executable).line();
          expected[SPAWNS(one.executable)] = (expected[SPAWNS(one.executable)] ?? 0) + 1;
          all.fold(line);
          since.push(line);
        } else if (one.do === 'send') {
          now += one.later;
          const requests = all.requests(now);
          if (one.fate === 'unknown') expect(all.requests(now)).toEqual(requests);
          // Saved before it is sent.
          kept = saved(all);
          since = [];
          if (one.fate !== 'failed' && one.fate !== 'unknown') backend.take(requests);
          requests.forEach((_, index) => (one.fate === 'sent' ? all.sent(index) : one.fate === 'failed' ? all.failed(index) : undefined));
        } else if (one.do === 'save') {
          kept = saved(all);
          since = [];
        } else {
          // A crash: back to what was saved, and to the offset that was saved with it.
          all = streams({ histograms, now: () => now }, kept);
          for (const line of since) all.fold(line);
        }
      }
      for (let i = 0; i < 2; i++) send(all, backend, (now += 10_000));
      expect(backend.totals).toEqual(Object.fromEntries(Object.entries(expected).sort()));
    }),
    { numRuns: 200 },
  );
});

test('any order of any lines gives the same totals', () => {
  const measurement = fc.record({ value: fc.double({ min: 1e-9, max: 1e9, noNaN: true }), executable: fc.constantFrom('node', 'git', 'sh') });
  fc.assert(
    fc.property(fc.array(fc.array(measurement, { maxLength: 8 }), { maxLength: 8 }), fc.constantFrom('exponential' as const, 'explicit' as const), (processes, histograms) => {
      const lines = processes.map((measurements, i) => {
        const process = new Process(`p${i}`);
        for (const { value, executable } of measurements) process.spawn(value, executable);
        return process.line();
      });
      const result = (order: readonly string[]) => {
        const all = streams({ histograms });
        for (const line of order) all.fold(line);
        const backend = new Backend();
        send(all, backend, T0);
        const points = [...backend.series].sort().flatMap(([key, ofOne]) => ofOne.map(({ point: { attributes: _a, exemplars: _e, ...point } }) => ({ key, ...point })));
        return { points: points.map(({ sum: _s, ...point }) => point), sums: points.map(({ sum }) => Number(sum ?? 0)) };
      };
      const [one, other] = [result(lines), result(lines.toReversed())];
      expect(other.points).toEqual(one.points);
      // A sum of floats differs by its order, in the last digits.
      one.sums.forEach((sum, i) => expect(Math.abs(other.sums[i]! - sum)).toBeLessThanOrEqual(1e-12 * sum));
    }),
  );
});

test('too many series share one', () => {
  const all = streams({ maxSeries: 5 });
  const process = new Process('a');
  for (let i = 0; i < 20; i++) process.spawn(1, `x${i}`);
  all.fold(process.line());
  all.fold(process.spawn(1, 'x0').spawn(1, 'y').line());
  const backend = new Backend();
  send(all, backend, T0);
  expect(backend.series.size).toBe(5);
  expect(Object.values(backend.totals).reduce((a, b) => a + b)).toBe(22);
  expect(backend.totals[KEY('app', 'spoor.spawn.duration', 'otel.metric.overflow=true')]).toBe(17);
});

test('requests are bounded, and together hold everything', () => {
  const all = streams({ maxBytes: 4_000 });
  const process = new Process('a');
  for (let i = 0; i < 100; i++) process.spawn(1, `x${i}`);
  all.fold(process.line());
  all.fold(new Process('b', { service: 'other' }).spawn(1).drop(2).line());
  const requests = all.requests(T0);
  expect(requests.length).toBeGreaterThan(10);
  for (const request of requests) expect(Buffer.byteLength(request)).toBeLessThanOrEqual(4_000);
  const backend = new Backend().take(requests);
  expect(backend.series.size).toBe(102);
  expect(backend.totals[KEY('other', 'spoor.telemetry.dropped', 'reason=ENOSPC')]).toBe(2);
  // Each is told of by itself.
  all.sent(1);
  expect(all.requests(T0 + 10_000)).toEqual(requests.toSpliced(1, 1));
});

test('deltas for who asks for them: each number once, whatever becomes of a request', () => {
  const all = streams({ temporality: 'delta' });
  const process = new Process('a');
  const got: number[] = [];
  const receive = (requests: readonly string[]): void => {
    for (const request of requests) got.push(...[...new Backend().take([request]).series.values()].flat().map(({ value }) => value));
  };
  all.fold(process.spawn(1).line());
  all.fold(process.spawn(1).active(1).line());
  receive(all.requests(T0));
  all.sent(0);
  all.fold(process.spawn(1).line());
  all.requests(T0 + 10_000);
  all.failed(0);
  const later = streams({ temporality: 'delta' }, saved(all));
  later.fold(process.spawn(1).line());
  const requests = later.requests(T0 + 20_000);
  receive(requests);
  expect(JSON.parse(requests[0]!).resourceMetrics[0].scopeMetrics[0].metrics[0].exponentialHistogram.aggregationTemporality).toBe(1);
  // 0 and 1 are the active count's: an up-down counter stays cumulative.
  expect(got).toEqual([2, 0, 1, 2]);
  later.sent(0);
  expect(later.requests(T0 + 30_000)).toEqual([]);
});

test('deltas: what was counted before spoor first shipped from here arrives too, and says since when it counts', () => {
  const old = T0 - 86_400_000;
  const process = new Process('old', { now: () => old });
  const all = streams({ temporality: 'delta' });
  all.fold(process.spawn(1).spawn(1).line());
  const backend = new Backend();
  all.requests(T0);
  all.failed(0);
  const later = streams({ temporality: 'delta' }, saved(all));
  later.fold(new Process('new').spawn(1).line());
  send(later, backend, T0 + 10_000);
  later.fold(process.spawn(1).line());
  send(later, backend, T0 + 20_000);
  const points = backend.series.get(SPAWNS())!;
  expect(points.map(({ value }) => value)).toEqual([3, 1]);
  expect(points.map(({ start }) => start)).toEqual([BigInt(old) * 1_000_000n, points[0]!.time]);
});

test('deltas that wait go out under the identity that the directory was given meanwhile', () => {
  const all = streams({ temporality: 'delta' });
  all.fold(new Process('a').spawn(1).line());
  all.requests(T0);
  all.fold(new Process('b').spawn(1).line());
  const copy = streams({ temporality: 'delta', instance: '00000000-0000-4000-8000-000000000002' }, saved(all));
  const backend = new Backend();
  send(copy, backend, T0 + 10_000);
  expect(Object.values(backend.totals)).toEqual([2]);
});

test('explicit buckets never fall, and classic histograms of other libraries pass through', () => {
  const all = streams({ histograms: 'explicit' });
  const histogram = (bounds: number[], counts: number[]): string =>
    JSON.stringify({ resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'app' } }] }, scopeMetrics: [{ scope: { name: 'http' }, metrics: [{ name: 'h', unit: 'ms', histogram: { aggregationTemporality: 1, dataPoints: [{ timeUnixNano: `${T0}000000`, count: counts.reduce((a, b) => a + b), sum: 9, explicitBounds: bounds, bucketCounts: counts }] } }] }] }] });
  all.fold(new Process('a').spawn(0.2).line());
  all.fold(histogram([1, 10], [1, 2, 3]));
  // Another version with other bounds: one stream all the same.
  all.fold(histogram([5, 10], [1, 1, 1]));
  const backend = new Backend();
  send(all, backend, T0);
  const { bucketCounts, explicitBounds } = backend.series.get(SPAWNS())!.at(-1)!.point;
  expect(bucketCounts[explicitBounds.indexOf(0.25)]).toBe(1);
  expect(backend.series.get(KEY('app', 'h'))!.map(({ point }) => point.bucketCounts)).toEqual([[0, 0, 0], [1, 4, 4]]);
});

test("gauges: the last measurement counts, an old one is not sent; the sender's own numbers", () => {
  const all = streams();
  const gauge = (ago: number, value: number): string =>
    JSON.stringify({ resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'app' } }] }, scopeMetrics: [{ scope: { name: 'os' }, metrics: [{ name: 'g', gauge: { dataPoints: [{ timeUnixNano: `${T0 - ago}000000`, asDouble: value }] } }] }] }] });
  all.fold(gauge(1_000, 2));
  all.fold(gauge(2_000, 1));
  all.count(TELEMETRY_DROPPED, 3, { reason: 'ship_age' });
  const backend = new Backend();
  const requests = all.requests(T0, [{ name: 'spoor.ship.unsent_size', unit: 'By', description: '', value: 7 }]);
  backend.take(requests);
  expect(backend.totals).toEqual({ [KEY('app', 'g')]: 2, [KEY('app', 'spoor.ship.unsent_size')]: 7, [KEY('app', 'spoor.telemetry.dropped', 'reason=ship_age')]: 3 });
  requests.forEach((_, index) => all.sent(index));
  all.fold(gauge(400_000, 5));
  expect(all.requests(T0 + 10_000)).toEqual([]);
});

test('a killed process: its spans after its last line count once it is gone, and what it held open ends', () => {
  const all = streams();
  const process = new Process('a', { pid: 99 });
  all.fold(process.spawn(1).active(1).line());
  all.span(process.span(1, 1));
  all.span(process.span(2, 2));
  all.span(process.span(2, 2));
  all.span(process.span(3, 3, 'git'));
  expect(all.departed()).toEqual([]);
  const later = streams({ now: () => T0 + 2 * 3_600_000 }, saved(all));
  const gone = later.departed();
  expect(gone).toEqual(['a']);
  later.fold(process.spawn(2).line());
  later.settle(gone);
  later.settle(gone);
  later.settle(later.departed());
  const backend = new Backend();
  send(later, backend, T0);
  expect(backend.totals).toEqual({ [SPAWNS()]: 2, [SPAWNS('git')]: 1, [KEY('app', 'spoor.spawn.active', 'spoor.spawn.kind=spawn')]: 0 });
  expect(backend.series.get(SPAWNS('git'))!.at(-1)!.sum).toBe(3);
});

test('a process that ended in good order has counted all its spans, whenever they are read', () => {
  const all = streams();
  const process = new Process('a', { pid: 99 });
  all.fold(process.spawn(1).spawn(1).line(true));
  all.span(process.span(1, 1));
  all.span(process.span(2, 1));
  all.settle(all.departed());
  const backend = new Backend();
  send(all, backend, T0);
  expect(backend.totals).toEqual({ [SPAWNS()]: 2 });
});

test('what a process holds open stays while it runs, wherever it is, and goes with it', () => {
  let now = T0;
  const all = streams({ now: () => now });
  const active = (): number => {
    all.settle(all.departed());
    const requests = all.requests(now);
    requests.forEach((_, index) => all.sent(index));
    return new Backend().take(requests).totals[KEY('app', 'spoor.spawn.active', 'spoor.spawn.kind=spawn')]!;
  };
  all.fold(new Process('here', { pid: process.pid, space: processSpace() }).active(1).line());
  // Of another container of the pod: its host's name is ours, its pids mean nothing here.
  all.fold(new Process('elsewhere', { pid: spawnSync('true').pid }).active(1).line());
  all.fold(new Process('without a pid').active(1).line());
  all.fold(new Process('gone', { pid: spawnSync('true').pid, space: processSpace() }).active(1).line());
  expect(active()).toBe(3);
  now += 2 * 3_600_000;
  expect(active()).toBe(1);
});

test('an agent that one command began and another ended', () => {
  const all = streams();
  const active = (): number => {
    all.settle(all.departed());
    return new Backend().take(all.requests(T0)).totals[KEY('app', 'spoor.spawn.active', 'spoor.spawn.kind=agent')]!;
  };
  all.fold(new Process('start').active(1, 'agent').line(true));
  expect(active()).toBe(1);
  all.sent(0);
  // One whose process was killed is gone with it.
  const gone = spawnSync('true').pid;
  all.fold(new Process('killed', { pid: gone, space: processSpace() }).active(1, 'agent').line());
  expect(active()).toBe(1);
  all.sent(0);
  all.fold(new Process('end').active(-1, 'agent').line(true));
  expect(active()).toBe(0);
});

test('a compacted hour counts once', () => {
  const lines = [1, 2, 3].map((i) => new Process(`p${i}`).spawn(i).line(true));
  const [compact] = compactLines(Buffer.from(lines.join('\n'))).lines;
  const [foreign] = compactLines(Buffer.from(JSON.stringify({ resourceMetrics: [{ resource: {}, scopeMetrics: [{ scope: { name: 'x' }, metrics: [{ name: 'm', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ timeUnixNano: `${T0}000000`, asInt: 1 }] } }] }] }] }))).lines;
  const total = (fold: (all: ReturnType<typeof streams>) => void): number => {
    const all = streams();
    fold(all);
    return Object.values(new Backend().take(all.requests(T0)).totals).reduce((a, b) => a + b, 0);
  };
  expect(total((all) => all.fold(compact!))).toBe(3);
  expect(total((all) => lines.forEach((line) => all.fold(line)))).toBe(3);
  const seen = total((all) => {
    lines.forEach((line) => all.fold(line));
    for (const line of [compact!, foreign!]) all.fold(line, { compacted: 'skip' });
    // What a late writer appended to the file is no part of the compacted line.
    all.fold(new Process('late').spawn(1).line(), { compacted: 'skip' });
  });
  expect(seen).toBe(4);
});

test('bad lines and bad states are refused', () => {
  const all = streams();
  for (const bad of ['', '{', 'null', '[]', '{"resourceSpans":[]}', '{"resourceMetrics":[{"resource":7}]}']) expect(all.fold(bad)).toBe(false);
  for (const bad of ['', '{', 'null', '"service.instance.id","value":{"stringValue":"']) all.span(Buffer.from(bad));
  expect(all.requests(T0)).toEqual([]);
  for (const bad of [null, 7, {}, { version: 9 }, { version: 1, services: 3 }]) expect(() => streams({}, bad)).toThrow();
});

test('a directory that was given another identity begins anew, without an increase', () => {
  const all = streams();
  all.fold(new Process('a').spawn(1).line());
  send(all, new Backend(), T0);
  const copy = streams({ instance: '00000000-0000-4000-8000-000000000002' }, saved(all));
  const backend = new Backend();
  send(copy, backend, T0 + 10_000);
  expect([Object.values(backend.totals), Object.values(backend.increases)]).toEqual([[1], [0]]);
});
