/** Reading the lines of hour files piece by piece: a file may be larger than what fits into memory. */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { HOUR_MS, hourFiles, type HourFile, type Signal } from './layout.ts';
import { listed } from './listed.ts';
import type { Aside } from './set-aside.ts';

/** A line: bytes `start` to `end` of `buffer`, valid during the call only. */
export type OnLine = (buffer: Buffer, start: number, end: number) => void;

const CHUNK = 1 << 20;
/** A line longer than this is not ours; holding it would cost more memory than it is worth. */
const LONGEST_LINE = 64 << 20;

export interface ReadOptions {
  readonly directory: string;
  readonly aside: Aside;
  /** Bytes read, as they are read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * The files of a signal that may hold lines written at `since` (epoch ms) or later, oldest first. A day that cannot be
 * listed is set aside, as a file is that cannot be read. @throws as {@link listed} does, where the signal cannot be
 */
export function filesSince({ directory, aside }: ReadOptions, signal: Signal, since: number): HourFile[] {
  const list = (folder: string): string[] => {
    try {
      return listed(folder);
    } catch (error) {
      const name = relative(directory, folder);
      if (name === signal) throw error;
      if (Date.parse(basename(folder)) + 24 * HOUR_MS > since) aside.file(name, code(error));
      return [];
    }
  };
  return hourFiles(directory, signal, list).filter((file) => file.start + HOUR_MS > since);
}

/** Calls `onLine` for each line that is not empty. A file that cannot be read, and a line too long to hold, is set aside. */
export function eachLine(path: string, { directory, aside, onBytes }: ReadOptions, onLine: OnLine, from = 0, to = Infinity): void {
  const name = relative(directory, path);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    // Retention may have deleted it since it was listed.
    if (code(error) !== 'ENOENT') aside.file(name, code(error));
    return;
  }
  try {
    let buffer = Buffer.allocUnsafe(CHUNK);
    let held = 0;
    let position = from;
    // Within a line that was too long: up to its end there is nothing to be read.
    let skipping = false;
    for (;;) {
      const read = readSync(descriptor, buffer, held, Math.min(buffer.length - held, to - position), position);
      if (read === 0) break;
      onBytes?.(read);
      position += read;
      const end = held + read;
      let start = 0;
      for (let at = buffer.indexOf(10, held); at !== -1 && at < end; at = buffer.indexOf(10, start)) {
        if (at > start && !skipping) onLine(buffer, start, at);
        skipping = false;
        start = at + 1;
      }
      held = end - start;
      if (start > 0) buffer.copyWithin(0, start, end);
      else if (held === buffer.length && held < LONGEST_LINE) buffer = Buffer.concat([buffer], buffer.length * 2);
      else if (held === buffer.length) {
        if (!skipping) aside.line(name, 'longer than 64 MiB');
        skipping = true;
        held = 0;
      }
    }
    if (held > 0 && !skipping) onLine(buffer, 0, held);
  } catch (error) {
    aside.file(name, code(error));
  } finally {
    closeSync(descriptor);
  }
}

function code(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
