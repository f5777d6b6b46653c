/**
 * Reads the lines of hour files back, in bounded memory. Others may be writing, retention may delete, a disk
 * may have lost or flipped something: what cannot be read is set aside by name and reading goes on. Nothing
 * on disk is ever changed.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { HOUR_MS, hourFiles, type Signal } from './layout.ts';

/** What was left out. `line` counts from 1; 0 is the file as a whole. */
export interface SetAside {
  readonly file: string;
  readonly line: number;
  /** `torn`, `not JSON`, `unknown schema`, `too long`, or the system's error code. */
  readonly reason: string;
}

export interface Line {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** It is the file's last and has no line break (yet). */
  readonly open: boolean;
}

export interface Parsed {
  readonly file: string;
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface ReadOptions {
  /** Epoch milliseconds; hour files that ended before are not opened. Default: all. */
  readonly since?: number;
  readonly onSetAside: (what: SetAside) => void;
}

const CHUNK = 1024 * 1024;
const MAX_LINE = 64 * 1024 * 1024;
const NEWLINE = 10;

/** Every line of a signal that is JSON and of a schema that this version knows, oldest file first. */
export function* readSignal(directory: string, signal: Signal, options: ReadOptions): Generator<Parsed, void, undefined> {
  for (const { path, start } of hourFiles(directory, signal)) {
    if (options.since !== undefined && start + HOUR_MS <= options.since) continue;
    for (const line of readLines(path, options.onSetAside)) {
      const value = parse(line, options.onSetAside);
      if (value === undefined) continue;
      if (isKnown(signal, value)) yield { file: path, line: line.line, value };
      else options.onSetAside({ file: path, line: line.line, reason: 'unknown schema' });
    }
  }
}

/** The lines of one file that are not empty, as text. */
export function* readLines(file: string, onSetAside: (what: SetAside) => void): Generator<Line, void, undefined> {
  let line = 0;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    let buffer = Buffer.allocUnsafe(CHUNK);
    let held = 0;
    let skipping = false;
    for (;;) {
      const read = readSync(descriptor, buffer, held, buffer.length - held, null);
      const end = held + read;
      const last = read === 0 ? -1 : buffer.subarray(0, end).lastIndexOf(NEWLINE);
      if (last !== -1) {
        const text = buffer.toString('utf8', 0, last);
        for (let from = 0; from <= text.length; ) {
          const next = text.indexOf('\n', from);
          const to = next === -1 ? text.length : next;
          line++;
          if (skipping) onSetAside({ file, line, reason: 'too long' });
          else if (to > from) yield { file, line, text: text.slice(from, to), open: false };
          skipping = false;
          from = to + 1;
        }
        buffer.copyWithin(0, last + 1, end);
        held = end - last - 1;
      } else if (read === 0) {
        if (skipping) onSetAside({ file, line: line + 1, reason: 'too long' });
        else if (held > 0) yield { file, line: line + 1, text: buffer.toString('utf8', 0, held), open: true };
        return;
      } else if (end < buffer.length) {
        held = end;
      } else if (skipping || buffer.length >= MAX_LINE) {
        skipping = true;
        held = 0;
      } else {
        held = end;
        const larger = Buffer.allocUnsafe(buffer.length * 2);
        buffer.copy(larger);
        buffer = larger;
      }
    }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    if (reason === undefined) throw error;
    // Gone between listing and opening is retention's work, not a loss of the reader's.
    if (reason !== 'ENOENT') onSetAside({ file, line: 0, reason });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function parse({ file, line, text, open }: Line, onSetAside: ReadOptions['onSetAside']): Parsed['value'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Parsed['value'];
    onSetAside({ file, line, reason: 'unknown schema' });
  } catch {
    onSetAside({ file, line, reason: open ? 'torn' : 'not JSON' });
  }
  return undefined;
}

function isKnown(signal: Signal, value: Parsed['value']): boolean {
  if (signal === 'traces') return isArrayOfObjects(value.resourceSpans);
  if (signal === 'rollups') return isArrayOfObjects(value.resourceMetrics);
  return typeof value.traceId === 'string' && typeof value.spanId === 'string' && typeof value.name === 'string';
}

function isArrayOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
}
