import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExponentialHistogram } from '../../src/rollup/exponential-histogram.ts';
import { Merge } from '../../src/rollup/merge.ts';
import { parseRequest } from '../../src/rollup/request.ts';

type Json = Record<string, unknown>;

function line(metrics: Json[], resource: Json[] = [], scope: Json = { name: 's' }): string {
  return JSON.stringify({ resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ scope, metrics }] }] });
}

function merged(...lines: string[]): Merge {
  const merge = new Merge();
  for (const one of lines) merge.add(parseRequest(one));
  return merge;
}

const text = (key: string, stringValue: string): Json => ({ key, value: { stringValue } });
const sum = (value: Json, more: Json = {}): Json => ({ name: 'm', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ timeUnixNano: '5', ...value }] }, ...more });
const sequence = (intValue: number): Json => ({ key: 'spoor.sequence', value: { intValue } });
const explicit = (counts: unknown[]): Json => ({ name: 'h', histogram: { aggregationTemporality: 1, dataPoints: [{ count: '3', sum: 6, min: 1, max: 3, explicitBounds: [1, 2], bucketCounts: counts }] } });
const cumulative = (timeUnixNano: string, asInt: number): Json => ({ name: 'm', sum: { aggregationTemporality: 2, dataPoints: [{ timeUnixNano, asInt }] } });
const only = (merge: Merge) => {
  expect(merge.resources).toHaveLength(1);
  expect(merge.resources[0]!.metrics).toHaveLength(1);
  expect(merge.resources[0]!.metrics[0]!.series).toHaveLength(1);
  return merge.resources[0]!.metrics[0]!.series[0]!;
};

test('any split of any measurements over lines merges to the same, in any order', () => {
  const measurement = fc.record({ value: fc.nat(1000), lineNumber: fc.nat(5), a: fc.constantFrom('x', 'y') });
  fc.assert(
    fc.property(fc.array(measurement, { maxLength: 50 }), fc.boolean(), (measurements, reversed) => {
      const lines = [0, 1, 2, 3, 4, 5].map((number) => {
        const points = ['x', 'y'].map((a) => {
          const histogram = new ExponentialHistogram();
          const mine = measurements.flatMap(({ value, lineNumber }, i) => (lineNumber === number && measurements[i]!.a === a ? [{ value, i }] : []));
          for (const { value } of mine) histogram.record(value);
          const exemplars = mine.map(({ value, i }) => ({ timeUnixNano: String(1000 + i), asDouble: value, spanId: `${i}`, traceId: 't' }));
          return { ...histogram.toPoint(), ...(mine.length === 0 && { min: undefined, max: undefined }), attributes: [text('a', a)], exemplars };
        });
        return line([{ name: 'm', exponentialHistogram: { aggregationTemporality: 1, dataPoints: points } }]);
      });
      const { series } = merged(...(reversed ? lines.toReversed() : lines)).resources[0]!.metrics[0]!;
      for (const one of series) {
        const mine = measurements.flatMap(({ value, a }, i) => (a === one.attributes.a ? [{ value, i }] : []));
        const expected = new ExponentialHistogram();
        for (const { value } of mine) expected.record(value);
        expect(one.histogram!.toPoint()).toEqual(expected.toPoint());
        expect(one.latest.map(({ spanId }) => spanId)).toEqual(mine.map(({ i }) => `${i}`).toReversed().slice(0, 5));
        expect(one.greatest.map(({ asDouble }) => asDouble)).toEqual(mine.map(({ value }) => value).sort((a, b) => b - a).slice(0, 5));
      }
    }),
  );
});

test('attributes in another order, and integers as strings, are the same series', () => {
  const first = sum({ attributes: [text('a', '1'), { key: 'n', value: { intValue: 5 } }], asInt: '3' });
  const second = sum({ attributes: [{ key: 'n', value: { intValue: '5' } }, text('a', '1')], asDouble: 4 });
  expect(only(merged(line([first]), line([second]))).value).toBe(7);
  const other = sum({ attributes: [{ key: 'a', value: { intValue: 1 } }, { key: 'n', value: { intValue: 5 } }], asInt: 1 });
  expect(merged(line([first]), line([other])).resources[0]!.metrics[0]!.series).toHaveLength(2);
});

