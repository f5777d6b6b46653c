/** Listening to what an app emits, without changing what its emitters do. */
import { errorMonitor } from 'node:events';
import { log, messageOf } from '../log.ts';
import type { TranscriptEvent } from './transcript-entry.ts';

/** An EventEmitter or an EventTarget. */
export type Listenable =
  | { on(event: string | symbol, listener: (...payload: unknown[]) => void): unknown; off(event: string | symbol, listener: (...payload: unknown[]) => void): unknown }
  | { addEventListener(event: string, listener: (event: unknown) => void): unknown; removeEventListener(event: string, listener: (event: unknown) => void): unknown };

/** What to record of an event; undefined: nothing. `event` is the event's name unless it says another. */
export type Reading = (...payload: never[]) => (Omit<TranscriptEvent, 'event'> & { readonly event?: string }) | undefined;

type Recording = (name: string, event: Omit<TranscriptEvent, 'event'>) => void;

/** Listens; returns how to stop. */
export function attach(source: Listenable, events: readonly string[] | Readonly<Record<string, Reading>>, record: Recording): () => void {
  const detach: (() => void)[] = [];
  try {
    const readings: [string, Reading | undefined][] = Array.isArray(events) ? events.map((name: string) => [name, undefined]) : Object.entries(events as Readonly<Record<string, Reading>>);
    for (const [name, reading] of readings) {
      const listener = reading === undefined ? (payload: unknown): void => record(name, fields(payload)) : readBy(name, reading, record);
      if ('addEventListener' in source) {
        source.addEventListener(name, listener);
        detach.push(() => source.removeEventListener(name, listener));
      } else {
        // An ordinary listener would make an `error` count as handled, and the app would live on.
        const heard = name === 'error' ? errorMonitor : name;
        source.on(heard, listener);
        detach.push(() => source.off(heard, listener));
      }
    }
  } catch (error) {
    log('error', 'exports', 'transcript_listen', `transcript.listen: not an EventEmitter or EventTarget, or no events of it: ${messageOf(error)}`);
  }
  return () => {
    for (const one of detach.splice(0)) {
      try {
        one();
      } catch (error) {
        log('error', 'exports', 'transcript_listen', `transcript: it cannot stop listening: ${messageOf(error)}`);
      }
    }
  };
}

function readBy(name: string, reading: Reading, record: Recording) {
  return (...payload: unknown[]): void => {
    try {
      const read = reading(...(payload as never[]));
      if (read !== undefined) record(read.event ?? name, read);
    } catch (error) {
      log('error', 'exports', 'transcript_reading', `transcript: an event "${name}" could not be read: ${messageOf(error)}`);
    }
  };
}

/** A payload with fields of the entry's names is taken as it is; a text, or an Error's, is the narrative. */
function fields(first: unknown): Omit<TranscriptEvent, 'event'> {
  if (typeof first === 'object' && first !== null) {
    if (first instanceof Error) return { narrative: first.message };
    // A CustomEvent brings its payload as `detail`.
    return first instanceof Event ? fields((first as CustomEvent).detail) : first;
  }
  return typeof first === 'string' ? { narrative: first } : {};
}
