/** The context of spans that no SDK of the app takes: AsyncLocalStorage, and as little as possible around it. */
import type { Context, ContextManager } from '@opentelemetry/api';
import type { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';

type Listener = (...args: unknown[]) => unknown;
const ADDERS = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'] as const;

export class GuestContextManager implements ContextManager {
  readonly #root: Context;
  readonly #storage: AsyncLocalStorage<Context>;

  constructor(root: Context, storage: AsyncLocalStorage<Context>) {
    this.#root = root;
    this.#storage = storage;
  }

  active(): Context {
    return this.#storage.getStore() ?? this.#root;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(context: Context, fn: F, thisArg?: ThisParameterType<F>, ...args: A): ReturnType<F> {
    return this.#storage.run(context, () => fn.call(thisArg as ThisParameterType<F>, ...args));
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target === 'function') return this.#bound(context, target as unknown as Listener) as unknown as T;
    if (isEmitter(target)) this.#bindEmitter(context, target);
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }

  #bound(context: Context, listener: Listener): Listener {
    const storage = this.#storage;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return storage.run(context, () => listener.apply(this, args));
    };
    Object.defineProperty(bound, 'length', { value: listener.length, configurable: true });
    return bound;
  }

  /** Listeners added from now on run in the context. Node finds them for removal by `listener`, as with `once`. */
  #bindEmitter(context: Context, emitter: EventEmitter): void {
    const append = emitter.on.bind(emitter);
    const prepend = emitter.prependListener.bind(emitter);
    for (const name of ADDERS) {
      const once = name === 'once' || name === 'prependOnceListener';
      // Node's `once` calls `on` with a wrapper of its own, so ours adds its one-time listener itself.
      const add = name.startsWith('prepend') ? prepend : append;
      const wrapped = (event: string | symbol, listener: Listener): EventEmitter => {
        if (typeof listener !== 'function') return add(event, listener);
        const bound = this.#bound(context, listener);
        const added = once
          ? (...args: unknown[]): unknown => {
              emitter.removeListener(event, added);
              return bound.apply(emitter, args);
            }
          : bound;
        return add(event, Object.assign(added, { listener }));
      };
      Object.defineProperty(emitter, name, { value: wrapped, configurable: true, writable: true });
    }
  }
}

function isEmitter(target: unknown): target is EventEmitter {
  return typeof target === 'object' && target !== null && ADDERS.every((name) => typeof (target as Record<string, unknown>)[name] === 'function');
}
