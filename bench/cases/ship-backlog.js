// @ts-check
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { withCollector } from '../harness/collector.js';
import { inTurn, lifetime } from '../harness/lifetime.js';
import { CLI, contestantPath, inTemporaryDirectory } from '../harness/places.js';

/** @type {import('../harness/case.js').Case} */
export default {
  rows: [
    { name: 'ship-backlog', subject: 'spoor ship of 1,000,000 waiting spans', baseline: 'curl posting the same requests, ready-made, one after another', limit: 1, unit: 's' },
    { name: 'ship-backlog-one-curl', subject: 'the same', baseline: 'one curl with one connection for all of them', unit: 's' },
  ],
  async *measure({ quick, random, say }) {
    const processes = quick ? 100 : 1_000;
    say(`writing ${(processes * 1_000).toLocaleString('en')} spans`);
    /** @type {import('../harness/row.js').Pair[]} */
    const pairs = [];
    /** @type {import('../harness/row.js').Pair[]} */
    const one = [];
    await inTemporaryDirectory(async (folder) => {
      const directory = join(folder, '.spoor');
      const requests = join(folder, 'requests');
      await lifetime({ args: [contestantPath('make-operations.js'), directory, String(processes), '1000'] });
      const ship = (/** @type {string} */ url) => ({ args: [CLI, 'ship', '--quiet', '--dir', directory], env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_METRICS_EXPORTER: 'none' } });
      await saving(requests, (url) => lifetime(ship(url)));
      for (let i = 0; i < (quick ? 3 : 5); i++) {
        rmSync(join(directory, 'ship'), { recursive: true });
        const found = await withCollector('answering', (url) => {
          const args = [contestantPath('curl.js'), requests, `${url}/v1/traces`];
          return inTurn({ subject: ship(url), baseline: { args }, one: { args: [...args, 'one'] } }, random);
        });
        pairs.push({ subject: found.subject.wall / 1e6, baseline: found.baseline.wall / 1e6 });
        one.push({ subject: found.subject.wall / 1e6, baseline: found.one.wall / 1e6 });
      }
    });
    yield pairs;
    yield one;
  },
};

/** @param {string} folder @param {(url: string) => Promise<unknown>} work */
async function saving(folder, work) {
  const child = spawn(process.execPath, [contestantPath('save-requests.js'), folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const port = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
  await work(`http://127.0.0.1:${port}`);
  child.stdin.end();
  await ended;
}
