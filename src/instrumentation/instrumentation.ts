/** What the instrumentations have in common: OpenTelemetry's `Instrumentation`, of either SDK line. */
import type { MeterProvider, Tracer, TracerProvider } from '@opentelemetry/api';
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation';
import { SCOPE } from '../conventions.ts';
import { runtime } from '../runtime.ts';

export abstract class SpoorInstrumentation<C extends InstrumentationConfig> implements Instrumentation<C> {
  abstract readonly instrumentationName: string;
  readonly instrumentationVersion = SCOPE.version;
  #config: C;
  #tracer: Tracer | undefined;
  #undo: (() => void) | undefined;

  constructor(config: C) {
    this.#config = { ...config };
    if (config.enabled !== false) this.enable();
  }

  /** Shows calls to this instrumentation from now on. @returns the undoing */
  protected abstract patch(): () => void;

  protected get tracer(): Tracer | undefined {
    return this.#tracer;
  }

  enable(): void {
    this.#undo ??= this.patch();
  }

  disable(): void {
    this.#undo?.();
    this.#undo = undefined;
  }

  /** Spans are made with this provider from now on. Where spoor's runtime is on, they are also written by it. */
  setTracerProvider(provider: TracerProvider): void {
    this.#tracer = runtime()?.hasMade(provider) ? undefined : provider.getTracer(SCOPE.name, SCOPE.version);
  }

  /** Nothing to do: numbers go to spoor's runtime where there is one, else to the API's global meter. */
  setMeterProvider(_provider: MeterProvider): void {}

  setConfig(config: C): void {
    this.#config = { ...config };
  }

  getConfig(): C {
    return this.#config;
  }
}
