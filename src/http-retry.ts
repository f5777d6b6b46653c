/** Whether and when an HTTP request is worth another attempt. */

/** The longest that a server can ask us to wait, in milliseconds; a timer takes no more than 25 days. */
export const LONGEST_WAIT = 300_000;

/** Milliseconds that a `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3); a date that is over asks for none. */
export function retryAfter(header: string | null | undefined, now = Date.now()): number | undefined {
  if (header === null || header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Codes of errors that come before any connection: nobody has heard of the request. */
export const NEVER_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)$/;

/** Whether a failure may pass: no answer at all (undefined), or one that says so. */
export function isPassing(status: number | undefined): boolean {
  return status === undefined || status === 408 || status === 429 || status >= 500;
}
