/** Writing lines to an InfluxDB server of any line: 1.x, 2.x (and Cloud), 3.x. */
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { LONGEST_WAIT, isPassing, retryAfter } from '../src/http-retry.ts';
import { decoded, removable, withoutSecrets } from '../src/known-secrets.ts';

export interface InfluxDBOptions {
  /** Such as `http://127.0.0.1:8086`. A user name and a password in it stand for `username` and `password`. */
  readonly url: string;
  /** Default: 2 with a `bucket`, else 1. */
  readonly version?: 1 | 2 | 3 | undefined;
  /** Of 1.x and 3.x. */
  readonly database?: string | undefined;
  /** Of 1.x. Default: the database's own. */
  readonly retentionPolicy?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Of 2.x. */
  readonly org?: string | undefined;
  readonly bucket?: string | undefined;
  /** Of 2.x and 3.x. */
  readonly token?: string | undefined;
  /** Lines in one request, at most. Default 5,000. */
  readonly batchSize?: number | undefined;
  /** Whether requests are compressed. Default: true. */
  readonly gzip?: boolean | undefined;
  /** Attempts for one request: at 408, 429, 5xx and when the server cannot be reached. Default 5. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second attempt, doubled for each further one; `Retry-After` is honoured. Default 500. */
  readonly retryDelay?: number | undefined;
  /** Milliseconds for all of one export. Default 10,000. */
  readonly timeout?: number | undefined;
}

/** What the server refused. It does not name the token. */
export class InfluxDBError extends Error {
  readonly status: number | undefined;
  /** Lines that were not written. */
  readonly lines: number;

  constructor(message: string, status: number | undefined, lines: number) {
    super(message);
    this.name = 'InfluxDBError';
    this.status = status;
    this.lines = lines;
  }
}

const compress = promisify(gzip);

export class InfluxDBClient {
  readonly #options: InfluxDBOptions;
  readonly #url: URL;
  readonly #headers: Record<string, string>;
  /** What a server may quote where it says what is wrong. */
  readonly #secrets: readonly string[];

  /** @throws TypeError when the options do not fit together */
  constructor(options: InfluxDBOptions) {
    this.#options = options;
    this.#url = writeUrl(options);
    this.#headers = { 'content-type': 'text/plain; charset=utf-8', ...authorization(options, this.#url) };
    this.#secrets = removable([options.token, options.password, decoded(this.#url.password), this.#headers.authorization?.split(' ')[1]]);
    // `fetch` refuses an address with them, and says them.
    this.#url.username = '';
    this.#url.password = '';
  }

  /** Writes lines, in batches, one after the other; how many. @throws InfluxDBError for the first batch that is refused */
  async write(lines: Iterable<string> | AsyncIterable<string>, cancelled?: AbortSignal): Promise<number> {
    const deadline = AbortSignal.timeout(this.#options.timeout ?? 10_000);
    const signal = cancelled === undefined ? deadline : AbortSignal.any([deadline, cancelled]);
    const most = this.#options.batchSize ?? 5_000;
    let batch: string[] = [];
    let written = 0;
    for await (const line of lines) {
      batch.push(line);
      if (batch.length < most) continue;
      written += await this.#send(batch, signal);
      batch = [];
    }
    return batch.length === 0 ? written : written + (await this.#send(batch, signal));
  }

  async #send(lines: readonly string[], signal: AbortSignal): Promise<number> {
    const text = `${lines.join('\n')}\n`;
    const zip = this.#options.gzip !== false;
    const body = zip ? await compress(text) : text;
    const headers = zip ? { ...this.#headers, 'content-encoding': 'gzip' } : this.#headers;
    const { attempts = 5, retryDelay = 500 } = this.#options;
    for (let attempt = 1; ; attempt++) {
      let failure: InfluxDBError;
      let asked: number | undefined;
      try {
        // Nobody wants a trace of the telemetry's own requests.
        const response = await context.with(suppressTracing(context.active()), () => fetch(this.#url, { method: 'POST', headers, body, signal, redirect: 'manual' }));
        const said = withoutSecrets(await response.text(), this.#secrets).slice(0, 500);
        if (response.ok) return lines.length;
        // Too large for this server: in halves.
        if (response.status === 413 && lines.length > 1) {
          const middle = lines.length >> 1;
          return (await this.#send(lines.slice(0, middle), signal)) + (await this.#send(lines.slice(middle), signal));
        }
        asked = retryAfter(response.headers.get('retry-after'));
        failure = new InfluxDBError(`InfluxDB at ${this.#url.host} answered ${response.status}: ${said.trim()}`, response.status, lines.length);
      } catch (error) {
        if (error instanceof InfluxDBError) throw error;
        // Not the message: it may quote what was sent.
        const { name, cause } = error as Error & { cause?: { code?: string } };
        failure = new InfluxDBError(`InfluxDB at ${this.#url.host} cannot be reached: ${name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? name)}`, undefined, lines.length);
      }
      if (attempt >= attempts || signal.aborted || !isPassing(failure.status)) throw failure;
      const pause = Math.min(asked ?? retryDelay * 2 ** (attempt - 1), LONGEST_WAIT);
      const inTime = await wait(pause, true, { signal, ref: false }).catch(() => false);
      if (!inTime) throw failure;
    }
  }
}

/** Whether it is the address of a server, as InfluxDB has one. */
export function isAddress(url: unknown): url is string {
  return typeof url === 'string' && /^https?:/i.test(url) && URL.canParse(url);
}

function writeUrl({ url, version, database, retentionPolicy, org, bucket }: InfluxDBOptions): URL {
  // Node's own error holds the address, and that may hold a password.
  if (!isAddress(url)) throw new TypeError('InfluxDB: `url` must be its address, such as http://127.0.0.1:8086');
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  const line = version ?? (bucket === undefined ? 1 : 2);
  if (![1, 2, 3].includes(line)) throw new TypeError('InfluxDB: `version` must be 1, 2 or 3');
  if (line === 2 ? !bucket : !database) throw new TypeError(`InfluxDB ${line}.x: \`${line === 2 ? 'bucket' : 'database'}\` is missing`);
  const [path, query] =
    line === 1
      ? ['write', { db: database, rp: retentionPolicy, precision: 'ns' }]
      : line === 2
        ? ['api/v2/write', { org, bucket, precision: 'ns' }]
        : ['api/v3/write_lp', { db: database, precision: 'nanosecond' }];
  const target = new URL(path, base);
  for (const [key, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(key, value);
  return target;
}

function authorization({ version, bucket, username, password, token }: InfluxDBOptions, url: URL): Record<string, string> {
  if (token) return { authorization: `${(version ?? (bucket === undefined ? 1 : 2)) === 3 ? 'Bearer' : 'Token'} ${token}` };
  const user = username ?? decoded(url.username);
  return user === '' ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password ?? decoded(url.password)}`).toString('base64')}` };
}
