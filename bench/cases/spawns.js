// @ts-check
import { duel } from '../harness/duel.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [
    { name: 'spawn-sync', subject: "spawnSync('true'), traced", baseline: 'untraced', limit: 1.05, unit: 'ms' },
    { name: 'spawn-four', subject: "spawn('true'), four at once, traced", baseline: 'untraced', limit: 1.05, unit: 'ms each' },
  ],
  async *measure(bench) {
    yield await spawns(bench, 'sync', 1);
    yield await spawns(bench, 'four', 4);
  },
};

/**
 * @param {import('../harness/case.js').Bench} bench
 * @param {'sync' | 'four'} how
 * @param {number} count in a turn
 */
async function spawns({ quick, random }, how, count) {
  const path = contestantPath('spawns.cjs');
  const each = quick ? 100 : 500;
  const found = await inTemporaryDirectory((directory) =>
    duel({
      subject: { args: ['--require', REGISTER, path, how], env: { SPOOR_DIR: directory } },
      baseline: { args: [path, how] },
      count,
      warmUp: 20,
      pairs: each / count,
      random,
    }),
  );
  return found.map(({ subject, baseline }) => ({ subject: subject.wall / count / 1e3, baseline: baseline.wall / count / 1e3 }));
}
