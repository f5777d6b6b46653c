/** Goes a road again and again: at once where there is more, later where the backend cannot take it now. */
import { clearTimeout, setTimeout } from 'node:timers';
import { steady } from '../clock.ts';
import { log } from '../log.ts';
import type { Lease } from './lease.ts';
import type { Report } from './report.ts';
import type { Road, Stop, Turn } from './road.ts';
import { Sender } from './sender.ts';
import type { ShippedSignal } from './paths.ts';

/** Milliseconds to the next try after the first failure, and at most. */
const FIRST_BACKOFF = 1_000;
const LAST_BACKOFF = 30_000;
/** A backend that asks for more is asked again after this. */
const LONGEST_RETRY_AFTER = 15 * 60_000;
/** Shorter than the transport's own first retry, in ms: at the end there is no time to wait for one. */
const QUICK = 790;
/** So long, in ms, after it took everything a backend counts as well. */
const WELL_FOR = 60_000;

export interface SignalLoopOptions {
  readonly signal: ShippedSignal;
  readonly road: Road;
  readonly lease: Lease;
  readonly report: Report;
  /** Milliseconds between two passes. */
  readonly every: number;
}

export class SignalLoop {
  readonly #options: SignalLoopOptions;
  readonly sender: Sender;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #failures = 0;
  #wellAt = -Infinity;
  /** On the monotonic clock: no request begins later. */
  #until = Infinity;
  #ending = false;

  constructor(options: SignalLoopOptions) {
    this.#options = options;
    this.sender = new Sender({ signal: options.signal });
  }

  /** Resolves when it was ended, or the lease was lost. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** One pass, now, instead of `run`, until then at most (on the monotonic clock). Undefined: everything was sent. */
  async once(until: number): Promise<Stop | undefined> {
    this.#until = until;
    const pass = this.#pass({ isLast: true });
    const stop = (await within(until - steady(), pass)) ?? (await pass);
    this.#options.report.pass(this.#options.signal, stop, undefined);
    return stop;
  }

  async #pass({ isLast = false, sender = this.sender }: Partial<Pick<Turn, 'isLast' | 'sender'>> = {}): Promise<Stop | undefined> {
    const { signal, road } = this.#options;
    let stop: Stop | undefined;
    try {
      stop = await road.pass({ sender, isLast, isOver: () => steady() >= this.#until });
    } catch (error) {
      stop = { kind: 'unavailable', said: (error as Error).message };
      log('error', 'ship', 'files_failed', `the files of ${signal} cannot be read: ${stop.said}`);
    }
    if (stop === undefined) {
      this.#failures = 0;
      this.#wellAt = steady();
    }
    return stop;
  }

  /** A last pass, at most until then (on the monotonic clock), and no other. */
  async end(until: number): Promise<void> {
    const { signal, lease, report } = this.#options;
    this.#ending = true;
    const begun = steady();
    // Of a backend that is not known to be well, one quick try must tell.
    const isWell = begun - this.#wellAt < WELL_FOR;
    this.#until = isWell ? until : Math.min(until, begun + 2 * QUICK);
    const timeout = (): number => Math.max(1, Math.min(isWell ? Infinity : QUICK, until - steady()));
    this.#wake?.();
    // The request on its way; where it has failed once, nobody waits for what comes of it.
    const before = this.#running && (await within(timeout(), this.#running, this.sender.trouble));
    if (!lease.held) return;
    if (before !== undefined) return report.ended(signal, before);
    const sender = new Sender({ signal, timeout: timeout() });
    const last = this.#pass({ isLast: true, sender });
    const stop = (await within(until - steady(), last)) ?? (await last);
    report.ended(signal, stop);
  }

  async #run(): Promise<void> {
    const { signal, lease, report, every } = this.#options;
    while (!this.#ending) {
      const stop = await this.#pass();
      if (stop?.kind === 'lost' || !lease.held) return;
      const delay = stop === undefined ? every : this.#delay(stop);
      report.pass(signal, stop, stop && Date.now() + delay);
      await this.#sleep(delay);
    }
  }

  #delay({ kind, retryAfter }: Stop): number {
    // A backend may ask for no pause at all, or for one by a clock that is behind.
    if (retryAfter !== undefined) return Math.min(Math.max(retryAfter, this.#options.every), LONGEST_RETRY_AFTER);
    if (kind === 'misconfigured') return LAST_BACKOFF;
    const backoff = Math.min(FIRST_BACKOFF * 2 ** this.#failures++, LAST_BACKOFF);
    return backoff * (0.8 + 0.4 * Math.random());
  }

  #sleep(milliseconds: number): Promise<void> {
    if (this.#ending) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Undefined: it resolved in time, and before there was trouble. */
async function within(milliseconds: number, promise: Promise<unknown>, trouble?: Promise<string>): Promise<Stop | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Stop>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'over', said: 'there was no time left' }), Math.min(Math.max(0, milliseconds), 2 ** 31 - 1));
  });
  const failed = trouble?.then((said): Stop => ({ kind: 'unavailable', said }));
  return Promise.race([promise.then(() => undefined), late, ...(failed ? [failed] : [])]).finally(() => clearTimeout(timer));
}
