/** Options of the two instrumentations: what the app gave, else the configuration, else the default. */
import type { Tracer } from '@opentelemetry/api';
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';
import { ownConfig } from '../config.ts';
import { runtime } from '../runtime.ts';
import { isSuccess } from './success.ts';

export interface SpawnInstrumentationConfig extends InstrumentationConfig {
  /** Whether Node children and workers get `spoor/register` preloaded, and so trace too. Default: `SPOOR_PRELOAD`, else true. */
  preload?: boolean | undefined;
  /** How many generations of descendants get the preload. Default: `SPOOR_MAX_DEPTH`, else 16. */
  maxDepth?: number | undefined;
}

export interface ChildProcessInstrumentationConfig extends SpawnInstrumentationConfig {
  /** Records the arguments of commands, scrubbed of what looks like a secret. Default: `SPOOR_RECORD_ARGUMENTS`, else false. */
  recordArguments?: boolean | undefined;
  /**
   * Whether an exit code is no error. Default: 0 always is none; 1 is none for searches, comparisons and
   * tests (`grep`, `rg`, `diff`, `cmp`, `test` …), where it is an answer.
   */
  isSuccess?: ((executable: string, exitCode: number) => boolean) | undefined;
  /** Executables, by base name, that are not traced; their environment is left alone too. Default: none. */
  ignore?: ((executable: string) => boolean) | undefined;
}

/** Everything decided. */
export interface Settings {
  readonly tracer: Tracer | undefined;
  readonly preload: boolean;
  readonly maxDepth: number;
  readonly recordArguments: boolean;
  readonly isSuccess: (executable: string, exitCode: number) => boolean;
  readonly ignore: (executable: string) => boolean;
}

export function settings(given: ChildProcessInstrumentationConfig, tracer: Tracer | undefined): Settings {
  // Without a runtime of ours (an app with its own SDK) the same variables and file hold.
  const config = runtime()?.config ?? ownConfig();
  return {
    tracer,
    preload: given.preload ?? config.preload,
    maxDepth: given.maxDepth ?? config.maxDepth,
    recordArguments: given.recordArguments ?? config.recordArguments,
    isSuccess: guarded(given.isSuccess, isSuccess),
    ignore: guarded(given.ignore, () => false),
  };
}

/** The app's function, whose faults are its own affair and end no call. */
function guarded<A extends unknown[]>(given: ((...args: A) => boolean) | undefined, otherwise: (...args: A) => boolean): (...args: A) => boolean {
  if (given === undefined) return otherwise;
  return (...args) => {
    try {
      return Boolean(given(...args));
    } catch {
      return otherwise(...args);
    }
  };
}
