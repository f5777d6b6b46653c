/**
 * The real clocks, whatever fake timers a test of the app's own installs later: those that the first copy of spoor
 * found in this thread. Most of spoor loads with the first operation, and by then they may be fake.
 */
interface Clocks {
  readonly now: () => number;
  readonly hrtime: () => [seconds: number, nanoseconds: number];
}

const KEY = Symbol.for('spoor.clocks');
type Slot = { readonly [KEY]?: Clocks };

/** Keeps those of now for all that loads later in this thread. */
export function keepClocks(): Clocks {
  const slot = globalThis as Slot;
  if (slot[KEY] === undefined) Object.defineProperty(slot, KEY, { value: { now: Date.now, hrtime: process.hrtime } });
  return slot[KEY]!;
}

const { hrtime, now: dateNow } = keepClocks();

/** Milliseconds since the epoch. */
export const now = dateNow;

/** Milliseconds by a clock that never goes back. Not `performance`: up to 80 KB of Node's own, which takes 2 ms to load. */
export function steady(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
