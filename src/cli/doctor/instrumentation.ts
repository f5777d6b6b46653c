/** Whether programs are instrumented, and on what: found out by starting one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../config.ts';
import { type Handler, handlers } from '../../instrumentation/wrap.ts';
import { hourFiles } from '../../store/layout.ts';
import type { Check } from './check.ts';

const REGISTER = fileURLToPath(new URL('../../../register.cjs', import.meta.url));
/** Reaches for the API, as an app does, and starts something. */
const PROGRAM = `try { require(require.resolve('@opentelemetry/api', { paths: [process.cwd()] })) } catch {}
require('node:child_process').spawnSync(process.execPath, ['--version'])`;
/** Milliseconds. */
const TIMEOUT = 20_000;

interface Probe {
  /** What was instrumented, in the runtime's own words; undefined: nothing was recorded. */
  readonly says: string | undefined;
  readonly stderr: string;
}

/** Starts a small program in `folder` and looks whether it left a span. */
function probe(folder: string, args: readonly string[]): Probe {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-doctor-'));
  // This process may be traced itself: it must not trace the probe, nor say where it writes.
  const untraced = handlers<Handler>('child_process').add(() => undefined);
  try {
    const env: NodeJS.ProcessEnv = { ...process.env, SPOOR_DIR: directory, SPOOR_FILES: 'true', SPOOR_LOG: 'text', OTEL_LOG_LEVEL: 'info', OTEL_TRACES_SAMPLER: 'always_on' };
    // Nothing of it is to be sent anywhere.
    for (const name of Object.keys(env)) if (/^(OTEL_EXPORTER_OTLP_.*ENDPOINT|TRACEPARENT|SPOOR_DEPTH)$/.test(name)) delete env[name];
    const { stderr } = spawnSync(process.execPath, [...args, '-e', PROGRAM], { cwd: folder, env, encoding: 'utf8', timeout: TIMEOUT });
    const isRecorded = hourFiles(directory, 'traces').length > 0;
    return { says: isRecorded ? (/recording to [^;]*; (.*)$/m.exec(stderr)?.[1] ?? 'recording') : undefined, stderr };
  } finally {
    untraced();
    rmSync(directory, { recursive: true, force: true });
  }
}

export function checkInstrumentation(folder: string, { disabled }: Pick<Config, 'disabled'>): Check {
  const name = 'instrumentation';
  if (disabled) {
    return { name, state: 'problem', says: 'everything is turned off by OTEL_SDK_DISABLED', advice: 'unset OTEL_SDK_DISABLED', facts: { works: false, preloaded: false } };
  }
  const here = probe(folder, []);
  if (here.says !== undefined) return { name, state: 'ok', says: `Node programs started here are instrumented: ${here.says}`, facts: { works: true, preloaded: true, on: here.says } };
  const asked = probe(folder, ['--require', REGISTER]);
  if (asked.says === undefined) {
    const last = asked.stderr.trim().split('\n').at(-1);
    return { name, state: 'problem', says: `a test program with spoor/register recorded nothing${last ? `: ${last}` : ''}`, advice: 'see what it says with OTEL_LOG_LEVEL=debug', facts: { works: false, preloaded: false, stderr: asked.stderr } };
  }
  return {
    name,
    state: 'note',
    says: `Node programs started here are not instrumented by themselves; with spoor/register they are: ${asked.says}`,
    advice: '`spoor run -- <command>`, `node --require spoor/register app.js`, or NODE_OPTIONS="--require spoor/register"',
    facts: { works: true, preloaded: false, on: asked.says },
  };
}
