import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchSpanProcessor, BasicTracerProvider, TraceIdRatioBasedSampler, type ReadableSpan, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { expect, test, vi } from 'vitest';
import { OtlpFileExporter, OtlpFileSpanProcessor } from '../../exporters/otlp-file.ts';
import { spans, temporaryDirectory } from '../support/program.ts';

const resource = resourceFromAttributes({ 'service.name': 'shop' });

test('the processor writes each span when it ends', () => {
  const directory = temporaryDirectory();
  const processor: SpanProcessor = new OtlpFileSpanProcessor({ directory });
  const tracer = new BasicTracerProvider({ resource, spanProcessors: [processor] }).getTracer('shop', '1');
  const span = tracer.startSpan('buy', { attributes: { items: 2 } });
  expect(spans(directory)).toEqual([]);
  span.end();
  expect(spans(directory)).toMatchObject([{ name: 'buy', attributes: { items: 2 }, resource: { 'service.name': 'shop' }, scope: 'shop' }]);
});

test('a span that is not sampled is not written', () => {
  const directory = temporaryDirectory();
  const provider = new BasicTracerProvider({ sampler: new TraceIdRatioBasedSampler(0), spanProcessors: [new OtlpFileSpanProcessor({ directory })] });
  provider.getTracer('t').startSpan('s').end();
  expect(spans(directory)).toEqual([]);
});

test("the exporter works in the SDK's batch processor", async () => {
  const directory = temporaryDirectory();
  const exporter: SpanExporter = new OtlpFileExporter({ directory });
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  for (const name of ['a', 'b', 'c']) provider.getTracer('t').startSpan(name).end();
  await provider.forceFlush();
  expect(spans(directory).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  await provider.shutdown();
});

test('by default it writes where SPOOR_DIR says', () => {
  const directory = temporaryDirectory();
  vi.stubEnv('SPOOR_DIR', directory);
  const provider = new BasicTracerProvider({ spanProcessors: [new OtlpFileSpanProcessor()] });
  vi.unstubAllEnvs();
  provider.getTracer('t').startSpan('s').end();
  expect(spans(directory)).toHaveLength(1);
});

test('attributes of a resource that come late are in the lines after they came', async () => {
  const directory = temporaryDirectory();
  const late = resourceFromAttributes({ now: 1, later: Promise.resolve(2) });
  const provider = new BasicTracerProvider({ resource: late, spanProcessors: [new OtlpFileSpanProcessor({ directory })] });
  provider.getTracer('t').startSpan('first').end();
  await late.waitForAsyncAttributes?.();
  provider.getTracer('t').startSpan('second').end();
  expect(spans(directory).map(({ resource: { now, later } }) => [now, later])).toEqual([[1, undefined], [1, 2]]);
});

test('where nothing can be written, the app goes on, and what was lost is counted and told', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'traces'), 'a file where a folder should be');
  const told: string[] = [];
  const processor = new OtlpFileSpanProcessor({ directory, onDropped: (reason) => told.push(reason) });
  const ended: ReadableSpan[] = [];
  const provider = new BasicTracerProvider({ spanProcessors: [processor, { onStart() {}, onEnd: (span) => void ended.push(span), forceFlush: async () => {}, shutdown: async () => {} }] });
  provider.getTracer('t').startSpan('s').end();
  expect(ended).toHaveLength(1);
  expect(processor.dropped).toEqual({ [told[0]!]: 1 });

  const exporter = new OtlpFileExporter({ directory });
  const results: { code: number; error?: Error }[] = [];
  exporter.export(ended, (result) => results.push(result));
  expect(results).toMatchObject([{ code: 1, error: { message: expect.stringContaining(told[0]!) } }]);
});

test('a span that is none is counted, not thrown', () => {
  const processor = new OtlpFileSpanProcessor({ directory: temporaryDirectory() });
  processor.onEnd({} as never);
  expect(processor.dropped).toEqual({ invalid_span: 1 });
});

test('after shutdown a span is no more written', async () => {
  const directory = temporaryDirectory();
  const processor = new OtlpFileSpanProcessor({ directory });
  const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('t');
  tracer.startSpan('before').end();
  await processor.shutdown();
  tracer.startSpan('after').end();
  expect(spans(directory).map(({ name }) => name)).toEqual(['before']);
});

test('after shutdown an export fails', async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'traces'));
  const exporter = new OtlpFileExporter({ directory });
  await exporter.shutdown();
  const results: { code: number }[] = [];
  exporter.export([], (result) => results.push(result));
  expect(results[0]!.code).toBe(1);
});
