/** What a program can listen to. Listeners are the app's: what they throw, or reject with, is said and goes no further. */
import { EventEmitter } from 'node:events';
import { log, messageOf } from '../log.ts';
import type { ExportEvents } from './publish-options.ts';

export const emitter = new EventEmitter();
// As many as an app likes: a warning on stderr would be ours.
emitter.setMaxListeners(0);

/** Calls every listener, also when one of them throws. */
export function emit<K extends keyof ExportEvents>(event: K, ...values: ExportEvents[K]): void {
  if (emitter.listenerCount(event) === 0) return;
  for (const listener of emitter.rawListeners(event)) {
    call(() => (listener as (...of: ExportEvents[K]) => unknown).apply(emitter, values), (error) => {
      log('error', 'exports', `listener_${event}`, `a listener of exports.on('${event}') threw: ${messageOf(error)}; the publish goes on`);
    });
  }
}

/** Calls a listener of the app's, which may be asynchronous. */
export function call(listener: () => unknown, failed: (error: unknown) => void): void {
  try {
    const returned = listener();
    if (returned instanceof Promise) returned.catch(failed);
  } catch (error) {
    failed(error);
  }
}
