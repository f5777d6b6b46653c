/** Which unsent lines are not to be sent any more: those that are too old, then the oldest of too many. */
import { HOUR_MS } from '../store/layout.ts';
import type { LostFile } from './backlog.ts';
import type { BacklogFile } from './backlog-file.ts';
import type { RoadOptions } from './road.ts';

export interface Overdue {
  readonly file: BacklogFile;
  /** Position in the file up to which lines are left out. */
  readonly upTo: number;
  readonly because: 'age' | 'size';
}

/** Bytes of a line as most are: those of a file that somebody deleted cannot be counted. */
const USUAL_LINE = 1_000;

/** Counts what retention, or somebody, has deleted before it was sent. */
export function onLost({ settings, onDropped }: Pick<RoadOptions, 'settings' | 'onDropped'>): (file: LostFile) => void {
  return ({ start, bytes, lines = Math.ceil(bytes / USUAL_LINE) }) => onDropped(start + HOUR_MS + settings.shipMaxAge <= Date.now() ? 'ship_age' : 'ship_size', lines);
}

/** @param files - oldest first */
export function overdue(files: readonly BacklogFile[], { now, maxAge, maxBytes }: { readonly now: number; readonly maxAge: number; readonly maxBytes: number }): Overdue[] {
  const found: Overdue[] = [];
  let excess = files.reduce((sum, { size, offset }) => sum + size - offset, 0) - maxBytes;
  for (const file of files) {
    const left = file.size - file.offset;
    if (file.start + HOUR_MS + maxAge <= now) found.push({ file, upTo: file.size, because: 'age' });
    else if (excess > 0) found.push({ file, upTo: file.offset + Math.min(excess, left), because: 'size' });
    else break;
    excess -= left;
  }
  return found;
}
