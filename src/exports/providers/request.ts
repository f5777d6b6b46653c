/** One HTTP request to a provider, tried again where that can help. */
import { setTimeout as wait } from 'node:timers/promises';
import { LONGEST_WAIT, isPassing, retryAfter } from '../../http-retry.ts';

export interface RetrySettings {
  /** How often at most. Default 5. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; 1.5 times as long, and up to half of that more, before each further one. Default 3,000. */
  readonly delay?: number;
  /** Milliseconds for one attempt. Default 60,000. */
  readonly timeout?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of it, at most 64 KiB; empty where nobody wants it. */
  readonly body: string;
  readonly attempts: number;
}

/** What a provider answered, or that it did not. `message` names neither the address's path nor its query: they may hold secrets. */
export class RequestFailed extends Error {
  /** Low in cardinality: `http_503`, `ECONNREFUSED`, `timeout` … */
  readonly code: string;
  readonly status: number | undefined;
  readonly attempts: number;

  constructor(message: string, { code, status, attempts }: { code: string; status?: number; attempts: number }) {
    super(message);
    this.name = 'RequestFailed';
    this.code = code;
    this.status = status;
    this.attempts = attempts;
  }
}

const LONGEST_BODY = 65_536;

/**
 * Sends a request; 408, 429, 5xx and a broken connection are tried again, after the time that the server asks
 * for with `Retry-After`. Redirects are not followed: what is sent is for this address only.
 *
 * @param what for messages, such as `the webhook`
 * @param make the request, made anew for each attempt; `answers` false: a 2xx is all that is wanted to know, and what comes after it is not waited for
 * @throws RequestFailed for every answer but 2xx, and when there is none; the signal's reason when it is aborted
 */
export async function request(what: string, make: () => { url: string | URL; init: RequestInit; answers?: false }, signal: AbortSignal, retry: RetrySettings = {}): Promise<Answer> {
  const { attempts = 5, delay = 3_000, timeout = 60_000 } = retry;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const { url, init, answers } = make();
    let failure: RequestFailed;
    let asked: number | undefined;
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]) });
      const isEnough = response.ok && answers === false;
      const body = isEnough ? '' : await beginning(response);
      if (isEnough) response.body?.cancel().catch(() => {});
      if (response.ok) return { status: response.status, headers: response.headers, body, attempts: attempt };
      asked = retryAfter(response.headers.get('retry-after'));
      failure = refused(what, new URL(url).host, response.status, body, attempt);
    } catch (error) {
      signal.throwIfAborted();
      failure = unanswered(what, new URL(url).host, error, attempt);
    }
    if (attempt >= attempts || !isPassing(failure.status)) throw failure;
    // Sooner than it asks for there is no use in asking.
    if (asked !== undefined && asked > LONGEST_WAIT) throw new RequestFailed(`${failure.message}; it asks for a wait of ${Math.round(asked / 1_000)} s, and ${LONGEST_WAIT / 1_000} s is the longest that is waited`, { code: failure.code, attempts: attempt, ...(failure.status !== undefined && { status: failure.status }) });
    const pause = asked ?? Math.min(delay * 1.5 ** (attempt - 1) * (1 + Math.random() / 2), LONGEST_WAIT);
    await wait(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function refused(what: string, host: string, status: number, body: string, attempts: number): RequestFailed {
  const redirect = status >= 300 && status < 400 ? ': redirects are not followed, give the address that it leads to' : '';
  const said = body.trim().replace(/\s+/g, ' ').slice(0, 300);
  const tries = attempts === 1 ? '' : ` after ${attempts} attempts`;
  return new RequestFailed(`${what} at ${host} answered ${status}${tries}${redirect}${said && !redirect ? `: ${said}` : ''}`, { code: `http_${status}`, status, attempts });
}

function unanswered(what: string, host: string, error: unknown, attempts: number): RequestFailed {
  // Not its own message: of an address that it refuses, `fetch` says all.
  const { name, cause } = error as Error & { cause?: { code?: unknown; message?: string } };
  const code = name === 'TimeoutError' ? 'timeout' : typeof cause?.code === 'string' ? cause.code : 'network_error';
  return new RequestFailed(`${what} at ${host} cannot be reached: ${code === 'network_error' ? (cause?.message ?? name) : code}${attempts === 1 ? '' : ` (${attempts} attempts)`}`, { code, attempts });
}

/** Read no further than needed: a server that never stops is not waited for. */
async function beginning({ body }: Response): Promise<string> {
  if (body === null) return '';
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size >= LONGEST_BODY) break;
  }
  return Buffer.concat(parts).toString('utf8', 0, LONGEST_BODY);
}
