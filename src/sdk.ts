/**
 * Assembly: the runtime of a process, made from its spans, the rollup and the files. This module and what it
 * imports is the bundle that loads with the first operation, so nothing heavy may be imported here.
 */
import type { Context, Span, SpanOptions, Tracer, TracerProvider } from '@opentelemetry/api';
import { keyValues, nanoseconds, resourcePrefix, spanLine } from '../exporters/span-line.ts';
import { contextOf } from './carrier.ts';
import { type Config, type Overrides, loadConfig, nothingKept, sayProblemsOnce } from './config.ts';
import { isSent } from './config-schema.ts';
import { type OperationKind, SCOPE, TELEMETRY_DROPPED } from './conventions.ts';
import { correlation } from './correlation.ts';
import { CorrelationSpanProcessor } from './correlation-processor.ts';
import type { DirectExport } from './direct/export.ts';
import { givenToWorker } from './instrumentation/worker-context.ts';
import { guest } from './guest/slot.ts';
import { atExit } from './listeners.ts';
import { log, setLog } from './log.ts';
import { Losses } from './losses.ts';
import { startOwnSpan } from './own-span.ts';
import { part } from './part.ts';
import { randomIds } from './random-ids.ts';
import { openFiles } from './recorded-files.ts';
import { processResource } from './resource.ts';
import type { RollupFile } from './rollup/rollup-file.ts';
import { Rollup } from './rollup/rollup.ts';
import { runtimeId } from './rollup/runtime-id.ts';
import type { ShipThread } from './ship/thread.ts';
import type { EndedSpan, Health, Runtime, StartedSpan } from './runtime.ts';
import type { Appender } from './store/append.ts';

declare const require: NodeJS.Require;

/** The standard variables that limit spans. */
const LIMIT = /^OTEL_(?:ATTRIBUTE|SPAN)_\w+_LIMIT$/;

export { propagator } from './carrier.ts';
export { ownHandlers } from './instrumentation/own.ts';

/**
 * Makes the runtime of this process. Undefined when everything is turned off. Never throws.
 * @param cwd the working directory that the configuration is of. Default: that of when this was loaded
 */
export function createRuntime(cwd?: string, overrides?: Overrides): Runtime | undefined {
  try {
    const { config, problems } = loadConfig(process.env, cwd, overrides);
    sayProblemsOnce([...problems, nothingKept(config) ?? []].flat());
    return config.disabled ? undefined : new ProcessRuntime(config);
  } catch (error) {
    log('error', 'sdk', 'start_failed', `cannot start, nothing is recorded: ${(error as Error).message}`);
    return undefined;
  }
}

class ProcessRuntime implements Runtime {
  readonly version = SCOPE.version;
  readonly config: Config;
  readonly recorder: Rollup;
  rootContext = contextOf(givenToWorker() ?? process.env);
  readonly #resource = processResource();
  readonly #head = Buffer.from(resourcePrefix(this.#resource));
  readonly #resourceJson = JSON.stringify(this.#resource.attributes);
  readonly #spans = { instrumentationScope: SCOPE, onEnd: (span: EndedSpan) => this.#write(span) };
  /** Makes the spans of operations too, where the standard variables ask for what only the SDK has. */
  readonly #tracer: Tracer | undefined;
  #provider: TracerProvider | undefined;
  readonly #traces: Appender | undefined;
  readonly #starts: Appender | undefined;
  readonly #numbers: RollupFile | undefined;
  readonly #direct: DirectExport | undefined;
  readonly #ship: ShipThread | undefined;
  #sequence = 0;
  readonly #losses: Losses;
  #shutdown: Promise<unknown> | undefined;

