/**
 * Measures what docs/scale.md computes with: bytes a line in `.spoor/`, by kind, as they are written and compressed,
 * and the series that they come to. Runs small programs in a temporary directory; needs a current build.
 *
 *   npm run build && npm run scale
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { markdownTable } from 'markdown-table';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'spoor-scale-'));

/** What is done, and how often. */
const PROGRAMS = {
  '500 commands from one process': [
    500,
    `const { execFileSync } = require('node:child_process'); for (let i = 0; i < 500; i++) execFileSync('true');`,
  ],
  '100 Node processes that run one command each': [
    100,
    `const { execFileSync } = require('node:child_process'); for (let i = 0; i < 100; i++) execFileSync(process.execPath, ['-e', "require('node:child_process').execFileSync('true')"]);`,
  ],
  '1000 agents in one process': [
    1000,
    `const { spawns } = require('${root}dist/src/index.js'); (async () => { for (let i = 0; i < 1000; i++) await spawns.run({ role: ['planner', 'builder', 'reviewer'][i % 3], model: ['small', 'large'][i % 2], task: 'write the parser for the settings', source: 'task-based' }, async (agent) => agent.tokenUsage({ input: 900 + i, output: 120 })); })();`,
  ],
};

function lines(directory, kind) {
  const folder = join(directory, kind);
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => statSync(path).isFile() && path.endsWith('.jsonl'));
  return files.flatMap((path) => readFileSync(path, 'utf8').split('\n').filter(Boolean));
}

/** Distinct attribute sets of a metric over all lines: its series under one identity. */
function seriesOf(rollups) {
  const series = new Set();
  for (const line of rollups) {
    for (const { scopeMetrics } of JSON.parse(line).resourceMetrics) {
      for (const { metrics } of scopeMetrics) {
        for (const { name, ...data } of metrics) {
          for (const { attributes } of Object.values(data).flatMap((value) => value.dataPoints ?? [])) series.add(`${name} ${JSON.stringify(attributes)}`);
        }
      }
    }
  }
  return series.size;
}

const rows = [];
for (const [what, [count, program]] of Object.entries(PROGRAMS)) {
  const directory = join(work, String(rows.length));
  const file = join(work, `${rows.length}.cjs`);
  writeFileSync(file, program);
  const env = { ...process.env, SPOOR_DIR: directory };
  for (const name of Object.keys(env)) if (/^(OTEL_|TRACEPARENT|NODE_OPTIONS)/.test(name)) delete env[name];
  execFileSync(process.execPath, ['--require', join(root, 'dist/register.cjs'), file], { env, stdio: 'ignore' });
  const [traces, starts, rollups] = ['traces', 'starts', 'rollups'].map((kind) => lines(directory, kind));
  const bytes = (of) => of.reduce((sum, line) => sum + line.length + 1, 0);
  const gzipped = gzipSync(`${traces.join('\n')}\n`).length;
  rows.push([what, traces.length, Math.round(bytes(traces) / traces.length), Math.round(gzipped / traces.length), Math.round(bytes(starts) / starts.length), rollups.length, Math.round(bytes(rollups) / rollups.length), Math.round((bytes(traces) + bytes(starts) + bytes(rollups)) / count), seriesOf(rollups)]);
}
rmSync(work, { recursive: true, force: true });
console.log(markdownTable([['what', 'spans', 'B a span line', 'gzipped', 'B a start line', 'rollup lines', 'B a rollup line', 'B in all, each', 'series'], ...rows.map((row) => row.map(String))], { alignDelimiters: false }));
