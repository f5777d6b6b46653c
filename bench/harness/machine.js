// @ts-check
/** What the numbers were measured on: enough to read them, nothing that names the machine. */
import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './places.js';

/** @param {Record<string, string>} [peers] */
export function machine(peers = {}) {
  const { version, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  return [
    `${new Date().toISOString().slice(0, 10)}; spoor ${version}, OpenTelemetry SDK ${dependencies['@opentelemetry/sdk-trace-base']}, Node ${process.versions.node}`,
    `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release().split('-')[0]} ${arch()}`,
    ...(versions.length > 0 ? [`compared with ${versions.join(', ')}`] : []),
  ];
}
