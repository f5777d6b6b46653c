/**
 * Which call of a library this code runs in: what a call does inside is a detail of it.
 *
 * Most of a driver's calls reach their inner ones before they first wait, so a field is enough for them. Only those
 * that go on later on objects of the app's own need an `AsyncLocalStorage`; until the first of these there is none,
 * because on Node before 24 it makes every promise of the process slower.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

/** One outermost call that is under way. */
export interface Outermost {
  /** A call within it has begun. Never throws. */
  inner?(name: string, self: unknown, args: readonly unknown[]): void;
  /** The call is over, once. Never throws. */
  end(outcome: { readonly result: unknown } | { readonly error: unknown }): void;
}

export class CallScope {
  /** One for all copies of spoor in the process. */
  static of(library: string): CallScope {
    const key = Symbol.for(`spoor.calls.${library}`);
    return ((globalThis as { [key]?: CallScope })[key] ??= new CallScope());
  }

  #now: Outermost | undefined;
  #storage: AsyncLocalStorage<LastingCall | undefined> | undefined;

  get current(): Outermost | undefined {
    if (this.#now !== undefined) return this.#now;
    const call = this.#storage?.getStore();
    return call?.isOver === false ? call : undefined;
  }

  /**
   * From here on, until `leave`, in this synchronous run; `goesOn`: and in all that it starts, until it is over.
   * @returns what to end in place of `call`
   */
  enter(call: Outermost, goesOn: boolean): Outermost {
    if (!goesOn) return (this.#now = call);
    const lasting = new LastingCall(call);
    // Not `run`, which would be a frame.
    (this.#storage ??= new AsyncLocalStorage()).enterWith(lasting);
    return (this.#now = lasting);
  }

  leave(goesOn: boolean): void {
    this.#now = undefined;
    if (goesOn) this.#storage!.enterWith(undefined);
  }
}

/** One that tells what it has started when it is over. */
class LastingCall implements Outermost {
  readonly #call: Outermost;
  isOver = false;

  constructor(call: Outermost) {
    this.#call = call;
  }

  inner(name: string, self: unknown, args: readonly unknown[]): void {
    this.#call.inner?.(name, self, args);
  }

  end(outcome: Parameters<Outermost['end']>[0]): void {
    this.isOver = true;
    this.#call.end(outcome);
  }
}
