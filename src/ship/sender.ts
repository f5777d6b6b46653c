/**
 * One signal's requests, through OpenTelemetry's own OTLP/HTTP transport: its retry, and what the standard
 * `OTEL_EXPORTER_OTLP_*` variables say about headers, compression, TLS and timeouts. What it does not hand on
 * (the status and `Retry-After` of an answer that asks to come again) is seen where Node's HTTP client tells of it.
 */
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { clearTimeout, setTimeout } from 'node:timers';
import type { Agent as HttpAgent, ClientRequest, IncomingMessage } from 'node:http';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { steady } from '../clock.ts';
import { NEVER_CONNECTED, retryAfter } from '../http-retry.ts';
import type { ShippedSignal } from './paths.ts';

export type Outcome =
  /** Taken, but for `rejected` items. */
  | { readonly kind: 'accepted'; readonly rejected: number; readonly said: string }
  /** Will never be taken as it is: bad data, or too much at once. */
  | { readonly kind: 'refused' | 'too_large'; readonly said: string }
  /** Nothing is wrong with the data, and trying again will not help until somebody changes something. */
  | { readonly kind: 'misconfigured'; readonly said: string; readonly retryAfter?: undefined }
  /** Not now. `retryAfter`: milliseconds that the backend asked for. `certain`: nothing of the request was taken, by none of its tries (a 503 may be about what is behind a collector). */
  | { readonly kind: 'unavailable'; readonly said: string; readonly retryAfter: number | undefined; readonly certain: boolean };

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly at: number;
}