  constructor(config: Config) {
    this.config = config;
    setLog({ correlationId: () => correlation.id(), level: config.logLevel, form: config.log });
    this.#losses = new Losses(config.files ? config.directory : undefined);
    const onDropped = (reason: string, count: number, why?: string): void => this.dropped(reason, count, why);
    this.recorder = new Rollup({ maxSeries: config.maxSeries, onDropped });
    if (config.files) {
      const { traces, starts, numbers } = openFiles(config, { rollup: this.recorder, resource: keyValues(this.#resource.attributes), onDropped });
      this.#traces = traces;
      this.#starts = starts;
      this.#numbers = numbers;
    }
    // What is in files is sent from there, by one process of all.
    const ship = isSent(config) && config.files ? part(() => require('./ship.cjs') as typeof import('./ship/thread.ts')) : undefined;
    if (ship) this.#ship = new ship.ShipThread({ config, resource: keyValues(this.#resource.attributes) });
    const direct = isSent(config) && !config.files ? part(() => require('./direct.cjs') as typeof import('./direct/export.ts')) : undefined;
    if (direct) this.#direct = new direct.DirectExport({ config, resource: this.#resource.attributes, rollup: this.recorder, onDropped });
    const isPlain = config.tracesSampler === 'parentbased_always_on' && !Object.keys(process.env).some((name) => LIMIT.test(name));
    if (!isPlain) this.#tracer = this.tracerProvider?.getTracer(SCOPE.name, SCOPE.version);
    atExit(() => this.#end());
    const found = guest()?.describe();
    log('info', 'sdk', 'started', `recording to ${config.files ? config.directory : 'the OTLP endpoint'}${found ? `; ${found}` : ''}`);
  }

  get tracerProvider(): TracerProvider | undefined {
    return (this.#provider ??= part(() => {
      const { createProvider } = require('./provider.cjs') as typeof import('./provider.ts');
      // One for both: each costs every span a call more.
      const processor = Object.assign(new CorrelationSpanProcessor(), { onEnd: this.#spans.onEnd });
      return createProvider(this.config.tracesSampler, { resource: this.#resource, idGenerator: randomIds, spanProcessors: [processor] });
    }));
  }

  hasMade(provider: TracerProvider): boolean {
    return provider === this.#provider;
  }

  startSpan(name: string, options: SpanOptions, context: Context): Span {
    return this.#tracer === undefined ? startOwnSpan(this.#spans, name, options, context) : this.#tracer.startSpan(name, options, context);
  }

  nextSequence(): number {
    return ++this.#sequence;
  }

  settled(): void {
    this.#numbers?.touch(this.#sequence);
    this.#direct?.settled();
  }

  started(kind: OperationKind, span: StartedSpan): void {
    // Its end would not be written either, and it would seem to have been abandoned.
    if (this.#traces?.isLosing) return;
    try {
      const { traceId, spanId } = span.spanContext();
      const parent = span.parentSpanContext === undefined ? '' : `"parentSpanId":"${span.parentSpanContext.spanId}",`;
      this.#starts?.append(
        `{"traceId":"${traceId}","spanId":"${spanId}",${parent}"name":${JSON.stringify(span.name)},"kind":"${kind.name}","startTimeUnixNano":"${nanoseconds(span.startTime)}"` +
          `,"resource":${this.#resourceJson},"attributes":${JSON.stringify(span.attributes)}}`,
      );
    } catch (error) {
      this.#losses.fault('start_failed', error);
    }
  }

  write(span: EndedSpan): void {
    // The app's provider may be a proxy of ours, whose processor has written the span already.
    const { resource } = span as { resource?: { attributes?: Record<string, unknown> } };
    if (runtimeId((key) => resource?.attributes?.[key]) !== runtimeId((key) => this.#resource.attributes[key])) this.#write(span);
  }

  #write(span: EndedSpan): void {
    if (this.closed || (span.spanContext().traceFlags & 1) === 0) return;
    try {
      this.#traces?.append(spanLine(span, ''), this.#head);
      this.#direct?.span(span);
    } catch (error) {
      this.#losses.fault('span_failed', error);
      this.dropped('span_failed');
    }
  }

  dropped(reason: string, count = 1, why?: string): void {
    this.recorder.record(TELEMETRY_DROPPED, count, { reason });
    this.#losses.add(reason, count, why);
  }

  async flush(): Promise<void> {
    this.#numbers?.flush();
    await this.#direct?.flush();
  }

  async shutdown(): Promise<void> {
    if (this.#shutdown === undefined) {
      this.#numbers?.end(this.#sequence);
      this.#shutdown = Promise.all([this.#direct?.stop(), this.#ship?.stop()]);
    }
    await this.#shutdown;
  }

  get closed(): boolean {
    return this.#shutdown !== undefined;
  }

  health(): Health {
    const { dropped, lastError } = this.#losses;
    const degraded = Object.keys(dropped).length > 0;
    return { state: this.closed ? 'off' : degraded ? 'degraded' : 'recording', directory: this.config.files ? this.config.directory : undefined, dropped: { ...dropped }, lastError };
  }

  /** Synchronous: nothing else runs in `exit`. Operations that end later are written at once. */
  #end(): void {
    try {
      if (!this.closed) this.#numbers?.end(this.#sequence);
      this.#direct?.end();
      this.#ship?.end();
    } catch (error) {
      this.#losses.fault('end_failed', error);
    }
  }
}
