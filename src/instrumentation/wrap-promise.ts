/**
 * Puts a wrapper in the place of a method that returns a promise, so that nobody can tell but by a microtask.
 *
 * What is returned is the promise's own successor (`.then`), not a second reaction to it and not an async function:
 * V8 follows a chain of one reaction each when it collects the async frames of an error, so the app's frames stay,
 * and there is none of ours among them. Only while the method's synchronous part runs is a frame of ours on the
 * stack; the line that it leaves in errors made then is taken out when they come by.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import { enter, leave, rethrowFrom, takeOutFrames } from './frames.ts';

/** One outermost call that is under way. */
export interface Outermost {
  /** A call within it has begun. Never throws. */
  inner?(name: string, self: unknown, args: readonly unknown[]): void;
  /** The call is over, once. Never throws. */
  end(outcome: { readonly result: unknown } | { readonly error: unknown }): void;
}

/** Looks at outermost calls before they are made. Undefined leaves a call as it is. Never throws. */
export interface Watcher {
  begin(name: string, self: unknown, args: readonly unknown[]): Outermost | undefined;
}

interface Scope {
  readonly call: Outermost;
  open: boolean;
}

/** The call that this code runs in, for each library of its own: what one does inside a call is a detail of it. */
export class CallScope {
  /** One for all copies of spoor in the process. */
  static of(library: string): CallScope {
    const key = Symbol.for(`spoor.calls.${library}`);
    return ((globalThis as { [key]?: CallScope })[key] ??= new CallScope());
  }

  readonly #storage = new AsyncLocalStorage<Scope | undefined>();

  get current(): Outermost | undefined {
    const scope = this.#storage.getStore();
    return scope?.open === true ? scope.call : undefined;
  }

  /** From here on, until `restore`, in this synchronous run and whatever it starts. No frame: `run` would be one. */
  enter(call: Outermost): { readonly scope: Scope; restore(): void } {
    const before = this.#storage.getStore();
    const scope: Scope = { call, open: true };
    this.#storage.enterWith(scope);
    return { scope, restore: () => this.#storage.enterWith(before) };
  }
}

export interface WrapOptions {
  /** Which calls are inside of which. */
  readonly scope: CallScope;
  readonly current: () => Watcher | undefined;
  /** The method makes its error before it waits, and throws it later or not at all. */
  readonly makesErrorFirst?: boolean;
  /** Makes one argument before the original would. It is called by the wrapper itself, for whoever looks at the frame above. */
  readonly prepare?: { readonly index: number; readonly make: (name: string, argument: unknown) => unknown } | undefined;
  /** Follows what is no promise but has one inside; undefined when it has none. */
  readonly unwrap?: ((result: unknown, follow: (promise: Promise<unknown>) => Promise<unknown>) => unknown) | undefined;
}

/** A function like `original`: same name, length and properties. */
export function wrapPromiseMethod<T extends Function>(name: string, original: T, { scope, current, prepare, unwrap, makesErrorFirst = false }: WrapOptions): T {
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
      const call = outer === undefined ? current()?.begin(name, self, args) : undefined;
      if (call === undefined) {
        outer?.inner?.(name, self, args);
        enter();
        try {
          const result = Reflect.apply(target, self, args) as unknown;
          return types.isPromise(result) ? cleaned(result, makesErrorFirst) : result;
        } catch (error) {
          takeOutFrames(error);
          return rethrowFrom(error);
        } finally {
          leave();
        }
      }
      const entered = scope.enter(call);
      enter();
      let result: unknown;
      try {
        result = Reflect.apply(target, self, args);
      } catch (error) {
        entered.scope.open = false;
        takeOutFrames(error);
        call.end({ error });
        return rethrowFrom(error);
      } finally {
        leave();
        entered.restore();
      }
      if (types.isPromise(result)) return follow(result, call, entered.scope, makesErrorFirst);
      return unwrap?.(result, (promise) => follow(promise, call, entered.scope, makesErrorFirst)) ?? finish(result, call, entered.scope);
    },
  };
  return new Proxy(original, { apply: named.__spoorCall });
}

function finish(result: unknown, call: Outermost, scope: Scope): unknown {
  scope.open = false;
  call.end({ result });
  return result;
}

function follow(promise: Promise<unknown>, call: Outermost, scope: Scope, makesErrorFirst: boolean): Promise<unknown> {
  const moment: Moment = { isOver: false };
  const followed = promise.then(
    (result) => finish(result, call, scope),
    (error: unknown) => {
      scope.open = false;
      clean(error, moment);
      call.end({ error });
      throw error;
    },
  );
  if (!makesErrorFirst) end(moment);
  return followed;
}

function cleaned(promise: Promise<unknown>, makesErrorFirst: boolean): Promise<unknown> {
  const moment: Moment = { isOver: false };
  const followed = promise.then(undefined, (error: unknown) => {
    clean(error, moment);
    throw error;
  });
  if (!makesErrorFirst) end(moment);
  return followed;
}

/** That of the call itself. */
interface Moment {
  isOver: boolean;
}

/**
 * Only an error that was there when the method returned has our line. Of any other the stack is not even read: then
 * Node knows no more where it was made, and prints another line of source when the app dies of it.
 */
function clean(error: unknown, moment: Moment): void {
  if (!moment.isOver) takeOutFrames(error);
  // What it was caused by may have been made before the method began to wait.
  else takeOutFrames((error as { cause?: unknown } | undefined)?.cause);
}

/** After the reactions to what is settled already. */
function end(moment: Moment): void {
  queueMicrotask(() => {
    moment.isOver = true;
  });
}
