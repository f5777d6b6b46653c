// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

const TURN = 5_000;

/**
 * What the hooks add to the CPU time of one operation of Playwright, its trace line and numbers written, against the same
 * client without them. The limit is for the upper end of the interval.
 * @type {import('../harness/case.js').Case}
 */
export default {
  rows: [
    { name: 'playwright-numbers', subject: 'a call of Playwright, numbers only', baseline: 'the same without spoor', compare: 'difference', limit: 10, unit: 'µs CPU', judge: 'high' },
    { name: 'playwright-span', subject: 'a call of Playwright, with a span and the call log', baseline: 'the same without spoor', compare: 'difference', limit: 30, unit: 'µs CPU', judge: 'high' },
  ],
  async *measure({ quick, random }) {
    for (const operation of ['count', 'click']) {
      const pairs = [];
      for (let round = 0; round < (quick ? 2 : 8); round++) {
        const found = await inTemporaryDirectory((directory) =>
          duel({
            subject: { args: [contestantPath('playwright-calls.js'), 'with', operation], env: { SPOOR_DIR: directory } },
            baseline: { args: [contestantPath('playwright-calls.js'), 'without', operation] },
            count: TURN,
            warmUp: 20_000,
            pairs: 15,
            random,
          }),
        );
        for (const pair of found) pairs.push({ subject: pair.subject.cpu / TURN, baseline: pair.baseline.cpu / TURN });
      }
      yield pairs;
    }
  },
};
