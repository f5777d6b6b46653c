/** Spawns that began and have no ended span. */
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { eachLine, filesSince, type ReadOptions } from '../store/read.ts';
import { milliseconds, type PlainAttributes } from './otlp.ts';

/** One line of `starts/`. */
export interface Start {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly host: string;
  readonly resource: PlainAttributes;
  readonly attributes: PlainAttributes;
}

export interface StartFile {
  readonly path: string;
  readonly host: string;
  readonly size: number;
}

/**
 * The files as they are now. Taken before the traces are read, so that whatever began later, and whose end
 * would be missed, is left out.
 */
export function startFiles(read: ReadOptions, since: number): StartFile[] {
  return filesSince(read, 'starts', since).map(({ path, host }) => ({ path, host, size: statSync(path, { throwIfNoEntry: false })?.size ?? 0 }));
}

/**
 * Calls `onOpen` for each start whose span `isEnded` does not know. Only those are parsed; with `needles`, only
 * those of them whose line holds one of these texts.
 */
export function eachOpenStart(files: readonly StartFile[], options: ReadOptions, isEnded: (spanId: string) => boolean, onOpen: (start: Start) => void, needles: readonly string[] = ['']): void {
  for (const { path, host, size } of files) {
    eachLine(
      path,
      options,
      (buffer, from, to) => {
        const head = buffer.toString('latin1', from, Math.min(to, from + 73));
        const id = /^\{"traceId":"[0-9a-f]{32}","spanId":"([0-9a-f]{16})"/.exec(head)?.[1];
        if (id !== undefined && isEnded(id)) return;
        const line = buffer.subarray(from, to);
        if (!needles.some((needle) => line.includes(needle))) return;
        const start = parse(line.toString(), host);
        if (start === undefined) options.aside.line(relative(options.directory, path), 'not a line of starts');
        else if (!isEnded(start.spanId)) onOpen(start);
      },
      0,
      size,
    );
  }
}

function parse(line: string, host: string): Start | undefined {
  try {
    const { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, resource, attributes } = JSON.parse(line);
    if (typeof traceId !== 'string' || typeof spanId !== 'string') return undefined;
    return {
      traceId,
      spanId,
      ...(typeof parentSpanId === 'string' && { parentSpanId }),
      name: String(name),
      kind: String(kind),
      start: milliseconds(startTimeUnixNano),
      host,
      resource: record(resource),
      attributes: record(attributes),
    };
  } catch {
    return undefined;
  }
}

function record(value: unknown): PlainAttributes {
  return typeof value === 'object' && value !== null ? (value as PlainAttributes) : {};
}
