/**
 * Trace lines joined to one OTLP/JSON request, as text: they are not parsed. Each line is a whole request,
 * `{"resourceSpans":[…]}`. Spans of one resource and scope that follow each other have the same words around
 * them; these are written once.
 */
import type { Line } from './chunk.ts';

const OPEN = Buffer.from('{"resourceSpans":[');
const CLOSE = Buffer.from(']}');
/** Its first occurrence in a line is the list itself: within a string its quotes would be escaped. */
const SPANS = Buffer.from('"spans":[');
/** How it is looked for: a search is fast when its first letter is rare, and JSON is full of quotes. */
const RARE = SPANS.subarray(1);
/** Ends the spans, their scope, the resource and the request. */
const SPANS_CLOSE = Buffer.from(']}]}]}');
const SCOPE_CLOSE = SPANS_CLOSE.subarray(0, 4);
const COMMA = 44;

/** A request without anything in it: what answers it answers everything. */
export const NOTHING_TO_TRACE = Buffer.concat([OPEN, CLOSE]);

/** Whether a line has the two ends of a trace request. */
export function isTraceLine(bytes: Buffer, { start, end }: Line): boolean {
  return end - start > OPEN.length + CLOSE.length && isAt(bytes, OPEN, start) && isAt(bytes, CLOSE, end - CLOSE.length);
}

/** Joins lines that are trace requests; the result is at most a few bytes longer than they are. */
export function joinTraceLines(bytes: Buffer, lines: readonly Line[]): Buffer {
  const size = lines.reduce((sum, { start, end }) => sum + end - start + 1, OPEN.length + CLOSE.length);
  const body = Buffer.allocUnsafe(size);
  let length = OPEN.copy(body);
  const headOf = headFinder(bytes);
  let open: Line | undefined;
  for (const { start, end } of lines) {
    const inner = { start: start + OPEN.length, end: end - CLOSE.length };
    const head = headOf(inner);
    if (open !== undefined && head !== undefined && isSame(bytes, open, head)) {
      body[length++] = COMMA;
      length += bytes.copy(body, length, head.end, end - SPANS_CLOSE.length);
      continue;
    }
    if (open !== undefined) length += SCOPE_CLOSE.copy(body, length);
    if (length > OPEN.length) body[length++] = COMMA;
    length += bytes.copy(body, length, inner.start, head === undefined ? inner.end : end - SPANS_CLOSE.length);
    open = head;
  }
  if (open !== undefined) length += SCOPE_CLOSE.copy(body, length);
  length += CLOSE.copy(body, length);
  return body.subarray(0, length);
}

/**
 * Finds what stands before the spans of a line that has one list of them, at its end, and not an empty one. For the lines of a buffer in
 * their order: where the search for a second list ends up is the first of a later line.
 */
function headFinder(bytes: Buffer): (inner: Line) => Line | undefined {
  let list = -1;
  const next = (from: number): number => {
    const found = bytes.indexOf(RARE, from);
    return found === -1 ? Infinity : found;
  };
  return ({ start, end }) => {
    const tail = end + CLOSE.length - SPANS_CLOSE.length;
    if (list < start) list = next(start);
    const first = list;
    if (first + RARE.length >= tail || !isAt(bytes, SPANS, first - 1) || !isAt(bytes, SPANS_CLOSE, tail)) return undefined;
    list = next(first + RARE.length);
    return list < tail ? undefined : { start, end: first + RARE.length };
  };
}

function isSame(bytes: Buffer, a: Line, b: Line): boolean {
  return a.end - a.start === b.end - b.start && bytes.compare(bytes, a.start, a.end, b.start, b.end) === 0;
}

function isAt(bytes: Buffer, what: Buffer, at: number): boolean {
  return bytes.compare(what, 0, what.length, at, at + what.length) === 0;
}
