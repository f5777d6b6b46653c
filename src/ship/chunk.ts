/** A piece of an hour file: whole lines, from where the file is done with. */
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { BacklogFile } from './backlog-file.ts';
import type { Room } from './room.ts';

/** Where a line stands in the chunk's bytes, without its line break. */
export interface Line {
  readonly start: number;
  readonly end: number;
}

export interface Chunk {
  readonly file: BacklogFile;
  readonly bytes: Buffer;
  /** Position in the file of the first of the bytes. */
  readonly base: number;
  /** Those that are not empty. */
  readonly lines: readonly Line[];
  /** Position in the file behind the last line. */
  readonly to: number;
  /** A line began here that is longer than any of ours. It is left out. */
  readonly tooLong: boolean;
}

/** Bytes before a position that its checksum covers. */
export const CHECKED = 256;
/** A line longer than this is not ours, and no backend would take it. */
const LONGEST_LINE = 16 << 20;

/**
 * The lines that stand behind `from`, as many as fit into `most` bytes, or one. Undefined when there is none yet:
 * a line without its end waits for it, unless nobody writes to the file any more.
 * @param room - where the bytes will be, until the next ones are read into it
 * @throws what the file system says; undefined for a file that is gone
 */
export function readChunk(file: BacklogFile, from: number, most: number, room: Room): Chunk | undefined {
  // What was appended since the file was looked at: where its hour seems over, by a clock that is ahead, a part of it
  // would be taken for a line that nobody will finish.
  if (from >= file.size) return undefined;
  let descriptor: number;
  try {
    descriptor = openSync(file.path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const base = Math.max(0, from - CHECKED);
    const lead = from - base;
    let bytes = room.take(lead + Math.min(most, file.size - from));
    let filled = 0;
    for (let searched = lead; ; searched = filled) {
      filled += fill(descriptor, bytes, filled, base + filled);
      const end = searched + bytes.subarray(searched, filled).lastIndexOf(10);
      if (end >= searched) return { file, bytes, base, lines: linesOf(bytes, lead, end + 1), to: base + end + 1, tooLong: false };
      if (filled < bytes.length || base + filled >= file.size) {
        // The end of the file, and a line that nobody will finish.
        if (!file.closed || filled <= lead) return undefined;
        return { file, bytes, base, lines: [{ start: lead, end: filled }], to: base + filled, tooLong: false };
      }
      if (filled - lead > LONGEST_LINE) return skip(file, descriptor, base, lead);
      const larger = Buffer.allocUnsafe(Math.min(lead + (filled - lead) * 4, file.size - base));
      bytes.copy(larger, 0, 0, filled);
      bytes = larger;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The checksum that stands for everything before `position`. */
export function checkAt({ bytes, base }: Chunk, position: number): number {
  return crc32(bytes.subarray(Math.max(0, position - base - CHECKED), position - base));
}

function skip(file: BacklogFile, descriptor: number, base: number, lead: number): Chunk | undefined {
  const piece = Buffer.allocUnsafe(1 << 20);
  for (let at = base + lead; ; ) {
    const read = readSync(descriptor, piece, 0, piece.length, at);
    if (read === 0 && !file.closed) return undefined;
    const end = piece.subarray(0, read).indexOf(10);
    if (end === -1 && read > 0) {
      at += read;
      continue;
    }
    const to = at + (read === 0 ? 0 : end + 1);
    const start = Math.max(0, to - CHECKED);
    const bytes = Buffer.allocUnsafe(to - start);
    fill(descriptor, bytes, 0, start);
    return { file, bytes, base: start, lines: [], to, tooLong: true };
  }
}

function fill(descriptor: number, bytes: Buffer, at: number, position: number): number {
  let filled = 0;
  while (at + filled < bytes.length) {
    const read = readSync(descriptor, bytes, at + filled, bytes.length - at - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

function linesOf(bytes: Buffer, from: number, to: number): Line[] {
  const lines: Line[] = [];
  for (let start = from; start < to; ) {
    const end = bytes.indexOf(10, start);
    if (end > start) lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}
