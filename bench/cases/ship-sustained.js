// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCollector } from '../harness/collector.js';
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [{ name: 'ship-sustained', subject: 'spans made in 60 s at 5,000 a second, in all', baseline: 'those that the collector has acknowledged at the end', limit: 1, unit: 'spans' }],
  async *measure({ quick, random, say }) {
    const path = contestantPath('ship-operations.js');
    /** @type {import('../harness/row.js').Pair[]} */
    const pairs = [];
    for (let i = 0; i < (quick ? 1 : 2); i++) {
      say(`5,000 operations a second for ${quick ? 10 : 60} s`);
      pairs.push(
        await withCollector('answering', (url) =>
          inTemporaryDirectory(async (directory) => {
            const [found] = await duel({
              subject: { args: [path, '5000'], env: { SPOOR_DIR: directory, OTEL_EXPORTER_OTLP_ENDPOINT: url } },
              baseline: { args: [path, '0'], env: { SPOOR_DIR: directory, SPOOR_FILES: 'off', OTEL_SDK_DISABLED: 'true' } },
              count: quick ? 10 : 60,
              pairs: 1,
              random,
            });
            const status = JSON.parse(readFileSync(join(directory, 'ship/status.json'), 'utf8'));
            return { subject: found?.subject.made ?? 0, baseline: status.traces.sent };
          }),
        ),
      );
    }
    yield pairs;
  },
};
