// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'loop-delay', subject: 'event-loop delay (p99) while 2,000 series are flushed each second', baseline: 'idle', limit: 1.1, unit: 'ms' }],
  async *measure({ quick, random }) {
    const path = contestantPath('loop-delay.js');
    const found = await inTemporaryDirectory((directory) =>
      duel({ subject: { args: [path], env: { SPOOR_DIR: directory } }, baseline: { args: [path, 'idle'], env: { SPOOR_DIR: directory } }, count: quick ? 2 : 4, warmUp: 3, pairs: quick ? 4 : 9, random }),
    );
    yield found.map(({ subject, baseline }) => ({ subject: subject.p99, baseline: baseline.p99 }));
  },
};
