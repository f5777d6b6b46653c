import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instrument } from '../../src/conventions.ts';
import { deltaLine } from '../../src/rollup/otlp.ts';
import { Merge } from '../../src/rollup/merge.ts';
import { parseRequest } from '../../src/rollup/request.ts';
import { Rollup } from '../../src/rollup/rollup.ts';
import type { Delta } from '../../src/rollup/ledger.ts';

const DURATION: Instrument = { name: 'd', type: 'histogram', unit: 's', description: 'a "duration"', attributes: ['a', 'b'] };
const COUNT: Instrument = { name: 'c', type: 'counter', unit: '1', description: '', attributes: ['a'] };
const ACTIVE: Instrument = { name: 'u', type: 'updowncounter', unit: '1', description: '', attributes: [] };

function rollup(options: { maxSeries?: number; now?: () => number } = {}) {
  const dropped: Record<string, number> = {};
  const subject = new Rollup({ ...options, onDropped: (reason, count) => (dropped[reason] = (dropped[reason] ?? 0) + count) });
  return { subject, dropped };
}

/** Counts of histograms and values of sums, by metric and attributes, of deltas that went through their lines. */
function totals(...deltas: (Delta | undefined)[]): Record<string, number> {
  const merge = new Merge();
  for (const delta of deltas) merge.add(parseRequest(deltaLine(delta, { resource: '[]', sequence: 1, final: false })));
  const result: Record<string, number> = {};
  for (const { metrics } of merge.resources) for (const { name, series } of metrics) for (const one of series) result[`${name} ${JSON.stringify(one.attributes)}`] = one.histogram?.count ?? one.value;
  return result;
}

test('only declared attributes make series, told apart by type too', () => {
  const { subject } = rollup();
  for (const a of ['1', 1, true, 'true', undefined, '']) subject.record(DURATION, 1, { ...(a !== undefined && { a }), other: Math.random() });
  subject.record(DURATION, 1, { b: 'x', a: 1 });
  subject.record(DURATION, 2, { a: 1, b: 'x' });
  subject.record(ACTIVE, -3, { a: 'ignored' });
  expect(totals(subject.takeDelta())).toEqual({ 'd {"a":"1"}': 1, 'd {"a":1}': 1, 'd {"a":true}': 1, 'd {"a":"true"}': 1, 'd {}': 1, 'd {"a":""}': 1, 'd {"a":1,"b":"x"}': 2, 'u {}': -3 });
});

test('bad numbers are counted as dropped, bad attributes left out, long strings cut', () => {
  const { subject, dropped } = rollup();
  for (const value of [NaN, Infinity, -Infinity, -1]) subject.record(DURATION, value, {});
  subject.record(COUNT, -1, {});
  subject.record(COUNT, '5' as never, {});
  expect(subject.takeDelta()).toBeUndefined();
  expect(dropped).toEqual({ invalid_value: 6 });
  subject.record(COUNT, 1, { a: ['list'] });
  subject.record(COUNT, 1, { a: NaN });
  subject.record(COUNT, 1, { a: null as never });
  subject.record(COUNT, 1, { a: 'x'.repeat(1000) });
  subject.record(COUNT, 1, { a: `${'x'.repeat(255)}😀` });
  expect(dropped).toEqual({ invalid_value: 6, invalid_attribute: 2 });
  expect(totals(subject.takeDelta())).toEqual({ 'c {}': 3, [`c {"a":"${'x'.repeat(256)}"}`]: 1, [`c {"a":"${'x'.repeat(255)}"}`]: 1 });
});

test('never throws', () => {
  const subject = new Rollup({
    onDropped: () => {
      throw new Error('callback');
    },
  });
  subject.record(COUNT, NaN, {});
  subject.record(COUNT, 1, {
    get a(): string {
      throw new Error('getter');
    },
  });
});

test('another copy of a declaration is the same metric', () => {
  const { subject } = rollup();
  for (let i = 0; i < 1_000; i++) subject.record({ ...COUNT }, 1, { a: 'x' });
  expect(totals(subject.takeDelta())).toEqual({ 'c {"a":"x"}': 1_000 });
});

test('above the cap new attribute sets go to the overflow series, and no number is lost', () => {
  const { subject } = rollup({ maxSeries: 10 });
  for (let i = 0; i < 100_000; i++) subject.record(COUNT, 1, { a: `executable ${i}` });
  subject.record(COUNT, 1, { a: 'executable 3' });
  subject.record(DURATION, 1, { a: 'x' });
  const series = totals(subject.takeDelta());
  expect(Object.keys(series).filter((key) => key.startsWith('c'))).toHaveLength(10);
  expect(series).toMatchObject({ 'c {"a":"executable 3"}': 2, 'c {"otel.metric.overflow":true}': 100_000 - 9, 'd {"a":"x"}': 1 });
});

