#!/usr/bin/env node
// @ts-check
/** `npm run bench`: measures what spoor costs, row by row, and keeps the table in `bench/results.md`. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases } from './cases/index.js';
import { machine } from './harness/machine.js';
import { peers } from './harness/peers.js';
import { ROOT } from './harness/places.js';
import { cells, keptRows, resultsPage } from './harness/results.js';
import { excesses, rowOf } from './harness/row.js';
import { seededRandom } from './harness/statistics.js';

const HELP = `Usage: npm run bench -- [options]

  --only <name>   only the row of this name, or those whose names contain it; may be given several times
  --quick         fewer pairs, smaller inputs; writes nothing
  --check         compares with the limits and with bench/results.md, which stays as it is; exit code 1 on an excess
  --no-peers      leaves out the rows that need other packages (they are installed into a cache folder otherwise)
  --no-build      measures dist/ as it is
  --list          names the rows
`;
const RESULTS = fileURLToPath(new URL('results.md', import.meta.url));

const options = optionsOf(process.argv.slice(2));

const names = new Set(cases.flatMap(({ rows }) => rows.map(({ name }) => name)));
const wanted = cases.filter(({ rows }) => options.only === undefined || rows.some(({ name }) => options.only?.some((part) => (names.has(part) ? name === part : name.includes(part)))));
const say = (/** @type {string} */ message) => process.stderr.write(`  ${message}\n`);

if (options.help) process.stdout.write(HELP);
else if (options.list) process.stdout.write(cases.flatMap(({ rows }) => rows.map((row) => `${row.name}\n`)).join(''));
else if (wanted.length === 0) {
  process.stderr.write('bench: no row of that name; --list shows them\n');
  process.exitCode = 2;
} else process.exitCode = await main();

/** What was typed wrongly is one line, and no run. @param {string[]} args */
function optionsOf(args) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        'no-peers': { type: 'boolean', default: false },
        'no-build': { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`bench: ${/** @type {Error} */ (error).message.replaceAll('\n', ' ')}; --help names the options\n`);
    return process.exit(2);
  }
}

async function main() {
  if (!options['no-build']) execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const others = options['no-peers'] || !wanted.some((one) => one.needsPeers) ? undefined : peers(say);
  const kept = existsSync(RESULTS) ? keptRows(readFileSync(RESULTS, 'utf8')) : [];
  const bench = { quick: options.quick, random: seededRandom(1), say, peers: others };
  const rows = [];
  const problems = [];

  for (const { rows: declarations, needsPeers, measure } of wanted) {
    if (needsPeers && others === undefined) continue;
    let next = 0;
    for await (const pairs of measure(bench)) {
      const row = rowOf(/** @type {import('./harness/row.js').RowDeclaration} */ (declarations[next++]), pairs);
      rows.push(row);
      process.stdout.write(`${cells(row).join(' | ')}\n`);
      const before = options.check ? kept.find(({ name }) => name === row.name) : undefined;
      for (const problem of excesses(row, before)) problems.push(`${row.name}: ${problem}`);
    }
  }

  if (!options.quick && !options.check) writeFileSync(RESULTS, resultsPage({ machine: machine(others?.versions), rows, kept }));
  for (const problem of problems) process.stderr.write(`bench: ${problem}\n`);
  return options.check && problems.length > 0 ? 1 : 0;
}
