/**
 * Direct OTLP export, for where there are no files. A worker thread sends; the app's thread only hands over
 * what has ended, and at its end waits for the thread, at most so long as the configuration allows.
 */
import { clearTimeout, setInterval, setTimeout } from 'node:timers';
import { isMainThread, type Worker } from 'node:worker_threads';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { now as clock, steady } from '../clock.ts';
import type { Config } from '../config.ts';
import { metricCollector } from '../rollup/metric-collector.ts';
import type { Rollup } from '../rollup/rollup.ts';
import type { EndedSpan } from '../runtime.ts';
import { type Endpoints, metricPreferences, setEndpoints, shippedSignals } from '../ship/endpoints.ts';
import { Acknowledgements } from './acknowledgements.ts';
import type { Message, PlainSpan } from './messages.ts';
import { plain } from './plain-span.ts';
import { pause, startThread } from './thread.ts';

export interface DirectExportOptions {
  /** A signal that has no endpoint is not sent. `exitTimeout`: what a flush may take, and the end. */
  readonly config: Endpoints & Pick<Config, 'metricInterval' | 'exitTimeout'>;
  /** Attributes of the resource. */
  readonly resource: Readonly<Record<string, unknown>>;
  readonly rollup: Rollup;
  /** Counts spans that could not be sent: `export_queue_full`, `export_failed`, `export_timeout`. */
  readonly onDropped: (reason: string, count: number, why?: string) => void;
  /** File of the worker. Default: `direct-worker.cjs` beside the bundle that this is in (an ES module must say). */
  readonly worker?: string;
}

const BATCH = 512;
const BATCH_MS = 100;
/** Spans handed over and not answered for; more are dropped. */
const MAX_PENDING = 4096;
/** Of the end's time, what the thread is waited for; the rest is for what is not the sending. */
const WAITED = 0.95;
/** So long, in ms, no worker waits at its end after one did in vain: those that end one after the other would all. */
const PAUSE = 30_000;
/** Milliseconds between two sends of the numbers. */
const METRIC_INTERVAL = 60_000;

export class DirectExport {
  readonly #options: DirectExportOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #sendsSpans: boolean;
  readonly #collect: (() => MetricData[]) | undefined;
  readonly #pause = pause();
  readonly #acknowledged: Acknowledgements;
  #worker: Worker | undefined;
  #broken = false;
  /** When the end was asked for, on the steady clock. */
  #endedAt: number | undefined;
  /** Nothing more is taken. */
  #isOver = false;
  #queue: PlainSpan[] = [];
  #queuedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #posted = 0;
  #flushes = 0;

