/**
 * The context manager and the propagator that adopted copies of the API have until the app registers its own.
 *
 * They are not registered: what is registered belongs to one version of the API, and a copy of another version,
 * perhaps bundled into the app and never seen by us, could register nothing any more. So the copies that we
 * know ask us where nothing is registered, and all else finds what it would find without us.
 */
import type { ContextManager, TextMapPropagator } from '@opentelemetry/api';
import { registered } from './registry.ts';
import type { ApiCopy } from './slot.ts';

type Method = (...args: unknown[]) => unknown;

const isFree = (signal: 'context' | 'propagation'): boolean => registered(signal) === undefined && registered('trace') === undefined;

export class GuestGlobals {
  readonly #context: ContextManager;
  readonly #propagation: TextMapPropagator;
  readonly #onTakenOver: () => void;
  readonly #wrappers: (() => void)[] = [];

  /** @param onTakenOver called when the app has registered a tracer provider through a copy that we know */
  constructor(context: ContextManager, propagation: TextMapPropagator, onTakenOver: () => void) {
    this.#context = context;
    this.#propagation = propagation;
    this.#onTakenOver = onTakenOver;
  }

  /** Ours, as long as the app has registered neither its own nor a tracer provider. */
  get context(): ContextManager | undefined {
    return isFree('context') ? this.#context : undefined;
  }

  /** The same for the propagator. */
  get propagation(): TextMapPropagator | undefined {
    return isFree('propagation') ? this.#propagation : undefined;
  }

  /** From now on this copy of the API finds ours. */
  attend(api: ApiCopy): void {
    const { context, propagation, defaultTextMapSetter, defaultTextMapGetter } = api;
    for (const method of ['active', 'with', 'bind'] as const) this.#wrap(context, method, (args) => this.context && [(this.context[method] as Method)(...args)]);
    this.#wrap(propagation, 'inject', ([of, carrier, setter]) => this.propagation && [this.propagation.inject(of as never, carrier, (setter ?? defaultTextMapSetter) as never)]);
    this.#wrap(propagation, 'extract', ([of, carrier, getter]) => this.propagation && [this.propagation.extract(of as never, carrier, (getter ?? defaultTextMapGetter) as never)]);
    this.#wrap(propagation, 'fields', () => this.propagation && [this.propagation.fields()]);
    this.#wrap(api.trace, 'setGlobalTracerProvider', (args, register) => {
      const result = register(...args);
      if (registered('trace') !== undefined) {
        for (const unwrap of this.#wrappers.splice(0)) unwrap();
        this.#onTakenOver();
      }
      return [result];
    });
  }

  /** @param ours gives its result in a list, or undefined where the method is the copy's own affair */
  #wrap(owner: object, name: string, ours: (args: unknown[], original: Method) => readonly [unknown] | undefined): void {
    const methods = owner as Record<string, Method>;
    const original = methods[name];
    if (typeof original !== 'function') return;
    const before = Object.getOwnPropertyDescriptor(owner, name);
    const call: Method = (...args) => Reflect.apply(original, owner, args) as unknown;
    const wrapped: Method = (...args) => {
      const result = ours(args, call);
      return result === undefined ? call(...args) : result[0];
    };
    Object.defineProperty(owner, name, { value: wrapped, configurable: true, writable: true });
    this.#wrappers.push(() => {
      if (methods[name] !== wrapped) return;
      if (before) Object.defineProperty(owner, name, before);
      else delete methods[name];
    });
  }
}
