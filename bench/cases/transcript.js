// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath } from '../harness/places.js';
import { median } from '../harness/statistics.js';

const TURN = 10_000;

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [
    { name: 'transcript-dispatch', subject: 'an app event with a transcript recorder listening, 10,000 entries kept', baseline: 'without', compare: 'difference', limit: 1, unit: 'µs CPU' },
    { name: 'transcript-growth', subject: 'the same after 3 million events', baseline: 'after 20 thousand', limit: 1.1, unit: 'µs CPU' },
  ],
  async *measure({ quick, random }) {
    const program = (/** @type {string[]} */ ...args) => ({ args: [contestantPath('transcript.js'), ...args] });
    const each = (/** @type {{ cpu: number }} */ { cpu }) => cpu / TURN;
    const dispatch = await duel({ subject: program('recording', '20000'), baseline: program('plain', '20000'), count: TURN, warmUp: 50_000, pairs: quick ? 25 : 101, random });
    yield dispatch.map(({ subject, baseline }) => ({ subject: each(subject), baseline: each(baseline) }));
    const growth = [];
    // Two processes that have done the same differ: several of each, and one value of each.
    for (let round = 0; round < (quick ? 2 : 7); round++) {
      const found = await duel({ subject: program('recording', quick ? '1000000' : '3000000'), baseline: program('recording', '20000'), count: TURN, pairs: 31, random });
      growth.push({ subject: median(found.slice(5).map(({ subject }) => each(subject))), baseline: median(found.slice(5).map(({ baseline }) => each(baseline))) });
    }
    yield growth;
  },
};
