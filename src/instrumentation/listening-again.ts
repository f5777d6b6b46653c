/** `removeAllListeners`, by which an app means its own listeners: ours are put back, or the end would not be seen. */
import { runtime } from '../runtime.ts';
import type { Call } from './wrap.ts';

/** Whether an event is among those meant. */
export type Events = (event: string | symbol) => boolean;
export const ALL: Events = () => true;

/** @param listen adds our listeners of those events */
export function listeningAgain(args: unknown[], listen: (to: Events) => void): Call {
  return {
    args,
    end() {
      try {
        listen((event) => args.length === 0 || args[0] === event);
      } catch {
        // The app's own `newListener` threw.
        runtime()?.dropped('instrumentation_fault');
      }
    },
  };
}
