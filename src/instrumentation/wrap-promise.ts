/**
 * Puts a wrapper in the place of a method that returns a promise, so that nobody can tell but by a microtask.
 *
 * What is returned is the promise's own successor (`.then`), not a second reaction to it and not an async function:
 * V8 follows a chain of one reaction each when it collects the async frames of an error, so the app's frames stay,
 * and there is none of ours among them. Only while the method's synchronous part runs is a frame of ours on the
 * stack; the line that it leaves in errors made then is taken out when they come by.
 */
import { performance } from 'node:perf_hooks';
import { types } from 'node:util';
import type { CallScope, Outermost } from './call-scope.ts';
import { enter, leave, rethrowFrom, takeOutFrames } from './frames.ts';

/** Looks at outermost calls before they are made. Undefined leaves a call as it is. Never throws. */
export interface Watcher {
  begin(name: string, self: unknown, args: readonly unknown[]): Outermost | undefined;
}

export interface WrapOptions {
  /** Which calls are inside of which. */
  readonly scope: CallScope;
  readonly current: () => Watcher | undefined;
  /** It calls the library's own methods on objects of the app's, after it has waited. Default: false. */
  readonly goesOn?: boolean;
  /** Whether an object is the library's own affair, so that what is called on it is inside of something. */
  readonly isInner?: ((self: unknown) => boolean) | undefined;
  /** It makes its error before it waits, and throws it later or not at all. Default: errors of `MADE_FIRST` only. */
  readonly makesErrorFirst?: boolean;
  /** Makes one argument before the original would. It is called by the wrapper itself, for whoever looks at the frame above. */
  readonly prepare?: { readonly index: number; readonly make: (name: string, argument: unknown) => unknown } | undefined;
  /** Follows what is no promise but has one inside; undefined when it has none. */
  readonly unwrap?: ((result: unknown, follow: (promise: Promise<unknown>) => Promise<unknown>) => unknown) | undefined;
}

/** A function like `original`: same name, length and properties. */
export function wrapPromiseMethod<T extends Function>(name: string, original: T, options: WrapOptions): T {
  const { scope, current, goesOn = false, isInner, prepare, unwrap, makesErrorFirst = false } = options;
  // A proxy, so that the frame has a name that is known to be ours and the function's own properties are the original's.
  const named = {
    __spoorCall(target: T, self: unknown, args: unknown[]): unknown {
      if (prepare !== undefined) {
        try {
          args[prepare.index] = prepare.make(name, args[prepare.index]);
        } catch {
          // The original will say what is wrong with it.
        }
      }
      const outer = scope.current;
      if (outer !== undefined) outer.inner?.(name, self, args);
      if (outer !== undefined || isInner?.(self) === true) {
        const raised = enter();
        try {
          return Reflect.apply(target, self, args) as unknown;
        } catch (error) {
          // Who waits for the outermost call may have it much later, when it is not known any more to be of this one.
          takeOutFrames(error);
          throw error;
        } finally {
          leave(raised);
        }
      }
      const call = current()?.begin(name, self, args);
      // One that nobody records has a frame of ours all the same.
      const open = call === undefined ? UNRECORDED : scope.enter(call, goesOn);
      const raised = enter();
      let result: unknown;
      try {
        result = Reflect.apply(target, self, args);
      } catch (error) {
        takeOutFrames(error);
        open.end({ error });
        return rethrowFrom(error);
      } finally {
        leave(raised);
        if (call !== undefined) scope.leave(goesOn);
      }
      const made = makesErrorFirst ? ALWAYS : thisTurn();
      if (types.isPromise(result)) return follow(result, open, made);
      const followed = unwrap?.(result, (promise) => follow(promise, open, made));
      if (followed !== undefined) return followed;
      open.end({ result });
      return result;
    },
  };
  return new Proxy(original, { apply: named.__spoorCall });
}

const UNRECORDED: Outermost = { end() {} };

function follow(promise: Promise<unknown>, open: Outermost, made: number): Promise<unknown> {
  return promise.then(
    (result) => {
      open.end({ result });
      return result;
    },
    (error: unknown) => {
      clean(error, made);
      open.end({ error });
      throw error;
    },
  );
}

/** Errors that Puppeteer makes when it sends a command, for if it fails; and before it waits for a document that does not come. */
const MADE_FIRST = new Set(['ProtocolError', 'TargetCloseError']);
const NO_DOCUMENT = 'Execution context was destroyed';

/**
 * Only an error that was there before anything was waited for has our line. Of any other the stack is not even read:
 * then Node knows no more where it was made, and prints another line of source when the app dies of it.
 */
function clean(error: unknown, made: number): void {
  const { name, message, cause } = (error ?? {}) as { name?: string; message?: unknown; cause?: unknown };
  if (made === ALWAYS || made === thisTurn() || MADE_FIRST.has(name!) || message === NO_DOCUMENT) takeOutFrames(error);
  // What it was caused by may have been made before the method began to wait.
  else takeOutFrames(cause);
}

const ALWAYS = -1;
const { nodeTiming } = performance;

/** How often the event loop has looked for news: what is waited for comes in a later turn. Counted by Node itself, so it costs a call next to nothing. */
function thisTurn(): number {
  return nodeTiming.uvMetricsInfo.loopCount;
}
