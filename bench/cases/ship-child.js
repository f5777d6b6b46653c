// @ts-check
import { BACKENDS } from '../harness/backend.js';
import { withCollector } from '../harness/collector.js';
import { inTurn } from '../harness/lifetime.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from '../harness/places.js';

const TIMES = 6;
/** What the collector does, in words. */
const WORDS = { answering: 'up', dead: 'dead', silent: 'never answering' };

/** @type {import('../harness/case.js').Case} */
export default {
  rows: BACKENDS.flatMap((kind) => [
    { name: `ship-child-${kind}`, subject: `life of a Node child that spawns once, OTLP endpoint set, collector ${WORDS[kind]}`, baseline: 'no endpoint', limit: 1.02, unit: 'ms CPU' },
    { name: `ship-child-${kind}-wall`, subject: 'the same by the clock', baseline: 'no endpoint', limit: 1.02, unit: 'ms' },
  ]),
  async *measure({ quick, random }) {
    const args = ['--require', REGISTER, contestantPath('one-spawn.cjs')];
    for (const kind of BACKENDS) {
      /** @type {import('../harness/row.js').Pair[]} */
      const cpu = [];
      /** @type {import('../harness/row.js').Pair[]} */
      const wall = [];
      await withCollector(kind, (url) =>
        inTemporaryDirectory(async (directory) => {
          // A child of a traced process: its parent sends.
          const env = { SPOOR_DIR: directory, SPOOR_DEPTH: '1' };
          const programs = { subject: { args, env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: url } }, baseline: { args, env } };
          for (let i = 0; i < (quick ? 8 : 40); i++) {
            const { subject, baseline } = await inTurn(programs, random, { times: TIMES });
            cpu.push({ subject: subject.cpu / TIMES / 1e3, baseline: baseline.cpu / TIMES / 1e3 });
            wall.push({ subject: subject.wall / TIMES / 1e3, baseline: baseline.wall / TIMES / 1e3 });
          }
        }),
      );
      yield cpu;
      yield wall;
    }
  },
};
