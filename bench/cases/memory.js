// @ts-check
import { duel } from '../harness/duel.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'memory', subject: 'RSS of a program that has spawned 100 times, with register', baseline: 'without', compare: 'difference', limit: 10, unit: 'MB' }],
  async *measure({ quick, random }) {
    const path = contestantPath('spawns.cjs');
    const pairs = [];
    // A new pair of processes each time: memory is a property of a process, not of a turn.
    for (let i = 0; i < (quick ? 6 : 20); i++) {
      const [found] = await inTemporaryDirectory((directory) =>
        duel({ subject: { args: ['--require', REGISTER, path, 'four'], env: { SPOOR_DIR: directory } }, baseline: { args: [path, 'four'] }, count: 100, pairs: 1, random }),
      );
      if (found) pairs.push({ subject: found.subject.rss, baseline: found.baseline.rss });
    }
    yield pairs;
  },
};
