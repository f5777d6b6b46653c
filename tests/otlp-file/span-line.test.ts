import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { resourcePrefix, spanLine, type FileSpan } from '../../exporters/otlp-file.ts';
import { keyValues, nanoseconds } from '../../exporters/span-line.ts';

/** Any text: every code unit, lone surrogates too, and what JSON escapes. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '"', '\\', '\n', '\u2028', '\u007f', '\u0000', '\ud800', '</script>', '__proto__'),
);
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1e21, 1e300, 5e-324, 2 ** 53, -(2 ** 63), 0.1));
const primitive = fc.oneof(text, number, fc.boolean());
const value: fc.Arbitrary<unknown> = fc.oneof(
  primitive,
  fc.array(fc.oneof(primitive, fc.constant(null)), { maxLength: 4 }),
  fc.uint8Array({ maxLength: 6 }),
  fc.dictionary(text, primitive, { maxKeys: 3 }),
  fc.constantFrom(null, undefined),
);
const attributes = fc.dictionary(text, value, { maxKeys: 5 });
const hex = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const context = fc.record({
  traceId: hex(32),
  spanId: hex(16),
  traceFlags: fc.integer({ min: 0, max: 255 }),
  isRemote: fc.option(fc.boolean(), { nil: undefined }),
  traceState: fc.option(text.map((state) => ({ serialize: () => state })), { nil: undefined }),
});
const time = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 4e9 }), fc.integer({ min: 0, max: 999_999_999 })),
  fc.constantFrom([0, 0], [0, 5], [1, 0], [1_700_000_000, 999_999_999], [1_700_000_000, 1_000_000_000], [1_700_000_000.5, 3.7], [-1, 5], [5, -1]),
);
const dropped = fc.nat(5);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const described = { attributes, schemaUrl: optional(text) };

const span = fc.record({
  name: text,
  kind: fc.constantFrom(0, 1, 2, 3, 4, undefined),
  spanContext: context.map((one) => () => one),
  parentSpanContext: optional(context),
  startTime: time,
  endTime: time,
  status: fc.record({ code: fc.constantFrom(0, 1, 2), message: optional(text) }),
  attributes,
  links: fc.array(fc.record({ context, attributes: optional(attributes), droppedAttributesCount: optional(dropped) }), { maxLength: 2 }),
  events: fc.array(fc.record({ name: text, time, attributes: optional(attributes), droppedAttributesCount: optional(dropped) }), { maxLength: 2 }),
  droppedAttributesCount: dropped,
  droppedEventsCount: dropped,
  droppedLinksCount: dropped,
  resource: fc.record(described),
  instrumentationScope: fc.record({ name: text, version: optional(text), schemaUrl: optional(text), attributes: optional(attributes), droppedAttributesCount: optional(dropped) }),
});

/** What a span means that leaves out the fields that say nothing. */
const NOTHING = { droppedAttributesCount: 0, events: [], droppedEventsCount: 0, status: { code: 0 }, links: [], droppedLinksCount: 0 };

function whole(line: string): unknown {
  const request = JSON.parse(line) as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] };
  const [scope] = request.resourceSpans[0]!.scopeSpans;
  scope!.spans = scope!.spans.map((one) => ({ ...NOTHING, ...one }));
  return request;
}

test("is what the SDK's own serializer gives, on one line", () => {
  fc.assert(
    fc.property(span, (one) => {
      const line = spanLine(one as unknown as FileSpan, resourcePrefix(one.resource));
      expect(line).not.toMatch(/[\n\r]/);
      const sdk = new TextDecoder().decode(JsonTraceSerializer.serializeRequest([one as unknown as ReadableSpan]));
      expect(whole(line)).toEqual(JSON.parse(sdk));
      // The bytes on disk, too: text is written as UTF-8.
      expect(whole(Buffer.from(line).toString())).toEqual(JSON.parse(sdk));
    }),
    { numRuns: 1000 },
  );
});

test('an app that makes up attribute keys does not make the memory of keys grow for ever, nor wrong', () => {
  const one = fc.sample(span, 1)[0]!;
  const prefix = resourcePrefix({});
  for (let i = 0; i < 10_000; i++) {
    const line = spanLine({ ...one, attributes: { [`key "${i}"`]: i, again: true } } as unknown as FileSpan, prefix);
    if (i % 1000 === 0) expect(line).toContain(`"key":${JSON.stringify(`key "${i}"`)},"value":{"intValue":${i}}`);
  }
});

test('whole numbers and times are written digit by digit', () => {
  const around = (n: number): number[] => [n - 1, n, n + 1];
  for (const n of [0, 7, -1000, 10_005, ...[1e3, 1e6, 1e9, 2 ** 31, 1e12, 2 ** 53 - 2].flatMap(around)]) expect(JSON.parse(keyValues({ n }))).toEqual([{ key: 'n', value: { intValue: n } }]);
  for (const n of [0, 1, 10_005, 999_999_999, ...[1e3, 1e6].flatMap(around)]) expect(nanoseconds([1_795_255_600, n])).toBe(String(1_795_255_600n * 1_000_000_000n + BigInt(n)));
});
