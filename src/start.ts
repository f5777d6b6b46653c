/** Starting spoor in code, for a program that is not started with `spoor run` or `--import spoor/register`. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as api from '@opentelemetry/api';
import type { Overrides } from './config.ts';
import { guest } from './guest/slot.ts';
import { part } from './part.ts';
import { type Health, type Runtime, lastRuntime, provideRuntime, runtime } from './runtime.ts';

/** Everything that `spoor.config.json` and the `SPOOR_*` variables can say; what is given here wins. */
export type StartOptions = Overrides;

/** What was started. All of it is safe to call at any time, any number of times. */
export interface Spoor {
  /** Writes the numbers that are not written yet. Resolves when they are on disk (and, in direct mode, sent). */
  flush(): Promise<void>;
  /** Flushes, then stops recording. The app's own OpenTelemetry is not touched. */
  shutdown(): Promise<void>;
  /** Whether it records, what was dropped so far and why. */
  health(): Health;
}

// The same bundles that a preloaded process uses: one implementation, one copy in memory.
const bundle = (name: string): string => fileURLToPath(new URL(`../${name}.cjs`, import.meta.url));
/** Made when it is used: in an app that has put this into a bundle it cannot be. */
const require = (file: string): unknown => createRequire(import.meta.url)(file);

const OFF: Health = { state: 'off', directory: undefined, dropped: {}, lastError: undefined };

/**
 * Starts spoor in this process: child processes and worker threads are traced from here on, and the spans
 * that the app makes through the OpenTelemetry API are written where no SDK of its own takes them.
 * Idempotent: when it has been started before (by a preload, by another call, by another copy of the package)
 * that one goes on, with the options that it had. Never throws; what is wrong is said in the log and in `health()`.
 */
export function start(options: StartOptions = {}): Spoor {
  provideRuntime((cwd, notNow) => part(() => (require(bundle('runtime')) as { createRuntime(cwd: string | undefined, options: StartOptions): Runtime | undefined }).createRuntime(cwd, options), (passes) => passes && notNow()));
  part(() => require(bundle('register')) as unknown);
  // It was loaded before the hooks were set, with this module.
  guest()?.adopt(api);
  return {
    flush: async () => runtime()?.flush(),
    shutdown: async () => runtime()?.shutdown(),
    health: () => (runtime() ?? lastRuntime())?.health() ?? OFF,
  };
}
