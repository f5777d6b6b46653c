/** The spans of operations against the SDK's: what a backend gets may not tell which made them. */
import { type Attributes, type Context, type Link, ROOT_CONTEXT, type Span, type SpanStatus, type TimeInput, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorrelationSpanProcessor } from '../../src/correlation-processor.ts';
import { startOwnSpan } from '../../src/own-span.ts';
import type { EndedSpan } from '../../src/runtime.ts';
import { REGISTER, lines, run, spans, temporaryDirectory } from '../support/program.ts';

const PARENT = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
const IN_TRACE = trace.setSpanContext(ROOT_CONTEXT, PARENT);
const START = 1_700_000_000_000;
const ids = { generateTraceId: () => '3'.repeat(32), generateSpanId: () => '4'.repeat(16) };

type Options = { readonly attributes?: Attributes; readonly links?: Link[]; readonly root?: boolean };

function bySdk(options: Options, context: Context, use: (span: Span) => void): ReadableSpan | undefined {
  let ended: ReadableSpan | undefined;
  const processor = Object.assign(new CorrelationSpanProcessor(), { onEnd: (span: ReadableSpan) => (ended = span) });
  use(new BasicTracerProvider({ idGenerator: ids, spanProcessors: [processor] }).getTracer('spoor').startSpan('name', { kind: 2, startTime: START, ...options }, context));
  return ended;
}

function byUs(options: Options, context: Context, use: (span: Span) => void): EndedSpan | undefined {
  let ended: EndedSpan | undefined;
  use(startOwnSpan({ instrumentationScope: { name: 'spoor' }, onEnd: (span) => (ended = span) }, 'name', { kind: 2, startTime: START, ...options }, context));
  return ended;
}

/** What is written of a span, but for its ids and for nothing said in two ways. */
function written(span: EndedSpan | ReadableSpan | undefined): unknown {
  if (span === undefined) return undefined;
  const { name, kind, parentSpanContext, startTime, endTime, duration, status, attributes, links, events, droppedAttributesCount, droppedEventsCount, droppedLinksCount } = span as ReadableSpan;
  const plain = <T extends { attributes?: Attributes; droppedAttributesCount?: number }>({ attributes: some = {}, droppedAttributesCount: dropped = 0, ...rest }: T): object => ({ ...rest, attributes: some, dropped });
  // Of a trace of its own, the trace's id.
  const { 'spoor.correlation.id': correlation, ...others } = attributes;
  return {
    name, kind, parent: parentSpanContext, startTime, endTime, duration, status, droppedAttributesCount, droppedEventsCount, droppedLinksCount,
    attributes: others, correlation: correlation === span.spanContext().traceId,
    links: links.map(plain), events: events.map(plain),
  };
}

const key = fc.constantFrom('', 'a', 'b', 'toString', ...Array.from({ length: 140 }, (_, i) => `k${i}`));
const value = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.array(fc.string()), fc.array(fc.oneof(fc.string(), fc.integer())), fc.constantFrom(null, undefined, {}, Symbol.iterator, () => 1));
const attributes = fc.dictionary(key, value, { maxKeys: 6 }) as fc.Arbitrary<Attributes>;
const many = fc.constant(Object.fromEntries(Array.from({ length: 135 }, (_, i) => [`k${i}`, i])) as Attributes);
const time = fc.oneof(fc.integer({ min: START - 10, max: START + 5_000 }), fc.date({ min: new Date(START), max: new Date(START + 9e6), noInvalidDate: true }), fc.tuple(fc.constant(START / 1000), fc.nat(999_999_999))) as fc.Arbitrary<TimeInput>;
const link = fc.record({ context: fc.constant(PARENT), attributes: fc.option(fc.oneof(attributes, many), { nil: undefined }) }) as fc.Arbitrary<Link>;
const act: fc.Arbitrary<(span: Span) => unknown> = fc.oneof(
  fc.tuple(key, value).map(([k, v]) => (span: Span) => span.setAttribute(k, v as string)),
  fc.oneof(attributes, many).map((some) => (span: Span) => span.setAttributes(some)),
  fc.tuple(fc.string(), fc.oneof(attributes, many), time).map(([name, some, at]) => (span: Span) => span.addEvent(name, some, at)),
  fc.tuple(fc.string(), time).map(([name, at]) => (span: Span) => span.addEvent(name, at)),
  time.map((at) => (span: Span) => { for (let i = 0; i < 130; i++) span.addEvent(`e${i}`, at).addLink({ context: PARENT, attributes: { i } }); }),
  fc.array(link, { maxLength: 3 }).map((links) => (span: Span) => span.addLinks(links)),
  (fc.record({ code: fc.constantFrom(0, 1, 2), message: fc.option(fc.string(), { nil: undefined }) }) as fc.Arbitrary<SpanStatus>).map((status) => (span: Span) => span.setStatus(status)),
  fc.string().map((name) => (span: Span) => span.updateName(name)),
  fc.constant((span: Span) => span.setAttributes(null as unknown as Attributes)),
  fc.tuple(fc.constantFrom('text', new TypeError('typed'), Object.assign(new Error('coded'), { code: 'EPERM' }), { message: 'plain' }, { name: 'Only' }, null), time).map(([error, at]) => (span: Span) => span.recordException(error as Error, at)),
);

