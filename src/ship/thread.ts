/**
 * The app's side of sending. The root of a process tree (nobody preloaded it: no `SPOOR_DEPTH`) starts the
 * sending thread at once, if nobody holds the lease; any other process only when it has lived for some seconds
 * and nobody holds the lease then, so that short processes load nothing and touch no network. Nothing here waits
 * for the network but the end of the process that holds the lease, and that no longer than it is allowed to.
 */
import { join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Worker } from 'node:worker_threads';
import { steady } from '../clock.ts';
import type { Config } from '../config.ts';
import { log } from '../log.ts';
import { isMainThread } from '../thread.ts';
import { setEndpoints, shippedSignals } from './endpoints.ts';
import { Lease } from './lease.ts';
import { CELL, type EndMessage, HOLDS, type ShipWorkerData } from './messages.ts';
import { shipSettings } from './road.ts';

export interface ShipThreadOptions {
  readonly config: Config;
  /** OTLP/JSON array: the attributes of this process's resource. */
  readonly resource: string;
  /** File of the worker. Default: `ship-worker.cjs` beside the bundle that this is in. */
  readonly worker?: string;
}

/** Milliseconds after which a process looks (again) whether anybody holds the lease. Not all at the same time. */
const LOOK_AFTER = 5_000;
const SPREAD = 2_000;
/** Of the end's time, in ms, that is left for what is not the sending. */
const RESERVE = 30;

export class ShipThread {
  readonly #options: ShipThreadOptions;
  readonly #lease: Lease;
  readonly #cells = new Int32Array(new SharedArrayBuffer(CELL.COUNT * Int32Array.BYTES_PER_ELEMENT));
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;
  #over = false;

  constructor(options: ShipThreadOptions) {
    this.#options = options;
    this.#lease = new Lease(options.config.directory);
    // An app's worker threads have runtimes of their own, but the process has one sending thread at most.
    if (!isMainThread || shippedSignals(options.config).length === 0) this.#over = true;
    else if (!process.env.SPOOR_DEPTH) this.#look();
    else this.#later();
  }

  /** The process ends: waits for the last send, synchronously and bounded, if this process does it. */
  end(): void {
    const until = this.#askToEnd();
    if (until !== undefined) Atomics.wait(this.#cells, CELL.ENDED, 0, Math.max(0, until - steady()));
  }

  /** The same without stopping the app's thread. */
  async stop(): Promise<void> {
    const until = this.#askToEnd();
    const worker = this.#worker;
    if (until === undefined || worker === undefined) return;
    await new Promise<void>((resolve) => {
      this.#timer = setTimeout(resolve, until - steady());
      worker.ref();
      worker.once('message', resolve).once('exit', resolve);
    });
    clearTimeout(this.#timer);
    const { threadId } = worker;
    await worker.terminate();
    this.#lease.releaseOf(threadId);
  }

  /** Returns until when the last send may take; undefined when there is none. */
  #askToEnd(): number | undefined {
    clearTimeout(this.#timer);
    if (this.#over) return undefined;
    this.#over = true;
    if (this.#worker === undefined || Atomics.load(this.#cells, CELL.HOLDS) === HOLDS.NO) return undefined;
    const until = steady() + this.#options.config.exitTimeout;
    this.#worker.postMessage({ until: until - RESERVE } satisfies EndMessage);
    return until;
  }

  #later(): void {
    this.#timer = setTimeout(() => this.#look(), LOOK_AFTER + Math.random() * SPREAD).unref();
  }

  #look(): void {
    if (this.#over || this.#worker !== undefined) return;
    try {
      if (this.#lease.holder() === undefined) this.#start();
      else this.#later();
    } catch (error) {
      log('warn', 'ship', 'no_thread', `nothing is sent from ${this.#options.config.directory}: ${(error as Error).message}; what is recorded is kept`);
    }
  }

  /** Nothing of the app's is loaded there: no preload, no exec arguments; nor does it write to the app's streams. */
  #start(): void {
    const { config, resource, worker: file = join(__dirname, 'ship-worker.cjs') } = this.#options;
    const { directory, endpoint, tracesEndpoint, metricsEndpoint } = config;
    const endpoints = { endpoint, tracesEndpoint, metricsEndpoint };
    const workerData: ShipWorkerData = {
      spoorInternal: true,
      ships: true,
      directory,
      settings: shipSettings(config),
      endpoints,
      resource,
      cells: this.#cells,
    };
    const env = setEndpoints({ ...process.env }, endpoints);
    delete env.NODE_OPTIONS;
    const worker = new (process.getBuiltinModule('node:worker_threads').Worker)(file, { name: 'spoor ship', workerData, env, execArgv: [], stdout: true, stderr: true });
    const gone = (): void => {
      this.#worker = undefined;
      if (!this.#over) this.#later();
    };
    worker.on('error', (error) => log('error', 'ship', 'thread_failed', `the sending thread failed: ${error.message}; what is recorded is kept`)).on('exit', gone);
    worker.unref();
    this.#worker = worker;
  }
}
