// @ts-check
/** The packages that spoor is compared with: installed once for each set of versions, outside the project. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CACHE, ROOT } from './places.js';
import { cleanEnvironment } from './environment.js';

const MANIFEST = join(ROOT, 'bench/peers/package.json');

/**
 * @typedef {object} Peers
 * @property {Record<string, string>} versions
 * @property {Preload} openTelemetry
 * @property {Preload} datadog
 * @property {Preload} sentry
 *
 * @typedef {object} Preload
 * @property {string} name
 * @property {string} path to `--require`
 * @property {(port: number) => Record<string, string>} backend environment that sends to this port of loopback
 */

/**
 * @param {(message: string) => void} say
 * @returns {Peers}
 */
export function peers(say) {
  const manifest = readFileSync(MANIFEST, 'utf8');
  const key = createHash('sha256').update(manifest).digest('hex').slice(0, 12);
  const folder = join(CACHE, `peers-${key}`);
  if (!existsSync(folder)) {
    say('installing the peers, once …');
    const making = `${folder}.${process.pid}`;
    mkdirSync(making, { recursive: true });
    copyFileSync(MANIFEST, join(making, 'package.json'));
    try {
      execFileSync('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: making, env: cleanEnvironment(), stdio: ['ignore', 'ignore', 'inherit'] });
      renameSync(making, folder);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  const require = createRequire(join(folder, 'index.js'));
  const name = { openTelemetry: '@opentelemetry/auto-instrumentations-node', datadog: 'dd-trace', sentry: '@sentry/node' };
  return {
    versions: JSON.parse(manifest).dependencies,
    openTelemetry: {
      name: name.openTelemetry,
      path: require.resolve('@opentelemetry/auto-instrumentations-node/register'),
      backend: (port) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` }),
    },
    datadog: {
      name: name.datadog,
      path: require.resolve('dd-trace/init'),
      backend: (port) => ({ DD_TRACE_AGENT_URL: `http://127.0.0.1:${port}`, DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false' }),
    },
    sentry: {
      name: name.sentry,
      path: join(ROOT, 'bench/peers/sentry.cjs'),
      backend: (port) => ({ SENTRY_DSN: `http://key@127.0.0.1:${port}/1`, SPOOR_BENCH_PEERS: folder }),
    },
  };
}
