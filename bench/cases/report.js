// @ts-check
import { inTurn, lifetime } from '../harness/lifetime.js';
import { CLI, contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'report', subject: 'spoor report over 1,000,000 operations of 1,000 processes, all their files', baseline: 'JSON.parse of the same lines', limit: 2, unit: 's CPU' }],
  async *measure({ quick, random, say }) {
    const processes = quick ? 50 : 1_000;
    say(`writing ${(processes * 1_000).toLocaleString('en')} operations`);
    /** @type {import('../harness/row.js').Pair[]} */
    const pairs = [];
    await inTemporaryDirectory(async (directory) => {
      await lifetime({ args: [contestantPath('make-operations.js'), directory, String(processes), '1000'] });
      const programs = {
        subject: { args: [CLI, 'report', '--since', '2d'], env: { SPOOR_DIR: directory } },
        baseline: { args: [contestantPath('parse.js'), directory] },
      };
      for (let i = 0; i < (quick ? 3 : 5); i++) {
        const { subject, baseline } = await inTurn(programs, random);
        pairs.push({ subject: subject.cpu / 1e6, baseline: baseline.cpu / 1e6 });
      }
    });
    yield pairs;
  },
};
