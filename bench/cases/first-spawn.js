// @ts-check
import { inTurn } from '../harness/lifetime.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** What each adds to a bare process. The peer exports nothing here, so it waits for nobody: only its start counts. */
const NOWHERE = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };

/** @type {import('../harness/case.js').Case} */
export default {
  needsPeers: true,
  rows: [{ name: 'first-spawn', subject: 'start-up and first spawn: what spoor/register adds to bare', baseline: "what OpenTelemetry's auto-instrumentations add", limit: 0.15, unit: 'ms CPU' }],
  async *measure({ quick, random, peers }) {
    const path = contestantPath('one-spawn.cjs');
    const times = 3;
    const other = /** @type {import('../harness/peers.js').Peers} */ (peers).openTelemetry;
    /** @type {import('../harness/row.js').Pair[]} */
    const pairs = [];
    await inTemporaryDirectory(async (directory) => {
      for (let i = 0; i < (quick ? 6 : 20); i++) {
        const { bare, ours, theirs } = await inTurn(
          {
            bare: { args: [path] },
            ours: { args: ['--require', REGISTER, path], env: { SPOOR_DIR: directory } },
            theirs: { args: ['--require', other.path, path], env: NOWHERE },
          },
          random,
          { times },
        );
        pairs.push({ subject: (ours.cpu - bare.cpu) / times / 1e3, baseline: (theirs.cpu - bare.cpu) / times / 1e3 });
      }
    });
    yield pairs;
  },
};
