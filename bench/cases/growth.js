// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath } from '../harness/places.js';

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
    const found = await duel({
      subject: contestant,
      baseline: contestant,
      count: TURN,
      warmUp: { subject: many, baseline: 10_000 },
      // The baseline must stay in its order of magnitude.
      pairs: 60,
      random,
    });
    yield found.map(({ subject, baseline }) => ({ subject: subject.cpu / TURN, baseline: baseline.cpu / TURN }));
  },
};
