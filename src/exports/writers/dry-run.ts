import type { Writer } from '../writer.ts';

/** Stands in for a destination in a dry run: nothing is run, and the manifest says what would have been. */
export function skipAll(target: string): Writer {
  return { id: target.split(':', 1)[0] || 'unknown', target, write: () => ({ status: 'skipped', skippedReason: 'dry_run' }) };
}
