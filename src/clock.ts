/** The real clocks, whatever fake timers a test of the app's own installs later. */
const { hrtime } = process;

/** Milliseconds since the epoch. */
export const { now } = Date;

/** Milliseconds by a clock that never goes back. Not `performance`: up to 80 KB of Node's own, which takes 2 ms to load. */
export function steady(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
