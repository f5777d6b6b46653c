/**
 * Finds the few fields of a trace line that most readers need without parsing it: parsing a million lines
 * takes many seconds, looking at fixed places in them one. A line has one span and begins with its resource,
 * byte for byte the same in all lines of one process; a line of any other shape is parsed whole.
 *
 * The marks that are searched for cannot occur inside a JSON string: a quote in there has a backslash.
 */
import { writerOf } from '../rollup/runtime-id.ts';
import { type OtlpSpan, type PlainAttributes, plainAttributes, type TraceRequest } from './otlp.ts';

/** What the beginning of a line says: who wrote it. One object for all lines with the same beginning. */
export interface Source {
  readonly resource: PlainAttributes;
  /** Undefined: no runtime wrote it. */
  readonly runtime: string | undefined;
  readonly scope: string;
}

/** The fields of one span that can be had without parsing. `line` is its text, to be parsed when it matters. */
export interface QuickSpan {
  readonly source: Source;
  readonly traceId: string;
  readonly spanId: string;
  /** Epoch milliseconds, fractions kept. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Where the attributes begin in `text`. */
  readonly from: number;
}

export interface FullSpan {
  readonly source: Source;
  readonly span: OtlpSpan;
}

const SPAN = '"spans":[{"traceId":"';
const SPAN_ID = '","spanId":"';
const START = '"startTimeUnixNano":"';
const END = '","endTimeUnixNano":"';
const TAIL = '}]}';

export class TraceLines {
  readonly #sources = new Map<string, Source>();

  /** Undefined when the line has another shape than ours; then {@link parseTraceLine} can tell. */
  quick(buffer: Buffer, from: number, to: number): QuickSpan | undefined {
    const text = buffer.toString('latin1', from, to);
    const spans = text.indexOf(SPAN);
    if (spans === -1 || !text.endsWith(TAIL)) return undefined;
    const traceAt = spans + SPAN.length;
    const idAt = traceAt + 32 + SPAN_ID.length;
    if (!text.startsWith(SPAN_ID, traceAt + 32) || text.charCodeAt(idAt + 16) !== 0x22) return undefined;
    const startAt = text.indexOf(START, idAt) + START.length;
    const endAt = startAt + 19 + END.length;
    if (startAt < START.length || !text.startsWith(END, startAt + 19) || text.charCodeAt(endAt + 19) !== 0x22) return undefined;
    // A second span in the line.
    if (text.indexOf('"startTimeUnixNano"', endAt) !== -1) return undefined;
    const start = millis(text, startAt);
    const end = millis(text, endAt);
    if (Number.isNaN(start) || Number.isNaN(end)) return undefined;
    const source = this.#source(text.slice(0, spans), buffer, from);
    if (source === undefined) return undefined;
    return { source, traceId: text.slice(traceAt, traceAt + 32), spanId: text.slice(idAt, idAt + 16), start, end, text, from: endAt + 20 };
  }

  #source(beginning: string, buffer: Buffer, from: number): Source | undefined {
    const known = this.#sources.get(beginning);
    if (known !== undefined) return known;
    const parsed = parse(`${buffer.toString('utf8', from, from + beginning.length)}"spans":[]}]}]}`);
    const resourceSpans = parsed?.resourceSpans[0];
    if (parsed?.resourceSpans.length !== 1 || resourceSpans?.scopeSpans?.length !== 1) return undefined;
    const source = sourceOf(plainAttributes(resourceSpans.resource?.attributes), resourceSpans.scopeSpans[0]?.scope?.name);
    // A directory of very many short processes must not be held in memory twice.
    if (this.#sources.size >= 20_000) this.#sources.clear();
    this.#sources.set(beginning, source);
    return source;
  }
}

function sourceOf(resource: PlainAttributes, scope = ''): Source {
  return { resource, runtime: writerOf((key) => resource[key]), scope };
}

/** Every span of a trace line of any shape; undefined when it is none. */
export function parseTraceLine(line: string): FullSpan[] | undefined {
  const found: FullSpan[] = [];
  try {
    for (const { resource, scopeSpans } of parse(line)?.resourceSpans ?? fail()) {
      const attributes = plainAttributes(resource?.attributes);
      for (const { scope, spans } of scopeSpans ?? []) {
        const source = sourceOf(attributes, scope?.name);
        for (const span of spans ?? []) {
          if (typeof span?.traceId !== 'string' || typeof span.spanId !== 'string') return undefined;
          found.push({ source, span });
        }
      }
    }
    return found;
  } catch {
    return undefined;
  }
}

/** The text of a {@link QuickSpan} is its bytes; this is what they say. */
export function decode(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** The value of `spoor.sequence`; NaN where there is none. */
export function sequenceOf({ text, from }: QuickSpan): number {
  const mark = '"key":"spoor.sequence","value":{"intValue":';
  const at = text.indexOf(mark, from);
  return at === -1 ? Number.NaN : Number.parseInt(text.slice(at + mark.length, at + mark.length + 20).replace('"', ''), 10);
}

/** The value of an attribute that is a text; undefined where there is none. */
export function textOf({ text, from }: QuickSpan, name: string): string | undefined {
  const mark = `"key":"${name}","value":{"stringValue":"`;
  const at = text.indexOf(mark, from);
  if (at === -1) return undefined;
  const start = at + mark.length;
  let end = text.indexOf('"', start);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  const value = decode(text.slice(start, end));
  return value.includes('\\') ? (JSON.parse(`"${value}"`) as string) : value;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}

/** The value of an attribute that is a number; undefined where there is none. */
export function numberOf({ text, from }: QuickSpan, name: string): number | undefined {
  const mark = `"key":"${name}","value":{"`;
  const at = text.indexOf(mark, from);
  if (at === -1) return undefined;
  const value = /^(?:int|double)Value":"?(-?[\d.eE+-]+)/.exec(text.slice(at + mark.length, at + mark.length + 48))?.[1];
  return value === undefined ? undefined : Number(value);
}

function fail(): never {
  throw new TypeError('not a trace request');
}

function parse(line: string): TraceRequest | undefined {
  try {
    const value = JSON.parse(line) as TraceRequest | null;
    return Array.isArray(value?.resourceSpans) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** 19 digits of nanoseconds. */
function millis(text: string, at: number): number {
  return Number(text.slice(at, at + 10)) * 1000 + Number(text.slice(at + 10, at + 19)) / 1e6;
}
