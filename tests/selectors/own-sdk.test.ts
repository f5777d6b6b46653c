/** selectors in an app with an SDK of its own, and without any; and its types. */
import { trace } from '@opentelemetry/api';
import type { Histogram } from '@opentelemetry/sdk-metrics';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { selectors } from '../../src/index.ts';
import { ownSdk } from '../support/own-sdk.ts';
import { program } from './fixture.ts';

const strategies = [
  { name: 'testid', find: () => null },
  { name: 'css', find: async () => ({ click: () => 'clicked' }) },
];

describe('in an app with its own SDK', () => {
  const { spans, points } = ownSdk();

  it("spans and numbers go to the app's own SDK", async () => {
    const tracer = trace.getTracer('app');
    const inner = await tracer.startActiveSpan('app', async (app) => {
      const result = await selectors.resolve('submit', { strategies }, async (button) => {
        await Promise.resolve();
        tracer.startSpan('in the action').end();
        return button.click();
      });
      app.end();
      return result;
    });
    expect(inner).toBe('clicked');
    const finished = spans.getFinishedSpans();
    const parent = finished.find(({ name }) => name === 'resolve submit')!;
    const parentOf = (name: string) => finished.filter((span) => span.name === name).map(({ parentSpanContext }) => parentSpanContext?.spanId);
    expect(parentOf('attempt submit')).toEqual([parent.spanContext().spanId, parent.spanContext().spanId]);
    expect(parentOf('in the action')).toEqual([parent.spanContext().spanId]);
    expect(parentOf('resolve submit')).toEqual([finished.find(({ name }) => name === 'app')!.spanContext().spanId]);
    expect(parent.attributes).toMatchObject({ 'spoor.selector.fallback': true, 'spoor.selector.strategy_times': [expect.any(Number), expect.any(Number)] });

    const durations = (await points('spoor.selector.duration')).map(({ attributes, value }) => [attributes['spoor.selector.operation'], (value as Histogram).count]);
    expect(durations.sort()).toEqual([['attempt', 1], ['attempt', 1], ['resolve', 1]]);
  });
});

it('without any SDK the app gets the same', async () => {
  expect(await selectors.resolve('submit', { strategies }, (button) => button.click())).toBe('clicked');
  await expect(selectors.resolve('submit', { strategies: strategies.slice(0, 1) })).rejects.toThrow('no strategy found "submit" (tried: testid)');
  expect(selectors.start('submit').end()).toBe(true);
});

it('turned off, nothing is written', async () => {
  const { said, spans } = await program(`say(await selectors.resolve('a', { strategies: [{ name: 'css', find: () => 'it' }], fingerprint: () => ({ tag: 'a' }) }));`, { env: { OTEL_SDK_DISABLED: 'true' } });
  expect([said, spans]).toEqual([['it'], []]);
});

it('what is found and what comes back have their types', () => {
  const one = () => selectors.resolve('a', { strategies });
  expectTypeOf(one).returns.resolves.toEqualTypeOf<{ click: () => string }>();
  const list = () => selectors.resolve('a', { strategies: [{ name: 'x', find: (): string[] | null => [] }], expect: 'many', validate: (found) => found.length > 1 }, (found, { strategy }) => [found.length, strategy] as const);
  expectTypeOf(list).returns.resolves.toEqualTypeOf<readonly [number, string]>();
  // @ts-expect-error a strategy has a function that finds
  void (() => selectors.resolve('a', { strategies: [{ name: 'x' }] }));
});