const NEVER = new Promise<string>(() => {});
const RETRYABLE = new Set([429, 502, 503, 504]);
/** Statuses that say something about the request's data; the others are about the way to the backend. */
const BAD_DATA = new Set([400, 422]);
/** Codes that no time mends, and what may be wrong. */
const WRONG_SETTINGS: readonly (readonly [code: RegExp, words: (said: string) => string])[] = [
  [/^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO$)/, (said) => `the TLS connection failed: ${said}`],
  // An answer that ends too early may be whole the next time.
  [/^HPE_(?!INVALID_EOF_STATE)/, (said) => `${said} (what answers speaks no HTTP: is it a port for gRPC? That for OTLP/HTTP is 4318 as a rule)`],
  [/^ERR_(INVALID_CHAR|INVALID_HTTP_TOKEN|HTTP_INVALID_HEADER_VALUE)$/, (said) => `${said} (is there a line break, or a letter that HTTP does not know, in OTEL_EXPORTER_OTLP_HEADERS?)`],
];

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
  #partial: unknown;
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
    watchAnswers();
  }

  /** Sends one request: one at a time, so that what it is answered is its own. Never rejects. */
  send(body: Uint8Array): Promise<Outcome> {
    const unreadable = this.#delegate === undefined && this.url.startsWith('https:') ? unreadableFile(this.#options.signal) : undefined;
    if (unreadable !== undefined) return Promise.resolve({ kind: 'misconfigured', said: unreadable });
    const delegate = (this.#delegate ??= this.#connect());
    this.#partial = undefined;
    this.trouble = new Promise((resolve) => (this.#troubled = resolve));
    troubled.set(this.#address, this.#troubled!);
    reached.delete(this.#address);
    const begun = steady();
    const watchdog = setTimeout(() => this.#agent?.destroy(), this.#longest);
    return new Promise<Outcome>((resolve) => {
      try {
        delegate.export(body, ({ code, error }) => resolve(code === 0 ? this.#accepted() : this.#failed(error, begun)));
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
    const serializer = { serializeRequest: (body: Uint8Array) => body, deserializeResponse: (data: Uint8Array) => (this.#partial = parse(data)) };
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
    const { partialSuccess } = Object(this.#partial) as { partialSuccess?: Record<string, unknown> };
    const rejected = Number(partialSuccess?.[this.#options.signal === 'traces' ? 'rejectedSpans' : 'rejectedDataPoints'] ?? 0);
    return { kind: 'accepted', rejected: rejected > 0 ? rejected : 0, said: clean(String(partialSuccess?.errorMessage ?? '')) };
  }

  #failed(error: (Error & { code?: unknown; data?: unknown }) | undefined, begun: number): Outcome {
    const answer = answers.get(this.#address);
    const code = error?.code;
    const said = clean(`${error?.message || error?.name || 'failed'}${typeof error?.data === 'string' && error.data !== '' ? `: ${error.data}` : ''}`);
    if (typeof code === 'number') return byStatus(code, said);
    if (typeof code === 'string') {
      const words = said.includes(code) ? said : `${code}: ${said}`;
      const wrong = WRONG_SETTINGS.find(([codes]) => codes.test(code));
      return wrong === undefined ? { kind: 'unavailable', said: words, retryAfter: undefined, certain: NEVER_CONNECTED.test(code) && !reached.has(this.#address) } : { kind: 'misconfigured', said: wrong[1](words) };
    }
    if (answer !== undefined && answer.at >= begun && RETRYABLE.has(answer.status)) return { kind: 'unavailable', said: `HTTP ${answer.status}`, retryAfter: retryAfter(answer.retryAfter), certain: answer.status === 429 && reached.get(this.#address) === 1 };
    return { kind: 'unavailable', said, retryAfter: undefined, certain: false };
  }
}

function transportOptions({ signal, timeout }: SenderOptions): ReturnType<typeof convertLegacyHttpOptions> {
  return convertLegacyHttpOptions(timeout === undefined ? {} : { timeoutMillis: timeout }, signal === 'traces' ? 'TRACES' : 'METRICS', `v1/${signal}`, { 'Content-Type': 'application/json' });
}

/** The transport goes on without a file of certificates that it cannot read. It may be there later: a volume that is still being mounted. */
function unreadableFile(signal: ShippedSignal, env: NodeJS.ProcessEnv = process.env): string | undefined {
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

function byStatus(status: number, words: string): Outcome {
  const said = `HTTP ${status}: ${words}`;
  // What Go, nginx and others answer to plain HTTP on their TLS port.
  if (status === 400 && /https/i.test(words)) return { kind: 'misconfigured', said: `${said} (should the endpoint begin with https://?)` };
  if (BAD_DATA.has(status)) return { kind: 'refused', said };
  if (status === 413) return { kind: 'too_large', said };
  if (status === 408 || status >= 500) return { kind: 'unavailable', said, retryAfter: undefined, certain: false };
  const hint = status === 401 || status === 403 ? ' (is the token in OTEL_EXPORTER_OTLP_HEADERS right?)' : status === 404 ? ' (is the path of the endpoint right?)' : '';
  return { kind: 'misconfigured', said: said + hint };
}

/** The last answer of each address. */
const answers = new Map<string, Answer>();
/** Whom to tell of an answer that is not well, by address. */
const troubled = new Map<string, (said: string) => void>();
/** How many tries of the request on its way came to a connection: what is said of the last says nothing of the others. */
const reached = new Map<string, number>();
let watching = false;

function watchAnswers(): void {
  if (watching) return;
  watching = true;
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: ClientRequest };
    const address = addressOf(request);
    const count = (): void => void reached.set(address, (reached.get(address) ?? 0) + 1);
    if (request.socket?.connecting) request.socket.once('connect', count);
    else count();
  });
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const address = addressOf(request);
    const status = response.statusCode ?? 0;
    answers.set(address, { status, retryAfter: response.headers['retry-after'], at: steady() });
    if (RETRYABLE.has(status)) troubled.get(address)?.(`HTTP ${status}`);
  });
}

function addressOf(request: ClientRequest): string {
  return `${String(request.getHeader('host'))}${request.path}`;
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString());
  } catch {
    // Some answer in protobuf, or with a word; it was taken all the same.
    return undefined;
  }
}

/** One line of bounded length, for a log and a status file. */
function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, 300);
}
