// @ts-check
import { BACKENDS, withBackend } from '../harness/backend.js';
import { inTurn } from '../harness/lifetime.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** Where no backend answers, some need a second for each child, or ten. */
const CHILDREN = { answering: 60, dead: 6, silent: 6 };
/** In ms: nobody who waits so long waits for the rest, and neither does the bench. */
const TIMEOUT = { answering: 120_000, dead: 30_000, silent: 30_000 };

const NAMES = /** @type {const} */ (['spoor', 'openTelemetry', 'datadog', 'sentry']);
const SHOWN = { spoor: 'spoor/register, endpoint set', openTelemetry: "OpenTelemetry's register", datadog: 'dd-trace', sentry: 'Sentry' };

/**
 * The tree of `tree.js`, smaller where no backend answers, by the clock, each with a backend to send to. The peers reach the children by
 * NODE_OPTIONS, spoor by itself.
 * @type {import('../harness/case.js').Case}
 */
export default {
  needsPeers: true,
  rows: BACKENDS.flatMap((backend) =>
    NAMES.map((name) => ({ name: `tree-${backend}-${name}`, subject: `a parent and ${CHILDREN[backend]} Node children with ${SHOWN[name]}, backend ${backend}`, baseline: 'bare', unit: 'ms' })),
  ),
  async *measure({ quick, random, peers: installed }) {
    const peers = /** @type {import('../harness/peers.js').Peers} */ (installed);
    for (const backend of BACKENDS) {
      const args = [contestantPath('tree.cjs'), String(CHILDREN[backend])];
      for (const name of NAMES) {
        /** @type {import('../harness/row.js').Pair[]} */
        const pairs = [];
        await inTemporaryDirectory((directory) =>
          withBackend(backend, async (port) => {
            const subject =
              name === 'spoor'
                ? { args: ['--require', REGISTER, ...args], env: { SPOOR_DIR: directory, OTEL_LOG_LEVEL: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` } }
                : { args, env: { ...peers[name].backend(port), NODE_OPTIONS: `--require ${JSON.stringify(peers[name].path)}` } };
            for (let i = 0; i < (quick || backend !== 'answering' ? 1 : 3); i++) {
              const costs = await inTurn({ subject, baseline: { args } }, random, { timeout: TIMEOUT[backend] });
              pairs.push({ subject: costs.subject.wall / 1e3, baseline: costs.baseline.wall / 1e3 });
            }
          }),
        );
        yield pairs;
      }
    }
  },
};
