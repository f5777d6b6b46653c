/**
 * The tracer provider that a copy of the API has until the app registers its own. The app keeps the tracers
 * it took early, so each looks at every call whether the app's provider has come, and then hands on to it.
 */
import type { Context, Span, SpanOptions, Tracer, TracerOptions, TracerProvider } from '@opentelemetry/api';
import { runtime } from '../runtime.ts';
import { registered } from './registry.ts';
import type { ApiCopy } from './slot.ts';

type Proxy = InstanceType<ApiCopy['ProxyTracerProvider']>;
type Active = <F extends (span: Span) => ReturnType<F>>(name: string, ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]) => ReturnType<F>;

export class GuestTracerProvider implements TracerProvider {
  readonly api: ApiCopy;
  readonly #proxy: Proxy;

  /** @param proxy the API copy's own provider, whose delegate this becomes */
  constructor(api: ApiCopy, proxy: Proxy) {
    this.api = api;
    this.#proxy = proxy;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    return this.successor()?.getTracer(name, version, options) ?? new GuestTracer(this, name, version, options);
  }

  /**
   * The app's provider, once there is one. Where it came through another copy of the API, tracers that were
   * taken from this copy before then record nothing without us; so they record nothing with us.
   */
  successor(): TracerProvider | undefined {
    const delegate = this.#proxy.getDelegate();
    if (delegate !== this) return delegate;
    return registered('trace') === undefined ? undefined : this.nobody();
  }

  nobody(): TracerProvider {
    return new this.api.ProxyTracerProvider();
  }
}

class GuestTracer implements Tracer {
  readonly #provider: GuestTracerProvider;
  readonly #scope: [string, string | undefined, TracerOptions | undefined];
  /** The app's tracer, kept from the first call that found one, as the API's own ProxyTracer does. */
  #successor: Tracer | undefined;
  #ours: Tracer | undefined;

  constructor(provider: GuestTracerProvider, name: string, version?: string, options?: TracerOptions) {
    this.#provider = provider;
    this.#scope = [name, version, options];
  }

  startSpan(name: string, options: SpanOptions = {}, context?: Context): Span {
    const successor = this.#takenOver();
    if (successor) return successor.startSpan(name, options, context);
    return this.#start(name, options, context ?? this.#provider.api.context.active());
  }

  startActiveSpan: Tracer['startActiveSpan'] = ((...args: unknown[]) => {
    const successor = this.#takenOver();
    if (successor) return Reflect.apply(successor.startActiveSpan, successor, args) as unknown;
    if (args.length < 2) return;
    const { context, trace } = this.#provider.api;
    const [name, options] = args as [string, SpanOptions];
    const parent = args.length > 3 ? ((args[2] as Context | undefined) ?? context.active()) : context.active();
    const span = this.#start(name, args.length > 2 ? (options ?? {}) : {}, parent);
    return context.with(trace.setSpan(parent, span), args.at(args.length > 4 ? 3 : -1) as (span: Span) => unknown, undefined, span);
  }) as Active as Tracer['startActiveSpan'];

  #takenOver(): Tracer | undefined {
    return (this.#successor ??= this.#provider.successor()?.getTracer(...this.#scope));
  }

  #start(name: string, options: SpanOptions, parent: Context): Span {
    const current = runtime();
    this.#ours ??= (current?.tracerProvider ?? this.#provider.nobody()).getTracer(...this.#scope);
    const { trace } = this.#provider.api;
    const root = current && !options.root && trace.getSpan(parent) === undefined ? trace.getSpan(current.rootContext) : undefined;
    return this.#ours.startSpan(name, options, root ? trace.setSpan(parent, root) : parent);
  }
}
