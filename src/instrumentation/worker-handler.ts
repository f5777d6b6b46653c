/** Makes an operation of each worker that the patch shows it. */
import { errorMonitor } from 'node:events';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHARE_ENV, type Worker, type WorkerOptions } from 'node:worker_threads';
import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { carry } from '../carrier.ts';
import { ATTR, WORKER_SPAWN } from '../conventions.ts';
import { type Operation, startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import { registerFile, sharedDirectory } from './child-environment.ts';
import { copyWith } from './child-process-arguments.ts';
import { preloading, withPreload } from './node-options.ts';
import { errorType, operationEnd } from './outcome.ts';
import type { Settings } from './settings.ts';
import { endWithProcess } from './unreferenced.ts';
import { giveWorkers, givenToWorker } from './worker-context.ts';
import { WORKER, WORKER_TERMINATE } from './worker-threads-patch.ts';
import type { Call, Handler } from './wrap.ts';

interface Watched {
  readonly operation: Operation;
  reason?: string;
}

const watched = new WeakMap<object, Watched>();

export class WorkerHandler implements Handler {
  readonly #settings: () => Settings;

  constructor(settings: () => Settings) {
    this.#settings = settings;
  }

  begin(name: string, self: unknown, args: unknown[]): Call | undefined {
    try {
      if (name === WORKER) return this.#create(args);
      const known = watched.get(self as object);
      if (known === undefined || known.operation.ended) return undefined;
      if (name === WORKER_TERMINATE) known.reason ??= 'terminated';
      else endWithProcess(known.operation, () => known.operation.end());
      return undefined;
    } catch {
      runtime()?.dropped('instrumentation_fault');
      return undefined;
    }
  }

  #create(args: unknown[]): Call | undefined {
    const options = (args[1] ?? {}) as WorkerOptions;
    if (typeof options !== 'object' || (options.workerData as { spoorInternal?: unknown } | undefined | null)?.spoorInternal === true) return undefined;
    if (isTracingSuppressed(context.active())) return undefined;
    const settings = this.#settings();
    const operation = startOperation(WORKER_SPAWN, `worker ${fileName(args[0], options)}`, {
      tracer: settings.tracer,
      attributes: { [ATTR.SPAWN_KIND]: 'worker' },
    });
    const before = givenToWorker();
    giveWorkers(carry(operation.context, {}));
    const env = settings.preload ? preloadEnvironment(options) : undefined;
    return {
      args: env === undefined ? args : [args[0], copyWith(options, 'env', env), ...args.slice(2)],
      end(outcome) {
        giveWorkers(before);
        if ('error' in outcome) operation.end({ error: { type: errorType(outcome.error) } });
        else watch(outcome.result as Worker, operation);
      },
    };
  }
}

function watch(worker: Worker, operation: Operation): void {
  const known: Watched = { operation };
  watched.set(worker, known);
  operation.setAttributes({ [ATTR.SPAWN_THREAD_ID]: worker.threadId });
  worker.on(errorMonitor, (error) => (known.reason ??= errorType(error)));
  worker.on('exit', (exitCode) => operation.end(operationEnd({ exitCode, reason: known.reason }, (code) => code === 0)));
}

/** The file's base name; nothing of code or of a data URL. */
function fileName(file: unknown, options: WorkerOptions): string {
  if (options.eval) return '[eval]';
  const url = file instanceof URL ? file : undefined;
  if (url && url.protocol !== 'file:') return `[${url.protocol.slice(0, -1)}]`;
  return basename(url ? fileURLToPath(url) : String(file)).slice(0, 100) || '[unknown]';
}

/**
 * The environment with the preload in its NODE_OPTIONS, where the worker would not have it anyway: it takes
 * over what this process was started with, its own NODE_OPTIONS only when `env` is not given.
 * With `SHARE_ENV` there is no environment of its own to add to.
 */
function preloadEnvironment({ env, execArgv }: WorkerOptions): NodeJS.ProcessEnv | undefined {
  const file = registerFile();
  if (file === undefined || env === SHARE_ENV || (env !== null && env !== undefined && typeof env !== 'object')) return undefined;
  const given = env as NodeJS.ProcessEnv | undefined | null;
  const options = (given ?? process.env).NODE_OPTIONS ?? '';
  const onCommandLine = (execArgv ?? process.execArgv).some((argument) => argument.includes(file) || /\bspoor\/register\b/.test(argument));
  const added: NodeJS.ProcessEnv = {};
  if (!onCommandLine && !preloading(options, file)) added.NODE_OPTIONS = withPreload(options, file);
  const directory = sharedDirectory();
  if (given && directory !== undefined) added.SPOOR_DIR = directory;
  // Own enumerable keys, as Node takes them.
  return Object.keys(added).length === 0 ? undefined : { ...(given ?? process.env), ...added };
}