test('series that stood still give up their place, with nothing lost', () => {
  let now = 1e12;
  const { subject } = rollup({ maxSeries: 3, now: () => now });
  subject.record(COUNT, 1, { a: 'old' });
  subject.record(COUNT, 1, { a: 'busy' });
  const first = subject.takeDelta()!;
  now += 9 * 60_000;
  subject.record(COUNT, 1, { a: 'busy' });
  subject.record(COUNT, 1, { a: 'too early' });
  const second = subject.takeDelta();
  now += 2 * 60_000;
  subject.restore(first);
  subject.record(COUNT, 1, { a: 'while old is waiting to be written' });
  expect(totals(second)).toEqual({ 'c {"a":"busy"}': 1, 'c {"otel.metric.overflow":true}': 1 });
  expect(totals(subject.takeDelta())).toEqual({ 'c {"a":"old"}': 1, 'c {"a":"busy"}': 1, 'c {"otel.metric.overflow":true}': 1 });
  now += 60_000;
  subject.record(COUNT, 1, { a: 'new' });
  subject.record(COUNT, 1, { a: 'old' });
  expect(totals(subject.takeDelta())).toEqual({ 'c {"a":"new"}': 1, 'c {"otel.metric.overflow":true}': 1 });
});

test('a delta has what changed, once, whatever was given back', () => {
  type Step = { do: 'record'; value: number; a: string } | { do: 'write' } | { do: 'fail' };
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ do: fc.constant('record' as const), value: fc.nat(50), a: fc.constantFrom('x', 'y', 'z') }),
    fc.record({ do: fc.constant('write' as const) }),
    fc.record({ do: fc.constant('fail' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { subject } = rollup();
      const control = rollup().subject;
      const written: Delta[] = [];
      for (const one of steps) {
        if (one.do === 'record') for (const each of [subject, control]) each.record(DURATION, one.value, { a: one.a });
        else {
          const delta = subject.takeDelta();
          if (delta !== undefined && one.do === 'write') written.push(delta);
          else if (delta !== undefined) subject.restore(delta);
        }
      }
      const last = subject.takeDelta();
      expect(subject.takeDelta()).toBeUndefined();
      const merge = new Merge();
      const all = new Merge();
      for (const delta of [...written, last]) merge.add(parseRequest(deltaLine(delta, { resource: '[]', sequence: 0, final: false })));
      all.add(parseRequest(deltaLine(control.takeDelta(), { resource: '[]', sequence: 0, final: false })));
      expect(points(merge)).toEqual(points(all));
    }),
  );
});

function points(merge: Merge): Record<string, unknown> {
  const series = merge.resources.flatMap(({ metrics }) => metrics.flatMap((metric) => metric.series));
  return Object.fromEntries(series.map(({ attributes, histogram }) => [String(attributes.a), histogram!.toPoint()]));
}

test('exemplars: the latest and the greatest since the last delta', () => {
  let now = 1_700_000_000_000;
  const { subject } = rollup({ now: () => now });
  const exemplars = (): unknown => JSON.parse(deltaLine(subject.takeDelta(), { resource: '[]', sequence: 1, final: false })).resourceMetrics[0].scopeMetrics[0].metrics[0].exponentialHistogram.dataPoints[0].exemplars;
  const record = (value: number, id: string): void => {
    now++;
    subject.record(DURATION, value, {}, { traceId: id.repeat(32), spanId: id.repeat(16) });
  };
  record(5, 'a');
  record(9, 'b');
  record(1, 'c');
  expect(exemplars()).toEqual([
    { timeUnixNano: '1700000000003000000', asDouble: 1, traceId: 'c'.repeat(32), spanId: 'c'.repeat(16) },
    { timeUnixNano: '1700000000002000000', asDouble: 9, traceId: 'b'.repeat(32), spanId: 'b'.repeat(16) },
  ]);
  record(2, 'd');
  expect(exemplars()).toEqual([{ timeUnixNano: '1700000000004000000', asDouble: 2, traceId: 'd'.repeat(32), spanId: 'd'.repeat(16) }]);
});

test('any text survives the line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 20 }), (a, b) => {
      const { subject } = rollup();
      subject.record(DURATION, 1, { a, b });
      const line = deltaLine(subject.takeDelta(), { resource: '[]', sequence: 7, final: true });
      expect(line).not.toContain('\n');
      const [series] = parseMerged(line);
      expect({ ...series!.attributes }).toEqual({ a, b });
    }),
  );
});

function parseMerged(line: string) {
  const merge = new Merge();
  merge.add(parseRequest(line));
  return merge.resources[0]!.metrics[0]!.series;
}

test('sums too large for a float are still JSON', () => {
  const { subject } = rollup();
  for (let i = 0; i < 3; i++) subject.record(DURATION, Number.MAX_VALUE, {});
  expect(parseMerged(deltaLine(subject.takeDelta(), { resource: '[]', sequence: 1, final: false }))[0]!.histogram!.sum).toBe(Number.MAX_VALUE);
});