test('after any calls, what is written of them is the same', () => {
  fc.assert(
    fc.property(fc.record({ attributes, links: fc.array(link, { maxLength: 2 }), root: fc.boolean() }), fc.constantFrom(ROOT_CONTEXT, IN_TRACE), fc.array(act, { maxLength: 12 }), fc.array(act, { maxLength: 2 }), time, (options, context, acts, late, end) => {
      const use = (span: Span): void => {
        for (const one of acts) one(span);
        span.end(end);
        for (const one of late) one(span);
        span.end(end);
      };
      expect(written(byUs(options, context, use))).toEqual(written(bySdk(options, context, use)));
    }),
    { numRuns: 300 },
  );
});

test.each<[string, Context, boolean]>([
  ['no parent', ROOT_CONTEXT, true],
  ['a sampled parent', IN_TRACE, true],
  ['a parent that is not sampled', trace.setSpanContext(ROOT_CONTEXT, { ...PARENT, traceFlags: 0 }), false],
  ['a parent of no valid id', trace.setSpanContext(ROOT_CONTEXT, { ...PARENT, spanId: 'x' }), true],
  ['tracing suppressed', suppressTracing(IN_TRACE), false],
])('%s: recorded as by the SDK, in the same trace', (_name, context, isRecorded) => {
  const contexts: object[] = [];
  const use = (span: Span): void => {
    const { traceId, traceFlags } = span.spanContext();
    contexts.push({ traceId: traceId === PARENT.traceId || /^0+$/.test(traceId) ? traceId : 'new', traceFlags, isRecording: span.isRecording() });
    span.end();
  };
  expect([byUs({}, context, use) !== undefined, bySdk({}, context, use) !== undefined]).toEqual([isRecorded, isRecorded]);
  expect(contexts[0]).toEqual(contexts[1]);
});

test('its time goes on by the steady clock, from the start by the other', () => {
  const { now } = Date;
  let span: EndedSpan | undefined;
  const from = now();
  const open = startOwnSpan({ instrumentationScope: { name: 'spoor' }, onEnd: (ended) => (span = ended) }, 'name', {}, ROOT_CONTEXT);
  for (const until = performance.now() + 5; performance.now() < until; );
  open.addEvent('by performance.now()', performance.now()).end();
  const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1e3 + nanoseconds / 1e6;
  expect(milliseconds(span!.startTime)).toBeGreaterThanOrEqual(from);
  expect(milliseconds(span!.endTime) - milliseconds(span!.startTime)).toBeGreaterThanOrEqual(5);
  expect(milliseconds(span!.events[0]!.time)).toBeGreaterThan(from);
  expect(milliseconds(span!.events[0]!.time)).toBeLessThanOrEqual(now() + 1);
});

describe('what a program that spawns loads', () => {
  const LOADED = `
    require('node:child_process').spawnSync('true');
    const files = Object.keys(require.cache).map((file) => require('node:path').basename(file)).filter((file) => file.endsWith('.cjs'));
    console.log(JSON.stringify([files, ['worker_threads', 'perf_hooks', 'vm'].filter((name) => process.moduleLoadList.includes('NativeModule ' + name))]));`;

  test('not the SDK, nor what of Node it does not need', async () => {
    const directory = temporaryDirectory();
    const { stdout } = await run(process.execPath, ['--require', REGISTER, '-e', LOADED], { env: { SPOOR_DIR: directory } });
    const [files, builtins] = JSON.parse(stdout) as [string[], string[]];
    expect(files).toContain('runtime.cjs');
    expect(files.filter((file) => ['provider.cjs', 'ship.cjs', 'direct.cjs'].includes(file))).toEqual([]);
    expect(builtins).toEqual([]);
  });

  test.each([
    ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '2', { 'process.executable.name': 'tr' }],
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '1', { 'process.executable.name': 'true' }],
  ])('the SDK, where %s asks for what only it has', async (name, limit, expected) => {
    const directory = temporaryDirectory();
    const { stdout } = await run(process.execPath, ['--require', REGISTER, '-e', LOADED], { env: { SPOOR_DIR: directory, [name]: limit } });
    expect(JSON.parse(stdout)[0]).toContain('provider.cjs');
    const [span] = spans(directory);
    expect(span!.attributes).toMatchObject(expected);
    // What its numbers are made from is there in any case: those of a killed process are.
    if (name.includes('COUNT')) expect(Object.keys(span!.attributes)).toEqual(['process.executable.name', 'spoor.spawn.kind', 'spoor.sequence']);
    // Numbers have nothing of it.
    expect(JSON.stringify(lines(directory, 'rollups'))).toContain('"stringValue":"true"');
  });
});
