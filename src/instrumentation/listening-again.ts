/** `removeAllListeners`, by which an app means its own listeners: ours are put back, or the end would not be seen. */
import { errorMonitor } from 'node:events';
import { runtime } from '../runtime.ts';
import type { Call } from './wrap.ts';

/** Whether an event is among those meant. */
export type Events = (event: string | symbol) => boolean;
export const ALL: Events = () => true;

/** @param listen adds our listeners of those events, unless they are there or no longer needed */
export function listeningAgain(args: unknown[], listen: (to: Events) => void): Call {
  const again = (to: Events): void => {
    try {
      listen((event) => (args.length === 0 || args[0] === event) && to(event));
    } catch {
      // The app's own `newListener` threw.
      runtime()?.dropped('instrumentation_fault');
    }
  };
  return {
    args,
    end() {
      again((event) => event === errorMonitor);
      // An error may come at once, an end may not: till then the app counts none of ours.
      process.nextTick(again, ALL);
    },
  };
}
