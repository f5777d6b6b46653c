/** `setMaxListeners` and `getMaxListeners` of what has a listener of ours: the limit that the app gives is for its own. */
import { EventEmitter } from 'node:events';
import type { Call } from './wrap.ts';

const { listenerCount } = EventEmitter.prototype;

/** @param listener ours */
export function limiting(sets: boolean, emitter: EventEmitter, args: unknown[], event: string, listener: (...args: never[]) => void): Call | undefined {
  if (Reflect.apply(listenerCount, emitter, [event, listener]) === 0) return undefined;
  const end = (): void => {};
  if (!sets) return { args, end, give: (limit) => (limit as number) && (limit as number) - 1 };
  const [limit] = args;
  // What Node refuses it is to see; 0 is no limit.
  return typeof limit === 'number' && limit > 0 ? { args: [limit + 1], end } : undefined;
}
