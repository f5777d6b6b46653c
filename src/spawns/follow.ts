/** What an agent's function returns with a `then` that is no promise's. */
/* oxlint-disable unicorn/no-thenable */

type Then = (this: unknown, resolved?: unknown, rejected?: unknown, ...rest: unknown[]) => unknown;

interface Run {
  readonly completed: () => void;
  readonly failed: (error: unknown) => void;
}

/** The runs that wait for each `then` of ours: an app may return the same thenable from many. */
const waiting = new WeakMap<Then, Run[]>();

/**
 * Sees how a thenable comes out, when the caller asks it: asked by us too, many would do their work twice.
 * False where there is nothing to follow.
 */
export function follow(result: unknown, run: Run): boolean {
  try {
    const then = (result as { then?: Then } | null | undefined)?.then;
    if (typeof then !== 'function') return false;
    const others = waiting.get(then);
    if (others !== undefined) return others.push(run) > 0;
    return watch(result as { then: Then }, then, [run]);
  } catch {
    return false;
  }
}

function watch(thenable: { then: Then }, then: Then, runs: Run[]): boolean {
  const before = Object.getOwnPropertyDescriptor(thenable, 'then');
  const restore = (): boolean => (before === undefined ? Reflect.deleteProperty(thenable, 'then') : Reflect.defineProperty(thenable, 'then', before));
  const settled = (tell: (run: Run) => void): void => {
    for (const run of runs.splice(0)) tell(run);
    try {
      if (Object.getOwnPropertyDescriptor(thenable, 'then')?.value === watched) restore();
    } catch {
      // A Proxy of the app's.
    }
  };
  const watched: Then = function (resolved, rejected, ...rest) {
    const onResolved = (value: unknown): unknown => {
      settled(({ completed }) => completed());
      return typeof resolved === 'function' ? (resolved(value) as unknown) : value;
    };
    const onRejected = (error: unknown): unknown => {
      settled(({ failed }) => failed(error));
      if (typeof rejected === 'function') return rejected(error) as unknown;
      throw error;
    };
    return Reflect.apply(then, this, [onResolved, onRejected, ...rest]) as unknown;
  };
  if (!Reflect.defineProperty(thenable, 'then', { value: watched, configurable: true, writable: true })) return false;
  waiting.set(watched, runs);
  if (thenable.then === watched) return true;
  // A Proxy that answers with its own all the same.
  restore();
  return false;
}
