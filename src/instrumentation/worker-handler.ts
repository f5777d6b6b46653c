/** Makes an operation of each worker that the patch shows it. */
import { errorMonitor } from 'node:events';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { carry } from '../carrier.ts';
import { ATTR, WORKER_SPAWN } from '../conventions.ts';
import { given } from '../given.ts';
import { ensureListener, makeRoom } from '../listeners.ts';
import { type Operation, startOperation } from '../operation.ts';
import { runtime } from '../runtime.ts';
import { optionsWith } from './app-objects.ts';
import { adding, isThere, registerFile, removing, sharedDirectory } from './child-environment.ts';
import { executableName } from './executable.ts';
import { limiting } from './listener-limit.ts';
import { ALL, type Events, listeningAgain } from './listening-again.ts';
import { errorType, operationEnd, orEnd } from './outcome.ts';
import type { Settings } from './settings.ts';
import { endWithProcess } from './unreferenced.ts';
import { giveWorkers, givenToWorker } from './worker-context.ts';
import { WORKER, WORKER_GET_LIMIT, WORKER_REMOVE_ALL, WORKER_SET_LIMIT, WORKER_TERMINATE } from './worker-threads-patch.ts';
import type { Call, Handler } from './wrap.ts';

/** The operation of one worker. */
class Watched {
  readonly operation: Operation;
  reason: string | undefined;

  constructor(operation: Operation) {
    this.operation = operation;
  }

  listen(worker: Worker, to: Events): void {
    if (this.operation.ended) return;
    if (to(errorMonitor)) ensureListener(worker, errorMonitor, onError);
    if (to('exit')) ensureListener(worker, 'exit', onExit);
  }

  end(exitCode: number): void {
    this.operation.end(operationEnd({ exitCode, reason: this.reason }, (code) => code === 0));
  }
}

const watched = new WeakMap<object, Watched>();

// The same for all workers, as in child-watch.ts.
function onError(this: Worker, error: unknown): void {
  const known = watched.get(this);
  if (known !== undefined) known.reason ??= errorType(error);
}

function onExit(this: Worker, exitCode: number): void {
  watched.get(this)?.end(exitCode);
}

export class WorkerHandler implements Handler {
  readonly #settings: () => Settings;

  constructor(settings: () => Settings) {
    this.#settings = settings;
  }

  begin(name: string, self: unknown, args: unknown[]): Call | undefined {
    try {
      if (name === WORKER) return this.#create(args);
      if (name === WORKER_SET_LIMIT || name === WORKER_GET_LIMIT) return limiting(name === WORKER_SET_LIMIT, self as Worker, args, 'exit', onExit);
      const known = watched.get(self as object);
      if (known === undefined || known.operation.ended) return undefined;
      if (name === WORKER_REMOVE_ALL) return listeningAgain(args, (to) => known.listen(self as Worker, to));
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
    if (isTracingSuppressed(context.active())) return undefined;
    const settings = this.#settings();
    const call = given(() => workerCall(args[0], options, settings.preload));
    if (call === undefined) return undefined;
    const operation = startOperation(WORKER_SPAWN, `worker ${call.name}`, {
      tracer: settings.tracer,
      attributes: { [ATTR.SPAWN_KIND]: 'worker' },
    });
    return orEnd(operation, () => {
      const { env, hasOwn } = call;
      const before = givenToWorker();
      giveWorkers(carry(operation.context, {}));
      return {
        args: env === undefined ? args : [args[0], optionsWith(options, { env }), ...args.slice(2)],
        isOurs: (error) => env !== undefined && !hasOwn && isRefused(error),
        end(outcome) {
          giveWorkers(before);
          if ('error' in outcome) operation.end({ error: { type: errorType(outcome.error) } });
          else watch(outcome.result as Worker, operation);
        },
      };
    });
  }
}

interface WorkerCall {
  readonly name: string;
  /** What it is given in place of its own. */
  readonly env: NodeJS.ProcessEnv | undefined;
  /** Whether the app gives it one. */
  readonly hasOwn: boolean;
}

/** Undefined for what Node refuses, and for a worker of our own. */
function workerCall(file: unknown, options: WorkerOptions, preload: boolean): WorkerCall | undefined {
  if (typeof options !== 'object' || (options.workerData as { spoorInternal?: unknown } | undefined | null)?.spoorInternal === true) return undefined;
  return { name: fileName(file, options), env: preload ? preloadEnvironment(options) : undefined, hasOwn: options.env != null };
}

function watch(worker: Worker, operation: Operation): void {
  const known = new Watched(operation);
  watched.set(worker, known);
  operation.setAttributes({ [ATTR.SPAWN_THREAD_ID]: worker.threadId });
  makeRoom(worker);
  known.listen(worker, ALL);
}

/** This process's NODE_OPTIONS, where Node has refused them to a worker. */
let refused: string | undefined;

/** In an environment that a worker is given Node refuses options of whole processes, and passes them over where none is given. */
function isRefused(error: unknown): boolean {
  if (errorType(error) !== 'ERR_WORKER_INVALID_EXEC_ARGV' || !String((error as Error).message).includes('NODE_OPTIONS')) return false;
  refused = process.env.NODE_OPTIONS;
  return true;
}

/** The file's base name; nothing of code or of a data URL. */
function fileName(file: unknown, options: WorkerOptions): string {
  if (options.eval) return '[eval]';
  const url = file instanceof URL ? file : undefined;
  if (url && url.protocol !== 'file:') return `[${url.protocol.slice(0, -1)}]`;
  const path = url ? fileURLToPath(url) : String(file);
  // Node takes no other path: it is code then, where `eval` was forgotten.
  return isAbsolute(path) || /^\.\.?[\\/]/.test(path) ? executableName(path) : '[unknown]';
}

/**
 * The environment with the preload in its NODE_OPTIONS, where the worker would not have it anyway: it takes
 * over what this process was started with, its own NODE_OPTIONS only when `env` is not given.
 * With `SHARE_ENV` there is no environment of its own to add to.
 */
function preloadEnvironment({ env, execArgv, eval: isCode }: WorkerOptions): NodeJS.ProcessEnv | undefined {
  const file = registerFile();
  if (file === undefined || (env !== null && env !== undefined && typeof env !== 'object')) return undefined;
  const own = env as NodeJS.ProcessEnv | undefined | null;
  // As Node makes a text of it, which throws for a symbol.
  const options = `${(own ?? process.env).NODE_OPTIONS ?? ''}`;
  if (!own && options === refused) return undefined;
  const preload = isThere(file);
  const added: NodeJS.ProcessEnv = {};
  const changed = !preload ? removing(options, file) : onCommandLine(execArgv ?? process.execArgv, file, Boolean(isCode)) ? options : adding(options, file);
  if (changed !== options) added.NODE_OPTIONS = changed;
  const directory = sharedDirectory();
  if (own && directory !== undefined) added.SPOOR_DIR = directory;
  // Own enumerable keys, as Node takes them.
  return Object.keys(added).length === 0 ? undefined : { ...(own ?? process.env), ...added };
}

/** Whether what a worker takes over from the command line preloads it. One of code leaves `--import` out. */
function onCommandLine(execArgv: readonly string[], file: string, isCode: boolean): boolean {
  return execArgv.some((argument, index) => {
    if (!argument.includes(file) && !/\bspoor\/register\b/.test(argument)) return false;
    return !isCode || !/^--import\b/.test(argument.startsWith('-') ? argument : (execArgv[index - 1] ?? ''));
  });
}
