// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

const TURN = 20;

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'ledger', subject: 'recordSpawnTelemetry with 1,000 decisions held', baseline: 'reading, parsing, changing, rewriting the same file', limit: 0.2, unit: 'ms' }],
  async *measure({ quick, random }) {
    const path = contestantPath('ledger.js');
    const found = await inTemporaryDirectory((ours) =>
      inTemporaryDirectory((theirs) =>
        duel({ subject: { args: [path, 'spoor', ours] }, baseline: { args: [path, 'plain', theirs] }, count: TURN, warmUp: TURN, pairs: quick ? 10 : 60, random }),
      ),
    );
    yield found.map(({ subject, baseline }) => ({ subject: subject.wall / TURN / 1e3, baseline: baseline.wall / TURN / 1e3 }));
  },
};
