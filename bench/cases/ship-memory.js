// @ts-check
import { withCollector } from '../harness/collector.js';
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'ship-memory', subject: 'RSS after 10 minutes at 5,000 spans a second with the collector down', baseline: 'idle', compare: 'difference', limit: 50, unit: 'MB' }],
  async *measure({ quick, random, say }) {
    const path = contestantPath('ship-operations.js');
    const seconds = quick ? 20 : 600;
    say(`collector down for ${seconds} s`);
    const found = await withCollector('dead', (url) =>
      inTemporaryDirectory((directory) =>
        inTemporaryDirectory(async (idle) => {
          const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_LOG_LEVEL: 'none' };
          const run = (/** @type {string} */ rate, /** @type {string} */ where) => ({ args: [path, rate], env: { ...env, SPOOR_DIR: where } });
          return duel({ subject: run('5000', directory), baseline: run('1', idle), count: seconds, pairs: 1, random });
        }),
      ),
    );
    yield found.map(({ subject, baseline }) => ({ subject: Number(subject.rss), baseline: Number(baseline.rss) }));
  },
};
