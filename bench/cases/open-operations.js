// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'open-heap', subject: 'heap kept by 10,000 open operations', baseline: '10,000 open bare SDK spans', limit: 1.3, unit: 'MB' }],
  async *measure({ quick, random }) {
    const path = contestantPath('open.js');
    const found = await inTemporaryDirectory((directory) =>
      duel({
        subject: { args: ['--expose-gc', path], env: { SPOOR_DIR: directory } },
        baseline: { args: ['--expose-gc', path, 'bare'] },
        count: 10_000,
        warmUp: 10_000,
        pairs: quick ? 7 : 15,
        random,
      }),
    );
    yield found.map(({ subject, baseline }) => ({ subject: subject.heap / 1e6, baseline: baseline.heap / 1e6 }));
  },
};
