/**
 * What `spoor/register` loads when the app first reaches for the API, `child_process` or `worker_threads`:
 * a bundle of its own, because most processes of a build never do, and each of them would pay for reading it.
 */
import type { TextMapPropagator } from '@opentelemetry/api';
import { patchChildProcess } from '../instrumentation/child-process-patch.ts';
import { patchWorkerThreads } from '../instrumentation/worker-threads-patch.ts';
import type { OwnHandlers } from '../instrumentation/own.ts';
import { log } from '../log.ts';
import { part } from '../part.ts';
import { type Runtime, runtime } from '../runtime.ts';
import { hasLoaded } from '../thread.ts';
import { PACKAGE, turnOnAll } from './auto-instrumentations.ts';
import { createGuest } from './host.ts';

declare const require: NodeJS.Require;

/** What the runtime's bundle exports. */
export interface RuntimeBundle {
  createRuntime(cwd?: string): Runtime | undefined;
  ownHandlers(): OwnHandlers | undefined;
  readonly propagator: TextMapPropagator;
}

let loaded: RuntimeBundle | undefined;
/** Kept, because `require` is no cheap call, and each spawn asks. */
const bundle = (): RuntimeBundle | undefined => (loaded ??= part(() => require('./runtime.cjs') as RuntimeBundle));

let turnOff: (() => void) | undefined;
const instrumented = ['child_process', 'worker_threads'];

export const guest = createGuest({
  instrumented,
  createStorage: () => new (require('node:async_hooks') as typeof import('node:async_hooks')).AsyncLocalStorage(),
  propagator: () => (runtime() && process.env.OTEL_PROPAGATORS?.trim() !== 'none' ? bundle()?.propagator : undefined),
  onTakenOver: (said) => {
    turnOff?.();
    if (said) log('info', 'guest', 'taken_over', guest.describe());
  },
});

export function instrumentChildProcess(): void {
  const wasLoaded = hasLoaded('child_process');
  patchChildProcess(require('node:child_process') as typeof import('node:child_process'), () => runtime() && bundle()?.ownHandlers()?.childProcess, wasLoaded);
}

export function instrumentWorkerThreads(): void {
  const wasLoaded = hasLoaded('worker_threads');
  patchWorkerThreads(require('node:worker_threads') as typeof import('node:worker_threads'), () => runtime() && bundle()?.ownHandlers()?.worker, wasLoaded);
}

/** `SPOOR_INSTRUMENTATIONS=all` */
export function instrumentAll(): void {
  turnOff = turnOnAll();
  if (turnOff) instrumented.push(PACKAGE);
  else log('info', 'register', 'no_instrumentations', `SPOOR_INSTRUMENTATIONS=all: ${PACKAGE} is not installed here; only child processes and workers are instrumented`);
}
