/**
 * `spoor/register`: what is preloaded into every process and worker of a tree. It sets hooks and promises a
 * runtime, no more; the SDK loads with the first spawn, or the first span that the app makes by the API.
 * `node --require spoor/register`, `node --import spoor/register`, or an import in code: all the same.
 */
import type { TextMapPropagator } from '@opentelemetry/api';
import { turnOnAll, wantsAll, PACKAGE } from './guest/auto-instrumentations.ts';
import { createGuest } from './guest/host.ts';
import { hasLoaded, watchLoading } from './guest/loading.ts';
import { settle } from './guest/slot.ts';
import { patchChildProcess } from './instrumentation/child-process-patch.ts';
import { patchWorkerThreads } from './instrumentation/worker-threads-patch.ts';
import type { Handler } from './instrumentation/wrap.ts';
import { log } from './log.ts';
import { type Runtime, provideRuntime, runtime } from './runtime.ts';

declare const require: NodeJS.Require;

/** What the other bundle exports. */
interface RuntimeBundle {
  createRuntime(): Runtime | undefined;
  ownHandlers(): { readonly childProcess: Handler; readonly worker: Handler } | undefined;
  readonly propagator: TextMapPropagator;
}

const bundle = (): RuntimeBundle => require('./runtime.cjs') as RuntimeBundle;

/** Node 20 also preloads into the thread of its module loader, where nothing of the app ever runs. */
function isLoaderThread(): boolean {
  return hasLoaded('internal/modules/esm/worker');
}

function register(): void {
  if (/^(true|1|on|yes)$/i.test(process.env.OTEL_SDK_DISABLED?.trim() ?? '') || isLoaderThread()) return;
  let turnOff: (() => void) | undefined;
  const instrumented = ['child_process', 'worker_threads'];
  const guest = createGuest({
    instrumented,
    createStorage: () => new (require('node:async_hooks') as typeof import('node:async_hooks')).AsyncLocalStorage(),
    propagator: () => (runtime() ? bundle().propagator : undefined),
    onTakenOver: (said) => {
      turnOff?.();
      if (said) log('info', 'guest', 'taken_over', guest.describe());
    },
  });
  if (!settle(guest)) return log('debug', 'register', 'registered_before', 'registered in this process before; nothing to do');
  provideRuntime(() => bundle().createRuntime());

  watchLoading({
    childProcess: () => void patchChildProcess(require('node:child_process') as typeof import('node:child_process'), () => runtime() && bundle().ownHandlers()?.childProcess),
    workerThreads: () => void patchWorkerThreads(require('node:worker_threads') as typeof import('node:worker_threads'), () => runtime() && bundle().ownHandlers()?.worker),
    api: (copy) => guest.adopt(copy),
  });

  if (!wantsAll()) return;
  turnOff = turnOnAll();
  if (turnOff) instrumented.push(PACKAGE);
  else log('info', 'register', 'no_instrumentations', `SPOOR_INSTRUMENTATIONS=all: ${PACKAGE} is not installed here; only child processes and workers are instrumented`);
}

try {
  register();
} catch (error) {
  log('error', 'register', 'register_failed', `cannot start, nothing is recorded: ${(error as Error).message}`);
}
