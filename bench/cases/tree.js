// @ts-check
import { inTurn } from '../harness/lifetime.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [
    { name: 'tree', subject: 'a parent and 60 Node children, three at a time, register in each', baseline: 'bare', limit: 1.08, unit: 'ms CPU' },
    { name: 'tree-wall', subject: 'the same by the clock', baseline: 'bare', unit: 'ms' },
  ],
  async *measure({ quick, random }) {
    const args = [contestantPath('tree.cjs'), '60'];
    /** @type {import('../harness/row.js').Pair[]} */
    const cpu = [];
    /** @type {import('../harness/row.js').Pair[]} */
    const wall = [];
    await inTemporaryDirectory(async (directory) => {
      for (let i = 0; i < (quick ? 5 : 15); i++) {
        const { subject, baseline } = await inTurn({ subject: { args: ['--require', REGISTER, ...args], env: { SPOOR_DIR: directory } }, baseline: { args } }, random);
        cpu.push({ subject: subject.cpu / 1e3, baseline: baseline.cpu / 1e3 });
        wall.push({ subject: subject.wall / 1e3, baseline: baseline.wall / 1e3 });
      }
    });
    yield cpu;
    yield wall;
  },
};
