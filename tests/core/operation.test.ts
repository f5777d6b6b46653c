import { context, propagation, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { describe, expect, test } from 'vitest';
import { carry, contextOf } from '../../src/carrier.ts';
import { PROCESS_SPAWN } from '../../src/conventions.ts';
import { correlation } from '../../src/correlation.ts';
import { startOperation } from '../../src/operation.ts';
import { ownSdk } from '../support/own-sdk.ts';

/** Someone's own SDK, registered with the API; nothing of spoor's is started. */
describe('an operation in an app with its own SDK', () => {
  const { spans, points } = ownSdk();

  test('one span and one measurement, however often it is ended', async () => {
    const attributes = { 'process.executable.name': 'git', 'spoor.spawn.kind': 'spawn', 'process.pid': 7 };
    const operation = startOperation(PROCESS_SPAWN, 'git', { attributes });
    expect(await points('spoor.spawn.active')).toMatchObject([{ value: 1 }]);
    operation.setAttributes({ 'process.executable.name': 'renamed' });
    expect(operation.end({ error: { type: 'ENOENT' }, attributes: { 'process.exit.code': 1 } })).toBe(true);
    expect(operation.end()).toBe(false);
    expect(spans.getFinishedSpans()).toHaveLength(1);
    const [span] = spans.getFinishedSpans();
    expect(span).toMatchObject({ name: 'git', kind: 2, status: { code: 2 } });
    expect(span!.attributes).toEqual({
      ...attributes,
      'process.executable.name': 'renamed',
      'error.type': 'ENOENT',
      'process.exit.code': 1,
      'spoor.correlation.id': span!.spanContext().traceId,
    });
    expect(await points('spoor.spawn.duration')).toMatchObject([
      { value: { count: 1, sum: span!.duration[0] + span!.duration[1] / 1e9 }, attributes: { 'spoor.spawn.kind': 'spawn', 'process.executable.name': 'renamed', 'error.type': 'ENOENT' } },
    ]);
    expect(await points('spoor.spawn.active')).toMatchObject([{ value: 0, attributes: { 'process.executable.name': 'git' } }]);
  });

  test('true start and end when they are given', async () => {
    startOperation(PROCESS_SPAWN, 'old', { startTime: 1_000_000 }).end({ endTime: 1_002_500 });
    expect(spans.getFinishedSpans()[0]).toMatchObject({ startTime: [1000, 0], endTime: [1002, 500_000_000] });
    expect(await points('spoor.spawn.duration')).toMatchObject([{ value: { sum: 2.5 } }]);
  });

  test('the active span is the parent, and the operation carries on in its own context', () => {
    const parent = trace.getTracer('app').startSpan('parent');
    context.with(trace.setSpan(context.active(), parent), () => {
      const operation = startOperation(PROCESS_SPAWN, 'child');
      context.with(operation.context, () => startOperation(PROCESS_SPAWN, 'grandchild').end());
      operation.end();
    });
    const [grandchild, child] = spans.getFinishedSpans();
    expect(child!.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    expect(grandchild!.parentSpanContext?.spanId).toBe(child!.spanContext().spanId);
  });

  test('the correlation id that the app sets is on the span and in the environment of a child', () => {
    correlation.with('job 4711/ä', () => {
      const operation = startOperation(PROCESS_SPAWN, 'child');
      const env = carry(operation.context, { PATH: '/bin', TRACESTATE: 'stale=1', BAGGAGE: 'stale=1', TRACEPARENT: 'stale' });
      expect(env.TRACEPARENT).toBe(`00-${operation.span.spanContext().traceId}-${operation.span.spanContext().spanId}-01`);
      expect(env.PATH).toBe('/bin');
      expect(env).not.toHaveProperty('TRACESTATE');
      const received = contextOf(env);
      expect(correlation.id(received)).toBe('job 4711/ä');
      expect(propagation.getBaggage(received)?.getAllEntries()).toHaveLength(1);
      expect(trace.getSpanContext(received)).toMatchObject({ spanId: operation.span.spanContext().spanId, isRemote: true });
      operation.end();
      expect(correlation.logFields()).toEqual({ correlation_id: 'job 4711/ä' });
    });
    expect(spans.getFinishedSpans()[0]!.attributes['spoor.correlation.id']).toBe('job 4711/ä');
    expect(correlation.logFields()).toEqual({});
  });

  test('an id that is none leaves the one around it', () => {
    correlation.with('job', () => {
      for (const none of [undefined, null, '']) expect(correlation.with(none as undefined, () => correlation.id())).toBe('job');
    });
    expect(correlation.with(undefined, () => correlation.id())).toBeUndefined();
  });

  test('within a span that is not recorded there is no id, in no log and for no child', () => {
    const suppressed = suppressTracing(context.active());
    const span = trace.getTracer('app').startSpan('suppressed', {}, suppressed);
    context.with(trace.setSpan(suppressed, span), () => {
      expect([correlation.id(), correlation.logFields(), carry(context.active(), {})]).toEqual([undefined, {}, {}]);
    });
  });

  test('without a correlation id of its own a trace hands on its trace id', () => {
    const operation = startOperation(PROCESS_SPAWN, 'child');
    expect(correlation.id(contextOf(carry(operation.context, {})))).toBe(operation.span.spanContext().traceId);
    operation.end();
  });
});

test('without any SDK an operation costs nothing and throws nothing', () => {
  const operation = startOperation(PROCESS_SPAWN, 'nobody');
  operation.setAttributes({ a: 1 });
  expect(operation.end({ error: { type: 'x', message: 'y' } })).toBe(true);
});
