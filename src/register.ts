/**
 * `spoor/register`: what is preloaded into every process and worker of a tree. It sets hooks and promises a
 * runtime, no more: what records loads with the first spawn, the SDK with the first span that the app makes by the API.
 * `node --require spoor/register`, `node --import spoor/register`, or an import in code: all the same.
 */
import { existsSync } from 'node:fs';
import { keepClocks } from './clock.ts';
import { isDisabled, wantsAll } from './guest/asked.ts';
import { watchLoading } from './guest/loading.ts';
import { type ApiCopy, settle } from './guest/slot.ts';
import { preloading, withoutPreload } from './instrumentation/node-options.ts';
import { part } from './part.ts';
import { provideRuntime } from './runtime.ts';
import { hasLoaded } from './thread.ts';

declare const require: NodeJS.Require;
declare const __filename: string;

type GuestBundle = typeof import('./guest/guest.ts');
let loaded: GuestBundle | undefined;
/** Used inside of it too: where an app stubs `fs`, what was read of a part may be anything. */
const withGuest = <T>(use: (bundle: GuestBundle) => T): T | undefined => partOrNothing(() => use((loaded ??= require('./guest.cjs') as GuestBundle)));

function partOrNothing<T>(load: () => T, notNow?: () => void): T | undefined {
  return part(load, (passes) => {
    if (passes) notNow?.();
    else if (!existsSync(__filename)) letGo();
  });
}

/** The package is gone: with the preload in its environment no Node would start that is started from here. */
function letGo(): void {
  const { NODE_OPTIONS: options = '' } = process.env;
  if (preloading(options, __filename)) process.env.NODE_OPTIONS = withoutPreload(options, __filename);
}

/** Node 20 also preloads into the thread of its module loader, where nothing of the app ever runs. */
function isLoaderThread(): boolean {
  return hasLoaded('internal/modules/esm/worker');
}

function register(): void {
  if (isDisabled() || isLoaderThread()) return;
  keepClocks();
  const adopt = (copy: ApiCopy): void => withGuest(({ guest }) => guest.adopt(copy));
  const settled = settle({
    adopt,
    get context() {
      return loaded?.guest.context;
    },
    get propagation() {
      return loaded?.guest.propagation;
    },
    describe: () => withGuest(({ guest }) => guest.describe()) ?? '',
  });
  if (!settled) return;
  provideRuntime((cwd, notNow) => partOrNothing(() => (require('./runtime.cjs') as import('./guest/guest.ts').RuntimeBundle).createRuntime(cwd), notNow));
  watchLoading({
    childProcess: () => withGuest((bundle) => bundle.instrumentChildProcess()),
    workerThreads: () => withGuest((bundle) => bundle.instrumentWorkerThreads()),
    driver: (file, exports) => partOrNothing(() => (require('./drivers.cjs') as typeof import('./guest/drivers.ts')).instrumentDriver(file, exports)),
    api: adopt,
  });
  if (wantsAll()) withGuest((bundle) => bundle.instrumentAll());
}

part(register);
