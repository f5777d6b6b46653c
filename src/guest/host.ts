/** Being the guest of every copy of the OpenTelemetry API that is loaded in this thread. */
import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, TextMapPropagator } from '@opentelemetry/api';
import { GuestContextManager } from './context-manager.ts';
import { GuestGlobals } from './globals.ts';
import { registered } from './registry.ts';
import type { ApiCopy, Guest } from './slot.ts';
import { GuestTracerProvider } from './tracer.ts';

export interface GuestOptions {
  /** Names of the modules that are instrumented, for the log. */
  readonly instrumented: readonly string[];
  readonly createStorage: () => AsyncLocalStorage<Context>;
  /** W3C trace context and baggage; asked for when the app first propagates something. */
  readonly propagator: () => TextMapPropagator | undefined;
  /** @param said whether `describe` was asked before, so that what it said is no longer all */
  readonly onTakenOver: (said: boolean) => void;
}

export function createGuest({ instrumented, createStorage, propagator, onTakenOver }: GuestOptions): Guest {
  const adopted = new WeakSet<object>();
  let first: ApiCopy | undefined;
  let globals: GuestGlobals | undefined;
  let taken = false;
  let said = false;

  const lazyPropagator: TextMapPropagator = {
    inject: (context, carrier, setter) => propagator()?.inject(context, carrier, setter),
    extract: (context, carrier, getter) => propagator()?.extract(context, carrier, getter) ?? context,
    fields: () => propagator()?.fields() ?? [],
  };

  function adopt(api: ApiCopy): void {
    // An import of a CommonJS copy and a require of it give different objects with the same singletons.
    if (adopted.has(api.trace)) return;
    adopted.add(api.trace);
    first ??= api;
    const proxy = api.trace.getTracerProvider() as Partial<InstanceType<ApiCopy['ProxyTracerProvider']>>;
    const isTaken = registered('trace') !== undefined;
    if (isTaken || typeof proxy.setDelegate !== 'function' || typeof proxy.getDelegate !== 'function') {
      taken = isTaken;
      return;
    }
    const ours = new GuestTracerProvider(api, proxy as InstanceType<ApiCopy['ProxyTracerProvider']>);
    proxy.setDelegate(ours);
    globals ??= new GuestGlobals(new GuestContextManager(api.ROOT_CONTEXT, createStorage()), lazyPropagator, () => {
      if (taken) return;
      taken = true;
      onTakenOver(said);
    });
    globals.attend(api);
  }

  return {
    adopt(api) {
      try {
        adopt(api);
      } catch {
        // An API of a shape that we do not know stays as it is.
      }
    },
    get context() {
      return globals?.context;
    },
    get propagation() {
      return globals?.propagation;
    },
    describe() {
      said = true;
      const own = taken ? `the app's own SDK (${providerName(first)}) keeps its spans` : first ? 'spans made through the OpenTelemetry API are recorded too' : undefined;
      return [...(instrumented.length > 0 ? [`instrumenting ${instrumented.join(', ')}`] : []), ...(own ? [own] : [])].join('; ');
    },
  };
}

function providerName(api: ApiCopy | undefined): string {
  const provider = api?.trace.getTracerProvider() as { getDelegate?: () => object } | undefined;
  return (provider?.getDelegate?.() ?? provider)?.constructor.name ?? 'unknown';
}
