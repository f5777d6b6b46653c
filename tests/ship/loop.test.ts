import { expect, it } from 'vitest';
import { SignalLoop, type SignalLoopOptions } from '../../src/ship/loop.ts';

/** Milliseconds from a failed pass to the next, as the loop reports it. */
async function pauseAfter(retryAfter: number | undefined): Promise<number> {
  const lease = { held: true };
  let loop: SignalLoop | undefined;
  const pause = await new Promise<number>((resolve) => {
    loop = new SignalLoop({
      signal: 'traces',
      road: { pass: () => Promise.resolve({ kind: 'unavailable', said: 'HTTP 429', retryAfter }) },
      lease,
      report: { pass: (_signal: string, _stop: unknown, next: number) => resolve(next - Date.now()) },
      every: 60_000,
    } as unknown as SignalLoopOptions);
    void loop.run();
  });
  lease.held = false;
  await loop!.end(0);
  return pause;
}

it('waits as long as the backend asks, but never less than between two passes nor for ever', async () => {
  // In seconds, to within 5.
  expect((await pauseAfter(120_000)) / 1_000).toBeCloseTo(120, -1);
  expect((await pauseAfter(0)) / 1_000).toBeCloseTo(60, -1);
  expect((await pauseAfter(86_400_000)) / 1_000).toBeCloseTo(900, -1);
});
