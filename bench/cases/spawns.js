// @ts-check
import { duel } from '../harness/duel.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [
    { name: 'spawn-sync', subject: "spawnSync('true'), traced", baseline: 'untraced', limit: 1.05, unit: 'ms' },
    { name: 'spawn-four', subject: "spawn('true'), four at once, traced", baseline: 'untraced', limit: 1.05, unit: 'ms each' },
    { name: 'spawn-sync-warm', subject: 'the first of these after 4,000 spawns, when V8 has optimized it', baseline: 'untraced', unit: 'ms' },
    { name: 'spawn-four-warm', subject: 'the second after as many', baseline: 'untraced', unit: 'ms each' },
  ],
  async *measure(bench) {
    for (const warmUp of [20, bench.quick ? 100 : 4000]) {
      yield await spawns(bench, 'sync', 1, warmUp);
      yield await spawns(bench, 'four', 4, warmUp);
    }
  },
};

/**
 * @param {import('../harness/case.js').Bench} bench
 * @param {'sync' | 'four'} how
 * @param {number} count in a turn
 * @param {number} warmUp spawns before the first turn
 */
async function spawns({ quick, random }, how, count, warmUp) {
  const path = contestantPath('spawns.cjs');
  const each = quick ? 100 : 500;
  const found = await inTemporaryDirectory((directory) =>
    duel({
      subject: { args: ['--require', REGISTER, path, how], env: { SPOOR_DIR: directory } },
      baseline: { args: [path, how] },
      count,
      warmUp,
      pairs: each / count,
      random,
    }),
  );
  return found.map(({ subject, baseline }) => ({ subject: subject.wall / count / 1e3, baseline: baseline.wall / count / 1e3 }));
}
