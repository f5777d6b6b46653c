/**
 * Trace and span ids, cut from a string of random digits: a tenth of what the SDK's own generator takes, which
 * makes and converts a buffer for each id.
 */
import { randomFillSync } from 'node:crypto';

/** Ids of about ten spans. Not more: as long as one id lives, so does the string that it is cut from. */
const STRING = 240;
/** Asking the system costs more than what it gives: so many strings at once. */
const bytes = Buffer.allocUnsafeSlow(16 * STRING);
let filled = bytes.length;
let digits = '';
let used = 0;

function take(length: number): string {
  if (used + length > digits.length) {
    if (filled === bytes.length) {
      randomFillSync(bytes);
      filled = 0;
    }
    digits = bytes.toString('hex', filled, (filled += STRING));
    used = 0;
  }
  return digits.slice(used, (used += length));
}

/** An `IdGenerator` of the SDK. */
export const randomIds = {
  generateTraceId: (): string => take(32),
  generateSpanId: (): string => take(16),
};
