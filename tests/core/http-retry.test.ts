import { expect, it } from 'vitest';
import { isPassing, retryAfter } from '../../src/http-retry.ts';

it('a Retry-After is seconds or a date', () => {
  expect(retryAfter('2')).toBe(2_000);
  expect(retryAfter(' 0 ')).toBe(0);
  expect(retryAfter(new Date(10_000).toUTCString(), 4_000)).toBe(6_000);
  expect(retryAfter(new Date(1_000).toUTCString(), 4_000)).toBe(0);
  expect([retryAfter(null), retryAfter(undefined), retryAfter(''), retryAfter('soon')]).toEqual([undefined, undefined, undefined, undefined]);
});

it('what may pass: no answer, a timeout, too many requests, a fault of the server', () => {
  expect([undefined, 408, 429, 500, 503].map(isPassing)).toEqual([true, true, true, true, true]);
  expect([200, 301, 400, 401, 404, 413].map(isPassing)).toEqual([false, false, false, false, false, false]);
});
