/**
 * Writes Grafana's dashboards, `collector-config/grafana/dashboards/*.json`, from the descriptions in
 * `scripts/dashboards/`.
 *
 *   node scripts/dashboards.js            writes them
 *   node scripts/dashboards.js --check    writes nothing; exits 1 when one is not current
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dashboard } from './dashboards/build.js';
import { exports_ } from './dashboards/exports.js';
import { health } from './dashboards/health.js';
import { overview } from './dashboards/overview.js';
import { selectors } from './dashboards/selectors.js';
import { spawns } from './dashboards/spawns.js';

const folder = fileURLToPath(new URL('../collector-config/grafana/dashboards/', import.meta.url));
const generated = Object.fromEntries([overview, spawns, selectors, exports_, health].map((one) => [`${one.file}.json`, `${JSON.stringify(dashboard(one), null, 2)}\n`]));

if (process.argv.includes('--check')) {
  const present = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(`${folder}${name}`, 'utf8')]));
  for (const name of new Set([...Object.keys(generated), ...Object.keys(present)])) {
    if (generated[name] === present[name]) continue;
    console.error(`collector-config/grafana/dashboards/${name} is not current: npm run dashboards`);
    process.exitCode = 1;
  }
} else {
  for (const [name, text] of Object.entries(generated)) writeFileSync(`${folder}${name}`, text);
}
