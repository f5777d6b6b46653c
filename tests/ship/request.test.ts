import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTraceLine, joinTraceLines } from '../../src/ship/request.ts';
import { splitMetrics } from '../../src/ship/split.ts';
import type { Line } from '../../src/ship/chunk.ts';

const text = fc.oneof(fc.string(), fc.constantFrom('"spans":[', ']}]}]}', '{"resourceSpans":[', '\\"spans\\":[', '\u{1f9ea}', '\ud800'));
const attributes = fc.array(fc.record({ key: text, value: fc.record({ stringValue: text }) }), { maxLength: 3 });
const span = fc.record({ spanId: text, name: text, attributes });
const scopeSpans = fc.record({ scope: fc.record({ name: fc.constantFrom('spoor', 'app'), version: text }, { requiredKeys: ['name'] }), spans: fc.array(span, { maxLength: 3 }), schemaUrl: text }, { requiredKeys: ['scope', 'spans'] });
const resource = fc.constantFrom({ attributes: [{ key: 'service.name', value: { stringValue: 'a' } }] }, { attributes: [{ key: 'service.name', value: { stringValue: '"spans":[' } }] }, { attributes: [] });
const resourceSpans = fc.record({ resource, scopeSpans: fc.array(scopeSpans, { maxLength: 2 }) });
/** As spoor writes them most often, as other writers may, and in another order. */
const request = fc.oneof(
  { weight: 4, arbitrary: fc.record({ resource, scope: fc.constantFrom({ name: 'spoor' }, { name: 'app' }), span }).map(({ resource, scope, span }) => ({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] })) },
  fc.record({ resourceSpans: fc.array(resourceSpans, { maxLength: 2 }) }),
  fc.record({ resource, spans: fc.array(span, { maxLength: 2 }) }).map(({ resource, spans }) => ({ resourceSpans: [{ scopeSpans: [{ spans, scope: { name: 'x' } }], resource }] })),
);

function linesOf(bytes: Buffer): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

/** Every span with what it belongs to, in order. */
function flat(body: any): unknown[] {
  return body.resourceSpans.flatMap(({ resource, scopeSpans }: any) => scopeSpans.flatMap(({ scope, spans, schemaUrl }: any) => spans.map((one: any) => ({ resource, scope, schemaUrl, one }))));
}

test('lines joined as text are the same spans, of the same resources and scopes, in the same order', () => {
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 8 }), (requests) => {
      const bytes = Buffer.from(requests.map((one) => `${JSON.stringify(one)}\n`).join(''));
      const lines = linesOf(bytes).filter((line) => isTraceLine(bytes, line));
      const joined = JSON.parse(joinTraceLines(bytes, lines).toString());
      // An empty one is left out.
      expect(flat(joined)).toEqual(JSON.parse(JSON.stringify(requests.flatMap(flat))));
    }),
    { numRuns: 500 },
  );
});

test('spans of one resource and scope that follow each other share the words around them', () => {
  const line = (id: number, name: string): string => JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ name }] }, scopeSpans: [{ scope: { name: 'spoor' }, spans: [{ id }] }] }] });
  const bytes = Buffer.from([line(1, 'a'), line(2, 'a'), line(3, 'b'), line(4, 'a')].map((one) => `${one}\n`).join(''));
  const joined = JSON.parse(joinTraceLines(bytes, linesOf(bytes)).toString());
  expect(joined.resourceSpans.map((one: any) => one.scopeSpans[0].spans.map(({ id }: any) => id))).toEqual([[1, 2], [3], [4]]);
});

test('a line without spans among others of its resource leaves no comma behind', () => {
  const line = (...spans: unknown[]): string => `${JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans }] }] })}\n`;
  const bytes = Buffer.from(line(1) + line() + line(2) + line());
  expect(flat(JSON.parse(joinTraceLines(bytes, linesOf(bytes)).toString())).map(({ one }: any) => one)).toEqual([1, 2]);
});

test.each(['{"resourceSpans":[{"resource":{"attr', '{"resourceMetrics":[]}', '\0\0\0\0', 'x', '{"resourceSpans":[]}'])('%j is no line to send', (line) => {
  const bytes = Buffer.from(`${line}\n`);
  expect(isTraceLine(bytes, { start: 0, end: bytes.length - 1 })).toBe(false);
});

test('a metrics request is cut in two with every point in one of them', () => {
  const points = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ id: from + i }));
  const whole = {
    resourceMetrics: [
      { resource: { a: 1 }, scopeMetrics: [{ scope: {}, metrics: [{ name: 'x', sum: { isMonotonic: true, dataPoints: points(0, 3) } }, { name: 'y', exponentialHistogram: { dataPoints: points(3, 1) } }] }] },
      { resource: { b: 1 }, scopeMetrics: [{ scope: {}, metrics: [{ name: 'x', gauge: { dataPoints: points(4, 3) } }] }] },
    ],
  };
  const ids = (json: string): number[] => [...json.matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id));
  const halves = splitMetrics(JSON.stringify(whole))!;
  expect(halves.map(ids)).toEqual([[0, 1, 2], [3, 4, 5, 6]]);
  expect(JSON.parse(halves[0]).resourceMetrics).toHaveLength(1);
  expect(JSON.parse(halves[1]).resourceMetrics[0].scopeMetrics[0].metrics).toMatchObject([{ name: 'y' }]);
  expect(splitMetrics(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'x', sum: { dataPoints: points(0, 1) } }] }] }] }))).toBeUndefined();
});
