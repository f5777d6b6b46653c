/**
 * Trace and span ids, cut from a string of random digits: a tenth of what the SDK's own generator takes, which
 * makes and converts a buffer for each id.
 */
import { closeSync, openSync, readSync } from 'node:fs';

/** Ids of about ten spans. Not more: as long as one id lives, so does the string that it is cut from. */
const STRING = 240;
/** Asking the system costs more than what it gives: so many strings at once. */
const bytes = Buffer.allocUnsafeSlow(16 * STRING);
let filled = bytes.length;
let digits = '';
let used = 0;

/** As `node:crypto` does it, which every process that spawns would take 2 ms and 0.9 MB to load. */
function fill(): void {
  try {
    const system = openSync('/dev/urandom', 'r');
    try {
      if (readSync(system, bytes) === bytes.length) return;
    } finally {
      closeSync(system);
    }
  } catch {
    // Windows, or not for us: below.
  }
  process.getBuiltinModule('node:crypto').randomFillSync(bytes);
}

function take(length: number): string {
  if (used + length > digits.length) {
    if (filled === bytes.length) {
      fill();
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

/** A UUID of random digits (RFC 9562, version 4). */
export function randomUuid(): string {
  const some = take(32);
  return `${some.slice(0, 8)}-${some.slice(8, 12)}-4${some.slice(13, 16)}-${'89ab'[Number.parseInt(some[16]!, 16) & 3]}${some.slice(17, 20)}-${some.slice(20)}`;
}
