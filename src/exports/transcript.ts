/**
 * A transcript: what happened in a run, in order. The newest entries are kept, so a run of any length needs
 * bounded memory, and what was dropped is counted.
 *
 * ```js
 * const transcript = exports.transcript({ name: 'triage' });
 * transcript.listen(app, ['prompt', 'answer']);
 * transcript.record({ event: 'prompt', promptId: 'p1', title: 'Which branch?', action: 'asked' });
 * await exports.publish(transcript.artifacts(), { to: 'dir:out' });
 * ```
 *
 * Nothing here throws into the app, and no timer keeps it alive.
 */
import { clearTimeout, setTimeout } from 'node:timers';
import { trace } from '@opentelemetry/api';
import { log, messageOf } from '../log.ts';
import { call } from './events.ts';
import { type TranscriptEntry, type TranscriptEvent, transcriptEntry } from './transcript-entry.ts';
import { type Listenable, type Reading, attach } from './transcript-listen.ts';
import { Ring } from './ring.ts';
import { type TranscriptArtifact, type TranscriptFormat, transcriptArtifacts, transcriptCsv, transcriptJson, transcriptMarkdown } from './transcript-text.ts';

export type { TranscriptEntry, TranscriptEvent } from './transcript-entry.ts';
export type { Listenable, Reading } from './transcript-listen.ts';
export type { TranscriptArtifact, TranscriptFormat } from './transcript-text.ts';

export interface TranscriptOptions {
  /** The artifacts' name, without ending. Default: `transcript`. */
  readonly name?: string | undefined;
  /** How many entries are kept, the newest. Default 10,000; from 1 to 1,000,000. */
  readonly maxEntries?: number | undefined;
  /** A longer text (narrative, title …) is cut to so many characters. Default 10,000. Metadata whose JSON is longer, and longer than 10,000, is kept as its beginning, `{ cut: … }`. */
  readonly maxTextLength?: number | undefined;
  /** Least milliseconds between two change events. Default 100. */
  readonly throttle?: number | undefined;
  /** Each record is an event on the active span too: its name, prompt id and action, never its texts. Default: false. */
  readonly spanEvents?: boolean | undefined;
}

/** What a change event says. */
export interface TranscriptChange {
  /** Entries recorded since the last change event. */
  readonly recorded: number;
  /** Entries that are kept. */
  readonly size: number;
  /** Entries that had to make place for newer ones, since the start. */
  readonly dropped: number;
}

export class Transcript {
  readonly name: string;
  readonly #ring: Ring<TranscriptEntry>;
  readonly #maxText: number;
  readonly #throttle: number;
  readonly #spanEvents: boolean;
  readonly #listeners = new Set<(change: TranscriptChange) => void>();
  readonly #sources = new Set<() => void>();
  #announced = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options?: TranscriptOptions) {
    const { name, maxEntries, maxTextLength, throttle, spanEvents } = options ?? {};
    this.name = typeof name === 'string' && name !== '' ? name : 'transcript';
    this.#ring = new Ring(within('maxEntries', maxEntries, 10_000, 1, 1_000_000));
    this.#maxText = within('maxTextLength', maxTextLength, 10_000, 1, 1e9);
    this.#throttle = within('throttle', throttle, 100, 0, 86_400_000);
    this.#spanEvents = spanEvents === true;
  }

  /** Records one event. False when it is none, or the transcript is closed. */
  record(event: TranscriptEvent): boolean {
    try {
      return this.#record(event?.event, event);
    } catch (error) {
      return this.#refused(error);
    }
  }

  #refused(error: unknown): false {
    log('error', 'exports', 'bad_transcript_event', `transcript "${this.name}": ${messageOf(error)}; the event is not recorded`);
    return false;
  }

  /** An app's own payload as it came: no object is made on the way, since whoever dispatches waits for it. */
  readonly #record = (name: string, event: Omit<TranscriptEvent, 'event'>): boolean => {
    if (this.#isClosed) return false;
    try {
      if (typeof name !== 'string' || name === '') throw new TypeError('`event` must be a text that says what happened');
      const entry = transcriptEntry(this.#ring.pushed + 1, name, event, this.#maxText);
      this.#ring.push(entry);
      if (this.#spanEvents) addSpanEvent(entry);
      if (this.#listeners.size > 0 && this.#timer === undefined) this.#timer = setTimeout(() => this.#announce(), this.#throttle).unref();
      return true;
    } catch (error) {
      return this.#refused(error);
    }
  };

  /**
   * Records what an EventEmitter or EventTarget tells, until the returned function or `close` is called. `events`
   * is a list of names (fields of the same names are taken from the payload, a text is the narrative), or says
   * for each name what to record. Listening to an emitter's `error` does not make it count as handled.
   */
  listen(source: Listenable, events: readonly string[] | Readonly<Record<string, Reading>>): () => void {
    const detach = attach(source, events, this.#record);
    this.#sources.add(detach);
    return () => {
      this.#sources.delete(detach);
      detach();
    };
  }

  /** Calls `listener` after changes, at most once in `throttle` milliseconds. Returns how to stop it. */
  onChange(listener: (change: TranscriptChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The entries that are kept, the oldest first. */
  get entries(): TranscriptEntry[] {
    return this.#ring.list();
  }

  /** How many are kept. */
  get size(): number {
    return this.#ring.size;
  }

  /** How many had to make place for newer ones. */
  get dropped(): number {
    return this.#ring.pushed - this.#ring.size;
  }

  /** Stops listening, tells the last change, and records nothing any more; what was recorded stays. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const detach of this.#sources) detach();
    this.#sources.clear();
    if (this.#timer !== undefined) this.#announce();
  }

  /** One object: name, counts, entries (each with `isoTime`). */
  toJson(): string {
    return transcriptJson(this);
  }

  /** RFC 4180; a text that a spreadsheet would run as a formula has an apostrophe before it. */
  toCsv(): string {
    return transcriptCsv(this);
  }

  /** A table, every text escaped. */
  toMarkdown(): string {
    return transcriptMarkdown(this);
  }

  /** To be published: one artifact for each format. Default: all three. */
  artifacts(formats: readonly TranscriptFormat[] = ['json', 'csv', 'markdown']): TranscriptArtifact[] {
    return transcriptArtifacts(this, formats);
  }

  #announce(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const change = { recorded: this.#ring.pushed - this.#announced, size: this.size, dropped: this.dropped };
    this.#announced = this.#ring.pushed;
    for (const listener of this.#listeners) {
      call(() => listener(change), (error) => {
        log('error', 'exports', 'transcript_listener', `transcript "${this.name}": a change listener threw: ${messageOf(error)}`);
      });
    }
  }
}

function addSpanEvent({ event, sequence, promptId, action, timestamp }: TranscriptEntry): void {
  trace.getActiveSpan()?.addEvent(
    event,
    {
      'spoor.transcript.sequence': sequence,
      ...(promptId !== undefined && { 'spoor.transcript.prompt_id': promptId }),
      ...(action !== undefined && { 'spoor.transcript.action': action }),
    },
    timestamp,
  );
}

function within(name: string, value: number | undefined, standard: number, least: number, most: number): number {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return value ?? standard;
  log('error', 'exports', 'bad_transcript_option', `transcript: ${name} must be a whole number from ${least} to ${most}; using ${standard}`);
  return standard;
}
