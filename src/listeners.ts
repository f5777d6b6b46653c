/** Listeners of ours on emitters of the app's: with them it is warned of a leak when it would be without them, and not before. */
import type { EventEmitter } from 'node:events';

/** Makes room for one more listener of each event. */
export function makeRoom(emitter: EventEmitter): void {
  const most = emitter.getMaxListeners();
  // 0 is no limit.
  if (most > 0) emitter.setMaxListeners(most + 1);
}

/** What is done when the process exits, by one listener for all. */
const works: (() => void)[] = [];

/** Calls `work` when the process exits: after what is to be done already, or with `first` before it. */
export function atExit(work: () => void, first = false): void {
  if (works.length === 0) {
    makeRoom(process);
    process.on('exit', () => {
      for (const one of works) one();
    });
  }
  if (first) works.unshift(work);
  else works.push(work);
}
