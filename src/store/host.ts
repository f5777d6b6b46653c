/** Which kernel this is: appends of one kernel's processes to one file are whole, those of two are not. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

let cached: string | undefined;

/** 12 hex digits: the start of the boot id; where there is none, a hash of the host's name. */
export function hostId(): string {
  cached ??= fromBootId() ?? hash(hostname());
  return cached;
}

function fromBootId(): string | undefined {
  try {
    // As UTF-8, like everything in /proc that a start reads: Node has a short way for it.
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll('-', '').slice(0, 12);
    return /^[0-9a-f]{12}$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** FNV-1a, 48 bits of it: loading `node:crypto` for this would cost more than the rest of the start. */
function hash(text: string): string {
  let state = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) state = BigInt.asUintN(64, (state ^ BigInt(byte)) * 0x100000001b3n);
  return state.toString(16).padStart(16, '0').slice(0, 12);
}
