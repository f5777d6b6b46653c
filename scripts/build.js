/**
 * Builds `dist/`: the ES modules and their types with the TypeScript compiler, then one CommonJS bundle
 * for each entry that a process preloads. A bundle loads in a fraction of the time that the same modules
 * take one by one, and every process of a tree pays that time.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
process.chdir(root);

rmSync('dist', { recursive: true, force: true });
const tsc = require.resolve('typescript/package.json').replace(/package\.json$/, 'bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });

const bundles = {
  // Preloaded, or instead of it.
  register: 'src/register.ts',
  instrument: 'src/instrument.ts',
  // When the app reaches for `child_process`, `worker_threads` or the API, or for a browser driver.
  guest: 'src/guest/guest.ts',
  drivers: 'src/guest/drivers.ts',
  // With the first operation; of a browser driver.
  runtime: 'src/sdk.ts',
  'driver-handlers': 'src/instrumentation/own-drivers.ts',
  // By the runtime: for spans that the app makes; where there is an OTLP endpoint, with files and without; in a new hour.
  provider: 'src/provider.ts',
  ship: 'src/ship/thread.ts',
  direct: 'src/direct/export.ts',
  compact: 'exporters/compact.ts',
  // By those two, in a thread of their own.
  'ship-worker': 'src/ship/worker.ts',
  'direct-worker': 'src/direct/worker.ts',
};
/** What of the API's own copy in a bundle is replaced, by the end of its path. */
const replaced = { 'internal/global-utils': 'src/api-globals.ts', 'api/diag': 'src/api-diag.ts' };

/** @type {import('esbuild').Plugin} */
const ownParts = {
  name: 'own-parts',
  setup({ onResolve }) {
    onResolve({ filter: /^node:fs$/ }, () => ({ path: resolve('src/kept-fs.ts') }));
    onResolve({ filter: /\/(global-utils|diag)$/ }, ({ path, resolveDir }) => {
      const full = resolve(resolveDir, path);
      const found = Object.entries(replaced).find(([end]) => full.endsWith(`@opentelemetry/api/build/esm/${end}`));
      return found && { path: resolve(found[1]) };
    });
  },
};
await build({
  plugins: [ownParts],
  entryPoints: bundles,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  // A third less to read, in every process that spawns.
  minify: true,
  legalComments: 'none',
  // A bundle is CommonJS: code that asks where it is gets a path there, a URL in the ES modules.
  define: { 'import.meta.url': '__filename' },
  // The SDK's own exporters stay packages: only a process that exports directly loads them.
  // The host's machine id is not asked for; but a module that may be imported later would keep all that it shares with
  // the others from becoming one scope, which loads faster.
  external: ['@opentelemetry/exporter-*', './getMachineId-*.js', './*.cjs'],
  // Says that it is CommonJS to publint, which tells by a pattern and takes a line of code in a string for an import.
  footer: { js: ';module.exports=module.exports;' },
  logLevel: 'warning',
});
for (const name of ['register', 'instrument']) writeFileSync(`dist/${name}.d.cts`, 'export {};\n');
chmodSync('dist/src/cli/main.js', 0o755);
