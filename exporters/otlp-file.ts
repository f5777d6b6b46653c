/**
 * Spans as OTLP/JSON lines in a directory, for anyone's SDK, 2.x or 3.x: a span processor that writes each
 * span through when it ends (nothing is lost however the process ends), and an ordinary exporter. Format:
 * OpenTelemetry Protocol File Exporter; the collector's `otlpjsonfile` receiver reads it, as spoor does.
 */
import { resolve } from 'node:path';
import { ATTR } from '../src/conventions.ts';
import { type EndedSpan, runtime } from '../src/runtime.ts';
import { Appender } from '../src/store/append.ts';
import { directoryOfExporter } from '../src/store/layout.ts';
import { resourcePrefix, spanLine, type Described } from './span-line.ts';

export { resourcePrefix, spanLine } from './span-line.ts';

export interface OtlpFileOptions {
  /** Directory that holds `traces/<day>/<hour>.<host>.jsonl` (UTC). Default: `SPOOR_DIR`, else `.spoor`. */
  readonly directory?: string | undefined;
  /** Milliseconds that an hour's file is kept. Default: 7 days. */
  readonly maxAge?: number | undefined;
  /** Bytes that all files together may have; the oldest are deleted first. Default: 1 GiB. */
  readonly maxBytes?: number | undefined;
  /** Told of spans that could not be written or were deleted with their file. Default: they are only counted. */
  readonly onDropped?: ((reason: string, count: number) => void) | undefined;
}

/** A span as the SDK hands it over: with its resource. */
export type FileSpan = EndedSpan & { readonly resource?: Described & { readonly asyncAttributesPending?: boolean } };

/** The SDK's `ExportResult`. */
interface Result {
  /** 0: success, 1: failure. */
  readonly code: number;
  readonly error?: Error;
}

class SpanFile {
  /** Spans that could not be kept, by reason. */
  readonly dropped: Record<string, number> = {};
  readonly #directory: string;
  readonly #appender: Appender;
  readonly #prefixes = new WeakMap<object, string>();

  constructor({ directory, onDropped, ...limits }: OtlpFileOptions) {
    this.#directory = directoryOfExporter(directory);
    this.#appender = new Appender({
      ...limits,
      directory: this.#directory,
      signal: 'traces',
      onDropped: (reason, count) => {
        this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
        onDropped?.(reason, count);
      },
    });
  }

  write(span: FileSpan): boolean {
    return this.#isWritten(span) || this.#appender.append(spanLine(span, this.#prefix(span.resource ?? {})));
  }

  close(): void {
    this.#appender.close();
  }

  /** Where the preload records to the same directory, it writes the operations, under its own resource: the numbers refer to that. */
  #isWritten({ attributes }: FileSpan): boolean {
    if (attributes[ATTR.SEQUENCE] === undefined) return false;
    const config = runtime()?.config;
    return config?.files === true && resolve(config.directory) === this.#directory;
  }

  /** A resource whose detectors are still at work is not remembered: the next span may know more. */
  #prefix(resource: NonNullable<FileSpan['resource']>): string {
    let prefix = this.#prefixes.get(resource);
    if (prefix === undefined) {
      prefix = resourcePrefix(resource);
      if (!resource.asyncAttributesPending) this.#prefixes.set(resource, prefix);
    }
    return prefix;
  }
}

/**
 * Span processor that writes each sampled span when it ends, synchronously (a few µs). Never throws: a full
 * or unwritable disk is counted in {@link dropped}, and writing resumes by itself.
 *
 * @example new NodeTracerProvider({ spanProcessors: [new OtlpFileSpanProcessor({ directory: '.spoor' })] })
 */
export class OtlpFileSpanProcessor {
  readonly #file: SpanFile;
  #closed = false;

  constructor(options: OtlpFileOptions = {}) {
    this.#file = new SpanFile(options);
  }

  /** Spans that could not be kept, by reason: a system error code such as `ENOSPC`, `size_limit`, `retention_age` … */
  get dropped(): Readonly<Record<string, number>> {
    return this.#file.dropped;
  }

  onStart(): void {}

  onEnd(span: FileSpan): void {
    if (this.#closed) return;
    try {
      if ((span.spanContext().traceFlags & 1) !== 0) this.#file.write(span);
    } catch {
      this.#file.dropped.invalid_span = (this.#file.dropped.invalid_span ?? 0) + 1;
    }
  }

  /** There is nothing to flush: every span is in its file already. */
  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.#closed = true;
    this.#file.close();
  }
}

/** Ordinary `SpanExporter`, for a `BatchSpanProcessor` of one's own; a batch is written before `export` returns. */
export class OtlpFileExporter {
  readonly #file: SpanFile;
  #closed = false;

  constructor(options: OtlpFileOptions = {}) {
    this.#file = new SpanFile(options);
  }

  /** Spans that could not be kept, by reason. */
  get dropped(): Readonly<Record<string, number>> {
    return this.#file.dropped;
  }

  /** Fails when a span of the batch could not be written; the others are. */
  export(spans: readonly FileSpan[], done: (result: Result) => void): void {
    let failed: Error | undefined = this.#closed ? new Error('OtlpFileExporter: it has been shut down') : undefined;
    for (const span of this.#closed ? [] : spans) {
      try {
        if (!this.#file.write(span)) failed = new Error(`OtlpFileExporter: spans were not written: ${JSON.stringify(this.#file.dropped)}`);
      } catch (error) {
        failed = error as Error;
      }
    }
    done(failed === undefined ? { code: 0 } : { code: 1, error: failed });
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.#closed = true;
    this.#file.close();
  }
}
