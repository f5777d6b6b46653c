/** What a program can listen to. Listeners are the app's: what they throw stays theirs. */
import { EventEmitter } from 'node:events';
import { log } from '../log.ts';
import type { ExportEvents } from './publish-options.ts';

export const emitter = new EventEmitter();
// As many as an app likes: a warning on stderr would be ours.
emitter.setMaxListeners(0);

/** Calls every listener, also when one of them throws. */
export function emit<K extends keyof ExportEvents>(event: K, ...values: ExportEvents[K]): void {
  if (emitter.listenerCount(event) === 0) return;
  for (const listener of emitter.rawListeners(event)) {
    try {
      (listener as (...of: ExportEvents[K]) => void).apply(emitter, values);
    } catch (error) {
      log('error', 'exports', `listener_${event}`, `a listener of exports.on('${event}') threw: ${(error as Error)?.message}; the publish goes on`);
    }
  }
}
