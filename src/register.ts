/**
 * `spoor/register`: what is preloaded into every process and worker of a tree. It sets hooks and promises a
 * runtime, no more; the SDK loads with the first spawn, or the first span that the app makes by the API.
 * `node --require spoor/register`, `node --import spoor/register`, or an import in code: all the same.
 */
import { writeSync } from 'node:fs';
import { wantsAll } from './guest/asked.ts';
import { hasLoaded } from './guest/interests.ts';
import { watchLoading } from './guest/loading.ts';
import { settle } from './guest/slot.ts';
import { provideRuntime } from './runtime.ts';

declare const require: NodeJS.Require;

const guest = (): typeof import('./guest/guest.ts') => require('./guest.cjs') as typeof import('./guest/guest.ts');

/** Node 20 also preloads into the thread of its module loader, where nothing of the app ever runs. */
function isLoaderThread(): boolean {
  return hasLoaded('internal/modules/esm/worker');
}

function register(): void {
  if (/^(true|1|on|yes)$/i.test(process.env.OTEL_SDK_DISABLED?.trim() ?? '') || isLoaderThread()) return;
  if (!settle({ adopt: (copy) => guest().guest.adopt(copy), describe: () => guest().guest.describe() })) return;
  provideRuntime((cwd) => (require('./runtime.cjs') as import('./guest/guest.ts').RuntimeBundle).createRuntime(cwd));
  watchLoading({
    childProcess: () => guest().instrumentChildProcess(),
    workerThreads: () => guest().instrumentWorkerThreads(),
    driver: (file, exports) => (require('./drivers.cjs') as typeof import('./guest/drivers.ts')).instrumentDriver(file, exports),
    api: (copy) => guest().guest.adopt(copy),
  });
  if (wantsAll()) guest().instrumentAll();
}

try {
  register();
} catch (error) {
  writeSync(2, `spoor: cannot start, nothing is recorded: ${(error as Error).message}\n`);
}
