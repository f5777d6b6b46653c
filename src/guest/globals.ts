/**
 * The context manager and the propagator that the API has until the app registers its own.
 *
 * All copies of the API share one object on `globalThis`, which belongs to the version that registered first,
 * and a second registration is an error. So ours are in it only as long as nobody else wants to be: before
 * anything is registered they are taken out, and put back where the app has no tracer provider of its own.
 */
import type { ContextManager, TextMapPropagator } from '@opentelemetry/api';
import type { ApiCopy } from './slot.ts';

const KEY = Symbol.for('opentelemetry.js.api.1');
type Registry = { version: string } & Record<string, unknown>;
type Global = { [KEY]?: Registry };

/** The runtime's own copy of the API reads this version and later ones. */
const OLDEST_READABLE = '1.9.1';

export class GuestGlobals {
  readonly #ours: { context: ContextManager; propagation: TextMapPropagator };
  #registry: Registry | undefined;
  /** Highest version among the adopted copies: each can read a registry of its own version or a later one. */
  #version = OLDEST_READABLE;
  readonly #onTakenOver: () => void;
  readonly #wrappers: (() => void)[] = [];

  /** @param onTakenOver called when the app has registered a tracer provider */
  constructor(context: ContextManager, propagation: TextMapPropagator, onTakenOver: () => void) {
    this.#ours = { context, propagation };
    this.#onTakenOver = onTakenOver;
  }

  /** From now on registrations through this copy of the API find the place free. */
  attend(api: ApiCopy): void {
    this.#yielding(() => this.#learnVersion(api));
    this.#wrap(api.trace, 'setGlobalTracerProvider');
    this.#wrap(api.context, 'setGlobalContextManager');
    this.#wrap(api.propagation, 'setGlobalPropagator');
    this.#wrap(api.metrics, 'setGlobalMeterProvider');
    // Only the first logger makes the registry; later ones are none of our affair.
    this.#wrap(api.diag, 'setLogger', true);
  }

  #wrap(owner: object, method: string, once = false): void {
    const methods = owner as Record<string, (...args: unknown[]) => unknown>;
    const register = methods[method];
    if (typeof register !== 'function') return;
    const before = Object.getOwnPropertyDescriptor(owner, method);
    const unwrap = (): void => {
      if (methods[method] !== wrapped) return;
      if (before) Object.defineProperty(owner, method, before);
      else delete methods[method];
    };
    const wrapped = (...args: unknown[]): unknown => {
      if (once) unwrap();
      return this.#yielding(() => Reflect.apply(register, owner, args) as unknown);
    };
    Object.defineProperty(owner, method, { value: wrapped, configurable: true, writable: true });
    this.#wrappers.push(unwrap);
  }

  #yielding<T>(register: () => T): T {
    this.#withdraw();
    try {
      return register();
    } finally {
      this.#restore();
    }
  }

  #withdraw(): void {
    const registry = (globalThis as Global)[KEY];
    if (registry === undefined) return;
    for (const name of ['context', 'propagation'] as const) if (registry[name] === this.#ours[name]) delete registry[name];
    if (registry === this.#registry && Object.keys(registry).length === 1) delete (globalThis as Global)[KEY];
  }

  #restore(): void {
    const registry = (globalThis as Global)[KEY];
    if (registry?.trace !== undefined) {
      // Nothing of ours is left on any copy.
      for (const unwrap of this.#wrappers.splice(0)) unwrap();
      return this.#onTakenOver();
    }
    if (registry !== undefined && registry !== this.#registry) {
      // The app's own: its version stays, ours is only added where it has nothing.
      for (const name of ['context', 'propagation'] as const) registry[name] ??= this.#ours[name];
      return;
    }
    this.#registry = { version: this.#version, ...this.#ours };
    this.#publish(this.#registry);
  }

  /**
   * A copy of the API that was never seen (bundled into the app) registers by writing the registry back to
   * where it read it from, and only then looks whether the place is taken: so it is free by then.
   */
  #publish(registry: Registry): void {
    Object.defineProperty(globalThis, KEY, {
      configurable: true,
      enumerable: true,
      get: () => registry,
      set: (value: Registry) => {
        Object.defineProperty(globalThis, KEY, { value, configurable: true, enumerable: true, writable: true });
        delete registry.context;
        delete registry.propagation;
      },
    });
  }

  /** A copy does not tell its version, but writes it into the registry when it registers something. */
  #learnVersion(api: ApiCopy): void {
    const place = Object.getOwnPropertyDescriptor(globalThis, KEY);
    delete (globalThis as Global)[KEY];
    api.context.setGlobalContextManager(this.#ours.context);
    const version = (globalThis as Global)[KEY]?.version;
    delete (globalThis as Global)[KEY];
    if (place) Object.defineProperty(globalThis, KEY, place);
    if (version !== undefined && minor(version) > minor(this.#version)) this.#version = version;
  }
}

function minor(version: string): number {
  return Number(version.split('.')[1]);
}
