import { expect, test } from 'vitest';
import { beginSelector } from '../../src/selectors/selector-operation.ts';
import { ownSdk } from '../support/own-sdk.ts';

const { spans, points } = ownSdk();
const driver = { name: 'playwright', version: '1.65.1' };

test('an action has a span and numbers; only the first end counts', async () => {
  const operation = beginSelector(driver, 'click', 'action');
  expect(operation.context).toBeDefined();
  expect(operation.end(undefined, { selector: 'text=Jane', url: 'https://a.b/?q=1', retries: 2, wait: 0.25, matches: 1, viewport: { width: 800, height: 600 } })).toBe(true);
  expect(operation.end({ type: 'not_found' })).toBe(false);
  expect(spans.getFinishedSpans()).toHaveLength(1);
  expect(spans.getFinishedSpans()[0]).toMatchObject({
    name: 'click',
    kind: 2,
    status: { code: 0 },
    attributes: {
      'spoor.selector.operation': 'click',
      'spoor.selector.driver': 'playwright',
      'spoor.selector.driver_version': '1.65.1',
      'spoor.selector.outcome': 'completed',
      'spoor.selector.text': 'text="…"',
      'spoor.selector.engine': 'text',
      'spoor.selector.match_count': 1,
      'spoor.selector.retry_count': 2,
      'spoor.selector.wait_time': 0.25,
      'spoor.selector.viewport': '800x600',
      'url.full': 'https://a.b/?q=',
    },
  });
  const attributes = { 'spoor.selector.operation': 'click', 'spoor.selector.driver': 'playwright', 'spoor.selector.outcome': 'completed' };
  expect(await points('spoor.selector.duration')).toMatchObject([{ value: { count: 1 }, attributes }]);
  expect(await points('spoor.selector.retries')).toMatchObject([{ value: 2, attributes }]);
  expect(await points('spoor.selector.wait')).toMatchObject([{ value: { count: 1, sum: 0.25 }, attributes }]);
});

test('a cheap read has numbers alone, and what the driver does not tell is absent', async () => {
  beginSelector(driver, 'count', 'query').end(undefined, { selector: '#x' });
  expect(spans.getFinishedSpans()).toEqual([]);
  expect(await points('spoor.selector.duration')).toMatchObject([{ value: { count: 1 } }]);
  expect(await points('spoor.selector.retries')).toEqual([]);
  expect(await points('spoor.selector.wait')).toEqual([]);
});

test('a cheap read that fails has a span of the time that it took', async () => {
  const operation = beginSelector(driver, 'count', 'query');
  await new Promise((resolve) => setTimeout(resolve, 20));
  operation.end({ type: 'ambiguous', matches: 3 }, { selector: '#x' });
  const [span] = spans.getFinishedSpans();
  expect(span).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'ambiguous', 'spoor.selector.outcome': 'failed', 'spoor.selector.failures_only': true, 'spoor.selector.match_count': 3 } });
  const seconds = span!.duration[0] + span!.duration[1] / 1e9;
  expect(seconds).toBeGreaterThan(0.015);
  const [point] = await points('spoor.selector.duration');
  expect(point).toMatchObject({ attributes: { 'error.type': 'ambiguous', 'spoor.selector.outcome': 'failed' } });
  expect((point!.value as { sum: number }).sum).toBeCloseTo(seconds, 3);
});

test('a registered name is on the span, its name and the numbers', async () => {
  beginSelector(driver, 'resolve', 'action', { name: 'checkout.submit', strategy: 'role' }).end();
  expect(spans.getFinishedSpans()[0]).toMatchObject({ name: 'resolve checkout.submit', attributes: { 'spoor.selector.name': 'checkout.submit', 'spoor.selector.strategy': 'role' } });
  expect(await points('spoor.selector.duration')).toMatchObject([{ attributes: { 'spoor.selector.name': 'checkout.submit', 'spoor.selector.strategy': 'role' } }]);
});
