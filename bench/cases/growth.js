// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath } from '../harness/places.js';
import { median } from '../harness/statistics.js';

const TURN = 1_000;

/**
 * Two processes in turn: one has done 10 thousand operations, the other 10 million.
 * @type {import('../harness/case.js').Case}
 */
export default {
  rows: [{ name: 'growth', subject: 'an operation after 10 million others', baseline: 'after 10 thousand', limit: 1.1, unit: 'µs CPU' }],
  async *measure({ quick, random, say }) {
    const many = quick ? 1_000_000 : 10_000_000;
    say(`${many.toLocaleString('en')} operations first`);
    const contestant = { args: [contestantPath('operation.js')], env: { SPOOR_FILES: 'off', OTEL_LOG_LEVEL: 'none' } };
    /** @type {import('../harness/row.js').Pair[]} */
    const pairs = [];
    // Two processes that have done the same differ by a tenth, whatever the compiler made of them: so several
    // of each, and one value of each.
    for (let round = 0; round < (quick ? 2 : 7); round++) {
      const found = await duel({ subject: contestant, baseline: contestant, count: TURN, warmUp: { subject: many, baseline: 10_000 }, pairs: 31, random });
      pairs.push({ subject: median(found.map(({ subject }) => subject.cpu / TURN)), baseline: median(found.map(({ baseline }) => baseline.cpu / TURN)) });
    }
    yield pairs;
  },
};
