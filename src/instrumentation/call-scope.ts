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

  #now: OpenCall | undefined;
  #storage: AsyncLocalStorage<OpenCall | undefined> | undefined;

  get current(): Outermost | undefined {
    const open = this.#now ?? this.#storage?.getStore();
    return open?.isOver === false ? open.call : undefined;
  }

  /** From here on, until `leave`, in this synchronous run; `goesOn`: and in all that it starts. */
  enter(call: Outermost, goesOn: boolean): OpenCall {
    const open = new OpenCall(call, this.#now, goesOn ? (this.#storage ??= new AsyncLocalStorage()).getStore() : undefined, goesOn);
    this.#now = open;
    // Not `run`, which would be a frame.
    if (goesOn) this.#storage!.enterWith(open);
    return open;
  }

  leave({ before, stored, goesOn }: OpenCall): void {
    this.#now = before;
    if (goesOn) this.#storage!.enterWith(stored);
  }
}

export class OpenCall {
  readonly call: Outermost;
  readonly before: OpenCall | undefined;
  readonly stored: OpenCall | undefined;
  readonly goesOn: boolean;
  isOver = false;

  constructor(call: Outermost, before: OpenCall | undefined, stored: OpenCall | undefined, goesOn: boolean) {
    this.call = call;
    this.before = before;
    this.stored = stored;
    this.goesOn = goesOn;
  }

  end(outcome: Parameters<Outermost['end']>[0]): void {
    this.isOver = true;
    this.call.end(outcome);
  }
}
