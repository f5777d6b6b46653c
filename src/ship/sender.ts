/**
 * One signal's requests, through OpenTelemetry's own OTLP/HTTP transport: its retry, and what the standard
 * `OTEL_EXPORTER_OTLP_*` variables say about headers, compression, TLS and timeouts. What it does not hand on
 * (the status and `Retry-After` of an answer that asks to come again) is seen where Node's HTTP client tells of it.
 */
import { readFileSync } from 'node:fs';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Agent as HttpAgent } from 'node:http';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { retryAfter } from '../http-retry.ts';
import { byCode, byStatus, clean, type Outcome } from './outcome.ts';
import type { ShippedSignal } from './paths.ts';
import { watch, type Watched } from './watched.ts';

const NEVER = new Promise<string>(() => {});
const RETRYABLE = new Set([429, 502, 503, 504]);
/** An answer that is one: of a proxy that asks for a login, say. What it answers went nowhere. */
const PAGE = Symbol('page');

export interface SenderOptions {
  readonly signal: ShippedSignal;
  /** Milliseconds for a request and its retries. Default: the standard variables, else 10 s. */
  readonly timeout?: number;
}

export class Sender {
  readonly #options: SenderOptions;
  #delegate: ReturnType<typeof createOtlpHttpExportDelegate<Uint8Array, unknown>> | undefined;
  /** Where to, without what may be secret in it. */
  readonly url: string;
  readonly #address: string;
  /** Milliseconds for a request in all: the transport counts only those in which nothing comes. */
  readonly #longest: number;
  #agent: HttpAgent | undefined;
  #response: unknown;
  #request: Watched | undefined;
  #troubled: ((said: string) => void) | undefined;
  /** Resolves, with what was said, when the request on its way has failed once: whatever comes of it, it will take longer. */
  trouble = NEVER;

  constructor(options: SenderOptions) {
    this.#options = options;
    const { url: given, timeoutMillis } = transportOptions(options);
    const url = new URL(given);
    this.url = url.origin + url.pathname;
    this.#address = url.host + url.pathname + url.search;
    this.#longest = 2 * timeoutMillis;
  }

  /** Sends one request: one at a time, so that what it is answered is its own. Never rejects. */
  send(body: Uint8Array): Promise<Outcome> {
    const unreadable = this.#delegate === undefined && this.url.startsWith('https:') ? unreadableFile(this.#options.signal) : undefined;
    if (unreadable !== undefined) return Promise.resolve({ kind: 'misconfigured', said: unreadable });
    const delegate = (this.#delegate ??= this.#connect());
    this.#response = undefined;
    this.trouble = new Promise((resolve) => (this.#troubled = resolve));
    const troubled = this.#troubled!;
    this.#request = watch(this.#address, ({ status }) => RETRYABLE.has(status) && troubled(`HTTP ${status}`));
    const watchdog = setTimeout(() => this.#agent?.destroy(), this.#longest);
    return new Promise<Outcome>((resolve) => {
      try {
        delegate.export(body, ({ code, error }) => resolve(code === 0 ? this.#accepted() : this.#failed(error)));
      } catch (error) {
        resolve({ kind: 'unavailable', said: (error as Error).message, retryAfter: undefined, certain: false });
      }
    }).finally(() => {
      clearTimeout(watchdog);
      this.trouble = NEVER;
    });
  }

  #connect(): ReturnType<typeof createOtlpHttpExportDelegate<Uint8Array, unknown>> {
    const options = transportOptions(this.#options);
    const { agentFactory } = options;
    options.agentFactory = async (protocol) => this.#watched(await agentFactory(protocol));
    const serializer = { serializeRequest: (body: Uint8Array) => body, deserializeResponse: (data: Uint8Array) => (this.#response = parse(data)) };
    return createOtlpHttpExportDelegate<Uint8Array, unknown>(options, serializer, 'otlp_http_json_spoor', { name: this.#options.signal === 'traces' ? 'span' : 'metric_data_point', countItems: () => 1 }, undefined);
  }

  #watched<A extends HttpAgent>(agent: A): A {
    this.#agent = agent;
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (...args) => {
      const socket = connect(...args);
      socket?.once('error', (error: NodeJS.ErrnoException) => this.#troubled?.(clean(error.message || error.code || 'the connection failed')));
      return socket;
    };
    return agent;
  }

  #accepted(): Outcome {
    if (this.#response === PAGE) return { kind: 'misconfigured', said: 'a web page came for an answer (is the address of the endpoint right? Does something in between want a login?)' };
    const { partialSuccess } = Object(this.#response) as { partialSuccess?: Record<string, unknown> };
    const rejected = Number(partialSuccess?.[this.#options.signal === 'traces' ? 'rejectedSpans' : 'rejectedDataPoints'] ?? 0);
    return { kind: 'accepted', rejected: rejected > 0 ? rejected : 0, said: clean(String(partialSuccess?.errorMessage ?? '')) };
  }

  #failed(error: (Error & { code?: unknown; data?: unknown }) | undefined): Outcome {
    const { answer, tries } = this.#request!;
    const code = error?.code;
    const said = clean(`${error?.message || error?.name || 'failed'}${typeof error?.data === 'string' && error.data !== '' ? `: ${error.data}` : ''}`);
    if (typeof code === 'number') return byStatus(code, said);
    if (typeof code === 'string') return byCode(code, said, tries > 0);
    if (answer !== undefined && RETRYABLE.has(answer.status)) return { kind: 'unavailable', said: `HTTP ${answer.status}`, retryAfter: retryAfter(answer.retryAfter), certain: answer.status === 429 && tries === 1 };
    return { kind: 'unavailable', said, retryAfter: undefined, certain: false };
  }
}

function transportOptions({ signal, timeout }: SenderOptions): ReturnType<typeof convertLegacyHttpOptions> {
  return convertLegacyHttpOptions(timeout === undefined ? {} : { timeoutMillis: timeout }, signal === 'traces' ? 'TRACES' : 'METRICS', `v1/${signal}`, { 'Content-Type': 'application/json' });
}

/** The transport goes on without a file of certificates that it cannot read. It may be there later: a volume that is still being mounted. */
function unreadableFile(signal: ShippedSignal): string | undefined {
  const { env } = process;
  for (const what of ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY']) {
    const name = [`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${what}`, `OTEL_EXPORTER_OTLP_${what}`].find((one) => env[one]?.trim());
    try {
      if (name !== undefined) readFileSync(env[name]!);
    } catch (error) {
      return `the file that ${name} names cannot be read: ${clean((error as Error).message)}`;
    }
  }
  return undefined;
}

/** Undefined: some answer in protobuf, or with a word (whatever its content type, often that of HTML); it was taken all the same. */
function parse(data: Uint8Array): unknown {
  const text = Buffer.from(data).toString();
  if (/^\s*<(!doctype\s+)?html\b/i.test(text)) return PAGE;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