  constructor(options: DirectExportOptions) {
    this.#options = options;
    this.#acknowledged = new Acknowledgements(options.onDropped);
    this.#env = setEndpoints({ ...process.env }, options.config);
    delete this.#env.NODE_OPTIONS;
    const signals = shippedSignals(options.config);
    this.#sendsSpans = signals.includes('traces');
    if (signals.includes('metrics')) {
      const { isDelta } = metricPreferences();
      this.#collect = metricCollector(options.rollup, (type) => (isDelta && type !== 'updowncounter' ? 'delta' : 'cumulative'));
      setInterval(() => this.#post({}, true), options.config.metricInterval ?? METRIC_INTERVAL).unref();
    }
  }

  /** Takes one ended, sampled span. Never throws. */
  span(span: EndedSpan): void {
    if (!this.#sendsSpans) return;
    const { onDropped } = this.#options;
    const now = clock();
    if (this.#isOver || this.#broken) return onDropped('export_failed', 1);
    if (this.#posted + this.#queue.length - this.#acknowledged.answered >= MAX_PENDING) return onDropped('export_queue_full', 1);
    if (this.#queue.length === 0) this.#queuedAt = now;
    this.#queue.push(plain(span));
    if (this.#endedAt !== undefined) this.end();
    // Not only the timer: it never runs in a loop of synchronous work.
    else if (this.#queue.length >= BATCH || Math.abs(now - this.#queuedAt) >= BATCH_MS) this.#post({}, false);
    else this.#timer ??= setTimeout(() => this.#post({}, false), BATCH_MS).unref();
  }

  /** The numbers of an operation are recorded: they wait for the next send, where there is to be one. */
  settled(): void {
    if (this.#endedAt !== undefined && !this.#isOver) this.end();
  }

  /** Sends everything, or gives up after the exit timeout. The process is kept alive until then. */
  flush(): Promise<void> {
    if (this.#endedAt !== undefined) return Promise.resolve();
    const flush = ++this.#flushes;
    this.#post({ flush }, true);
    return this.#answer(flush, this.#options.config.exitTimeout);
  }

  /** The process ends: sends the rest and waits for it, synchronously and bounded; again for what ends in the app's own listeners. */
  end(): void {
    const wasOver = this.#isOver;
    const left = this.#askToEnd();
    if (this.#worker === undefined) return;
    const isWorthIt = (isMainThread || steady() >= this.#pause[0]!) && !this.#broken && left > 0;
    const arrives = isWorthIt && this.#acknowledged.waitForEnd(left);
    if (isWorthIt && !arrives) this.#pause[0] = steady() + PAUSE;
    if (wasOver || !arrives) this.#reportRest();
    else this.#acknowledged.reportFailed();
  }

  /** The same without stopping the app's thread. */
  async stop(): Promise<void> {
    const flush = ++this.#flushes;
    const left = this.#askToEnd(flush);
    this.#isOver = true;
    await this.#answer(flush, left);
    const worker = this.#worker;
    this.#reportRest();
    await worker?.terminate();
  }

  /** Asks for the end. Returns the milliseconds that are left for it. */
  #askToEnd(flush?: number): number {
    if (!this.#isOver) this.#acknowledged.clearEnd();
    this.#post({ end: true, ...(flush !== undefined && { flush }) }, true);
    this.#endedAt ??= steady();
    return this.#endedAt + this.#options.config.exitTimeout * WAITED - steady();
  }

  /** Resolves when the worker has answered, or is gone, or after so many milliseconds. The process is kept alive until then. */
  #answer(flush: number, timeout: number): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined || this.#broken) return Promise.resolve();
    return new Promise((resolve) => {
      worker.ref();
      const done = (): void => {
        clearTimeout(timer);
        worker.off('message', answered).off('exit', done);
        if (this.#flushes === flush) worker.unref();
        this.#acknowledged.reportFailed();
        resolve();
      };
      const answered = (number: unknown): void => {
        if (number === flush) done();
      };
      const timer = setTimeout(done, timeout);
      worker.on('message', answered).on('exit', done);
    });
  }

  /** What nobody waits for any more. */
  #reportRest(): void {
    this.#isOver = true;
    this.#worker = undefined;
    this.#acknowledged.reportFailed();
    const unanswered = this.#posted - this.#acknowledged.answered;
    if (unanswered > 0) this.#options.onDropped('export_timeout', unanswered);
  }

  #post(message: Message, withMetrics: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isOver) return;
    const spans = this.#queue;
    this.#queue = [];
    try {
      const metrics = withMetrics ? (this.#collect?.() ?? []) : [];
      this.#acknowledged.reportFailed();
      // A process that recorded nothing starts no thread, not even to say that.
      if (this.#broken || (spans.length === 0 && metrics.length === 0 && this.#worker === undefined)) return this.#lose(spans);
      this.#worker ??= this.#start();
      this.#worker.postMessage({ ...message, ...(spans.length > 0 ? { spans } : {}), ...(metrics.length > 0 ? { metrics } : {}) });
      this.#posted += spans.length;
    } catch {
      this.#lose(spans);
    }
  }

  #start(): Worker {
    const { cells, words } = this.#acknowledged;
    const { resource, worker } = this.#options;
    return startThread({ data: { resource, cells, words }, env: this.#env, file: worker, onGone: () => (this.#broken = true) });
  }

  #lose(spans: readonly PlainSpan[]): void {
    if (spans.length > 0) this.#options.onDropped('export_failed', spans.length);
  }
}
