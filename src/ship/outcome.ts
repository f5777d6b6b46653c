/** What became of a request, and in words what to look at. */
import { NEVER_CONNECTED } from '../http-retry.ts';
import { withoutOtlpCredentials } from './credentials.ts';

export type Outcome =
  /** Taken, but for `rejected` items. */
  | { readonly kind: 'accepted'; readonly rejected: number; readonly said: string }
  /** Will never be taken as it is: bad data, or too much at once. */
  | { readonly kind: 'refused' | 'too_large'; readonly said: string }
  /** Nothing is wrong with the data, and trying again will not help until somebody changes something. */
  | { readonly kind: 'misconfigured'; readonly said: string; readonly retryAfter?: undefined }
  /** Not now. `retryAfter`: milliseconds that the backend asked for. `certain`: nothing of the request was taken, by none of its tries (a 503 may be about what is behind a collector). */
  | { readonly kind: 'unavailable'; readonly said: string; readonly retryAfter: number | undefined; readonly certain: boolean };

/** Statuses that say something about the request's data; the others are about the way to the backend. */
const BAD_DATA = new Set([400, 422]);
/** What OpenSSL makes of an answer without TLS. */
const PLAIN_HTTP = /wrong version number|packet length too long/;
/** Codes that no time mends, and what may be wrong. */
const WRONG_SETTINGS: readonly (readonly [code: RegExp, words: (said: string) => string])[] = [
  [/^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO$)/, (said) => `the TLS connection failed: ${said}${PLAIN_HTTP.test(said) ? ' (should the endpoint begin with http://?)' : ''}`],
  // An answer that ends too early may be whole the next time.
  [/^HPE_(?!INVALID_EOF_STATE)/, (said) => `${said} (what answers speaks no HTTP: is it a port for gRPC? That for OTLP/HTTP is 4318 as a rule)`],
  [/^ERR_(INVALID_CHAR|INVALID_HTTP_TOKEN|HTTP_INVALID_HEADER_VALUE)$/, (said) => `${said} (is there a line break, or a letter that HTTP does not know, in OTEL_EXPORTER_OTLP_HEADERS?)`],
];

/** Of a request that was answered. */
export function byStatus(status: number, words: string): Outcome {
  const said = `HTTP ${status}: ${words}`;
  // What Go, nginx and others answer to plain HTTP on their TLS port.
  if (status === 400 && /https/i.test(words)) return { kind: 'misconfigured', said: `${said} (should the endpoint begin with https://?)` };
  if (BAD_DATA.has(status)) return { kind: 'refused', said };
  if (status === 413) return { kind: 'too_large', said };
  if (status === 408 || status >= 500) return { kind: 'unavailable', said, retryAfter: undefined, certain: false };
  // Most often to https, or to where a person logs in.
  const hint = status >= 300 && status < 400 ? ' (redirects are not followed: is the address of the endpoint right?)' : status === 401 || status === 403 ? ' (is the token in OTEL_EXPORTER_OTLP_HEADERS right?)' : status === 404 ? ' (is the path of the endpoint right?)' : '';
  return { kind: 'misconfigured', said: said + hint };
}

/** Of a request that was not: `code` is Node's. @param isReached - one of its tries came to a connection */
export function byCode(code: string, said: string, isReached: boolean): Outcome {
  const words = said.includes(code) ? said : `${code}: ${said}`;
  const wrong = WRONG_SETTINGS.find(([codes]) => codes.test(code));
  return wrong === undefined ? { kind: 'unavailable', said: words, retryAfter: undefined, certain: NEVER_CONNECTED.test(code) && !isReached } : { kind: 'misconfigured', said: wrong[1](words) };
}

/** One line of bounded length and without our credentials, for a log and a status file. */
export function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return withoutOtlpCredentials(text).replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, 300);
}
