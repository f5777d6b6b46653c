/**
 * The ledgers that this process has read or written last, each with its file.
 *
 * Every writer puts a new file in the place of the old one, and the file that is known here is held open: its inode
 * cannot be given to another, so the same inode is the same content. Size and times tell of an editor that writes
 * into the file itself.
 */
import { type BigIntStats, close, closeSync, fstatSync } from 'node:fs';
import type { LedgerBytes } from './ledger-bytes.ts';
import type { Telemetry } from './ledger-schema.ts';

export interface Known {
  readonly telemetry: Telemetry;
  /** Made when the first change is written: readers need none. */
  bytes?: LedgerBytes;
  readonly descriptor: number | undefined;
  readonly stats: BigIntStats;
}

/** A process seldom has more than one ledger; each costs a descriptor and its content. */
const MAX_KNOWN = 8;
const known = new Map<string, Known>();

/** What is known of the file that is `there` now; any other is forgotten. */
export function knownAs(path: string, there: BigIntStats | undefined): Known | undefined {
  const last = known.get(path);
  if (there !== undefined && last !== undefined && isSame(there, last.stats) && isOpen(last)) return last;
  forget(path);
  return undefined;
}

export function statsOf(descriptor: number): BigIntStats {
  return fstatSync(descriptor, { bigint: true });
}

export function remember(path: string, entry: Known): Known {
  forget(path);
  const oldest = known.size >= MAX_KNOWN ? known.keys().next().value : undefined;
  if (oldest !== undefined) forget(oldest);
  // An open file cannot be replaced on Windows; there its number and times have to do.
  const held = process.platform === 'win32' ? { ...entry, descriptor: undefined } : entry;
  if (held.descriptor === undefined && entry.descriptor !== undefined) closeSync(entry.descriptor);
  known.set(path, held);
  return held;
}

export function forget(path: string): void {
  const entry = known.get(path);
  known.delete(path);
  if (entry?.descriptor !== undefined && isOpen(entry)) release(entry.descriptor);
}

let closing = 0;

/** The last close of a replaced file frees its blocks, which takes longer than all the rest: not on the app's thread. */
function release(descriptor: number): void {
  if (closing >= 16) return closeSync(descriptor);
  closing++;
  close(descriptor, () => closing--);
}

function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs;
}

/** Somebody may have closed our descriptor, and its number may be another file's by now. */
function isOpen({ descriptor, stats }: Known): boolean {
  if (descriptor === undefined) return true;
  try {
    const open = fstatSync(descriptor, { bigint: true });
    return open.ino === stats.ino && open.dev === stats.dev;
  } catch {
    return false;
  }
}