test('resources are kept apart, or merged by the attributes that count', () => {
  const lines = ['1', '2'].map((id) => line([sum({ asInt: 1 })], [text('service.name', 'x'), text('service.instance.id', id)]));
  expect(merged(...lines).resources).toHaveLength(2);
  const merge = new Merge({ keepResourceAttribute: (key) => key === 'service.name' });
  for (const one of lines) merge.add(parseRequest(one));
  expect(only(merge).value).toBe(2);
});

test('how far each runtime reaches: its last number, and whether that is final', () => {
  const at = (id: string, ...attributes: Json[]): string => line([], [text('service.instance.id', id)], { name: 'spoor', attributes });
  const final = { key: 'spoor.final', value: { boolValue: true } };
  const folded = { key: 'spoor.runtimes', value: { kvlistValue: { values: [{ key: 'a', value: { intValue: '9' } }, { key: 'c', value: { boolValue: true } }] } } };
  const { runtimes } = merged(at('a', sequence(3)), at('b', sequence(4), final), at('b', sequence(2)), line([], [], { name: 'spoor', attributes: [folded] }));
  expect(Object.fromEntries(Array.from(runtimes, ([id, { sequence: last, final: ended }]) => [id, [last, ended]]))).toEqual({ a: [9, false], b: [4, true], c: [0, true] });
});

test("other writers' kinds: explicit bounds add up, cumulative sums and gauges count once, summaries are left out", () => {
  expect(only(merged(line([explicit([1, 1, 1])]), line([explicit(['0', '0', '3'])]))).explicit).toEqual({ count: 6, sum: 12, min: 1, max: 3, bounds: [1, 2], counts: [1, 1, 4] });
  expect(only(merged(line([cumulative('10', 7)]), line([cumulative('9', 5)]))).value).toBe(7);
  expect(only(merged(line([cumulative('9', 5)]), line([cumulative('10', 7)]))).value).toBe(7);
  expect(only(merged(line([{ name: 'g', gauge: { dataPoints: [{ timeUnixNano: '1', asDouble: 2 }] } }]), line([{ name: 'g', gauge: { dataPoints: [{ timeUnixNano: '2', asDouble: 3 }] } }]))).value).toBe(3);
  expect(merged(line([{ name: 'q', summary: {} }])).resources).toMatchObject([{ metrics: [] }]);
});

test('an attribute named __proto__ is only a name', () => {
  const series = only(merged(line([sum({ attributes: [text('__proto__', 'x')], asInt: 1 })])));
  expect(Object.entries(series.attributes)).toEqual([['__proto__', 'x']]);
});

test.each([
  '', '{', 'null', '[]', '{}', '7', '{"resourceMetrics":{}}', '{"resourceMetrics":[null]}',
  line([{ name: 'm', sum: { dataPoints: [{ asDouble: 'NaN' }] } }]),
  line([{ name: 'm', sum: { dataPoints: [{ attributes: [{ key: 'a' }], asInt: 1 }] } }]),
  line([{ name: 'm', exponentialHistogram: { dataPoints: [{ scale: 99 }] } }]),
  line([{ name: 'm', exponentialHistogram: { dataPoints: [{ count: 1, positive: { offset: 0, bucketCounts: ['x'] } }] } }]),
  line([{ name: 'm', exponentialHistogram: { dataPoints: [{ count: 1, positive: { offset: 1e300, bucketCounts: [1] } }] } }]),
])('refuses what is no sound metrics request: %s', (bad) => {
  expect(() => parseRequest(bad)).toThrow();
});

test('a line cut at any byte is refused whole', () => {
  const whole = line([sum({ attributes: [text('a', 'é')], asInt: 1 })], [text('service.name', 'x')]);
  for (let end = 0; end < whole.length; end++) expect(() => parseRequest(whole.slice(0, end))).toThrow();
});
