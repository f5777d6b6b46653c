/** What the holder knows of its sending: written to `ship/status.json` for `spoor doctor`, and said in the log once. */
import { closeSync } from 'node:fs';
import { steady } from '../clock.ts';
import { log } from '../log.ts';
import { replaceFile } from '../store/replace.ts';
import { statusPath, type ShippedSignal } from './paths.ts';
import type { Stop } from './road.ts';

export interface SendingFacts {
  /** Where to. */
  readonly url: string;
  /** Epoch milliseconds of the last request that was taken. */
  readonly lastSuccess: number | undefined;
  /** What ended the last pass before its end: undefined when all was sent. */
  readonly trouble: { readonly kind: Stop['kind']; readonly said: string; readonly at: number; readonly retryAt: number | undefined } | undefined;
  /** Lines (of numbers: requests) that were taken since this holder began. */
  readonly sent: number;
  /** Epoch milliseconds of the last pass. */
  readonly at: number | undefined;
}

export type StatusFile = { readonly version: 1 } & { readonly [S in ShippedSignal]?: SendingFacts };

/** Milliseconds between two writes while nothing changes its kind. */
const WRITE_EVERY = 2_000;

export class Report {
  readonly #directory: string;
  readonly #confirm: () => boolean;
  readonly #facts: { [S in ShippedSignal]?: SendingFacts } = {};
  #writtenAt = -Infinity;

  constructor(directory: string, confirm: () => boolean) {
    this.#directory = directory;
    this.#confirm = confirm;
  }

  of(signal: ShippedSignal): SendingFacts | undefined {
    return this.#facts[signal];
  }

  begin(signal: ShippedSignal, url: string, before: SendingFacts | undefined): void {
    this.#facts[signal] = { url, lastSuccess: before?.lastSuccess, trouble: undefined, sent: 0, at: undefined };
  }

  sent(signal: ShippedSignal, lines: number): void {
    const facts = this.#facts[signal]!;
    this.#facts[signal] = { ...facts, lastSuccess: Date.now(), sent: facts.sent + lines };
  }

  /** A pass has ended. */
  pass(signal: ShippedSignal, stop: Stop | undefined, retryAt: number | undefined): void {
    const facts = this.#facts[signal]!;
    const changed = facts.trouble?.kind !== stop?.kind;
    if (changed) this.#say(signal, facts, stop);
    this.#facts[signal] = { ...facts, at: Date.now(), trouble: stop && { kind: stop.kind, said: stop.said, at: Date.now(), retryAt } };
    this.write(changed || facts.at === undefined);
  }

  /** The last send is over. What it could not send the next holder will: nothing that the app's user must hear of. */
  ended(signal: ShippedSignal, stop: Stop | undefined): void {
    const facts = this.#facts[signal]!;
    const changed = stop?.kind === 'misconfigured' && facts.trouble?.kind !== stop.kind;
    if (changed) this.#say(signal, facts, stop);
    else if (stop !== undefined) log('info', 'ship', `left_${signal}`, `not everything was sent to ${facts.url}: ${stop.said}; it is kept in ${this.#directory} for the next process, or \`spoor ship\``);
    this.#facts[signal] = { ...facts, at: Date.now(), trouble: stop && { kind: stop.kind, said: stop.said, at: Date.now(), retryAt: undefined } };
  }

  write(now: boolean): void {
    if (!now && steady() - this.#writtenAt < WRITE_EVERY) return;
    this.#writtenAt = steady();
    try {
      const content = JSON.stringify({ version: 1, ...this.#facts } satisfies StatusFile);
      closeSync(replaceFile(statusPath(this.#directory), [Buffer.from(`${content}\n`)], { confirm: this.#confirm }));
    } catch {
      // Nobody is hurt by an old status.
    }
  }

  #say(signal: ShippedSignal, { url, trouble }: SendingFacts, stop: Stop | undefined): void {
    const what = signal === 'traces' ? 'spans' : 'numbers';
    if (stop?.kind === 'unavailable') log('warn', 'ship', `unavailable_${signal}`, `${what} cannot be sent to ${url} now: ${stop.said}; they are kept in ${this.#directory} and sent later`);
    else if (stop?.kind === 'misconfigured')
      log('error', 'ship', `misconfigured_${signal}`, `${what} cannot be sent to ${url}: ${stop.said}; they are kept in ${this.#directory} until the OTEL_EXPORTER_OTLP_* settings or the backend are put right`);
    else if (stop === undefined && trouble !== undefined) log('info', 'ship', `resumed_${signal}`, `${what} are sent to ${url} again`);
  }
}
