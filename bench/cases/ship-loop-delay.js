// @ts-check
import { withCollector } from '../harness/collector.js';
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

const RATE = '5000';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'ship-loop-delay', subject: 'event-loop delay (p99) of the lease holder at 5,000 operations a second, shipping', baseline: 'not shipping', limit: 1.3, unit: 'ms' }],
  async *measure({ quick, random }) {
    const args = [contestantPath('ship-operations.js'), RATE];
    const found = await withCollector('answering', (url) =>
      inTemporaryDirectory((subject) =>
        inTemporaryDirectory((baseline) =>
          duel({
            subject: { args, env: { SPOOR_DIR: subject, OTEL_EXPORTER_OTLP_ENDPOINT: url } },
            baseline: { args, env: { SPOOR_DIR: baseline } },
            count: quick ? 3 : 6,
            warmUp: 3,
            pairs: quick ? 4 : 9,
            random,
          }),
        ),
      ),
    );
    yield found.map(({ subject, baseline }) => ({ subject: subject.p99, baseline: baseline.p99 }));
  },
};
