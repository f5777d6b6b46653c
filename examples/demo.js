/**
 * `npm run demo`: runs a real program that spawns real children, then shows what spoor kept of it. Where there is
 * a browser, it drives a real page too, whose second version breaks some selectors (DEMO_BROWSER=none leaves that out).
 * Needs only Node; no server, no network. Everything is left in a temporary folder to look at.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOW_TO_GET_ONE, findBrowser } from './demo/find-browser.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const spoor = join(root, 'dist/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'spoor-demo-'));
const directory = join(folder, '.spoor');
// The correlation id ties the whole run together, and finds it again below.
const env = { ...process.env, SPOOR_DIR: directory, SPOOR_CORRELATION_ID: 'demo', DEMO_FOLDER: folder };

function show(...args) {
  const bold = process.stdout.isTTY && !process.env.NO_COLOR ? (text) => `\x1b[1m${text}\x1b[22m` : String;
  console.log(`\n${bold(`$ spoor ${args.join(' ')}`)}`);
  const { status } = spawnSync(process.execPath, [spoor, ...args], { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exitCode = status ?? 1;
}

show('run', '--', 'node', 'examples/demo/orchestrator.js');
show('report');
show('traces', 'demo');

if (process.env.DEMO_BROWSER !== 'none') {
  const browser = await findBrowser();
  if (browser === undefined) console.log(`\nNo browser was found, so the part about selectors is left out: ${HOW_TO_GET_ONE}`);
  else {
    show('run', '--', 'node', 'examples/demo/browser.js', browser);
    show('report', '--kind', 'selector');
  }
}

// It publishes its own report: to an agent that is hardly here, so to the folder that comes next in the chain.
const report = join(folder, 'report.md');
writeFileSync(report, spawnSync(process.execPath, [spoor, 'report', '--format', 'markdown'], { cwd: root, env }).stdout);
show('export', report, '--to', `buildkite,dir:${join(folder, 'published')}`, '--type', 'report', '--no-summary');
show('report', '--kind', 'export');

console.log(`
All of it is plain files in ${directory}
  traces/ and rollups/ are OTLP/JSON lines, telemetry.json is the ledger of the agents. Look around:
  SPOOR_DIR=${directory} node ${relative(process.cwd(), spoor)} report --format markdown`);
