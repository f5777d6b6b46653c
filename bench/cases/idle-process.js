// @ts-check
import { inTurn } from '../harness/lifetime.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from '../harness/places.js';

const TIMES = 8;

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [
    { name: 'idle-process', subject: 'life of a Node process that records nothing, register preloaded', baseline: 'bare', limit: 1.05, unit: 'ms CPU' },
    { name: 'idle-process-wall', subject: 'the same by the clock', baseline: 'bare', unit: 'ms' },
  ],
  async *measure({ quick, random }) {
    const path = contestantPath('nothing.cjs');
    /** @type {import('../harness/row.js').Pair[]} */
    const cpu = [];
    /** @type {import('../harness/row.js').Pair[]} */
    const wall = [];
    await inTemporaryDirectory(async (directory) => {
      for (let i = 0; i < (quick ? 8 : 50); i++) {
        const { subject, baseline } = await inTurn(
          { subject: { args: ['--require', REGISTER, path], env: { SPOOR_DIR: directory } }, baseline: { args: [path] } },
          random,
          { times: TIMES },
        );
        cpu.push({ subject: subject.cpu / TIMES / 1e3, baseline: baseline.cpu / TIMES / 1e3 });
        wall.push({ subject: subject.wall / TIMES / 1e3, baseline: baseline.wall / TIMES / 1e3 });
      }
    });
    yield cpu;
    yield wall;
  },
};
