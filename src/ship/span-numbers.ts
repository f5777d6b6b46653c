/** The numbers that an operation would have left, from its span: for processes that were killed before they wrote them. */
import { ATTR, INSTRUMENTS, SCOPE, TOKEN_USAGE, type Instrument } from '../conventions.ts';
import type { KeyValue } from '../rollup/request.ts';
import { writerOf } from '../rollup/runtime-id.ts';

/** Plain JSON. */
export interface SpanNumber {
  /** Name of the instrument. */
  readonly name: string;
  readonly attributes: readonly KeyValue[];
  readonly value: number;
  readonly timeUnixNano: string;
  readonly traceId: string;
  readonly spanId: string;
}

export interface SpanNumbers {
  readonly resource: readonly KeyValue[];
  readonly numbers: readonly SpanNumber[];
}

/** A kind of operation is known by attributes of its own: `spoor.spawn.*` with `spoor.spawn.duration`. */
const DURATIONS = INSTRUMENTS.filter(({ name, type }) => type === 'histogram' && /^spoor\.\w+\.duration$/.test(name)).map((instrument) => ({ instrument, prefix: instrument.name.slice(0, -'duration'.length) }));
const BY_NAME = new Map<string, Instrument>(INSTRUMENTS.map((instrument) => [instrument.name, instrument]));
const TOKENS = [
  [ATTR.GEN_AI_USAGE_INPUT_TOKENS, 'input'],
  [ATTR.GEN_AI_USAGE_OUTPUT_TOKENS, 'output'],
] as const;

export function instrumentNamed(name: string): Instrument | undefined {
  return BY_NAME.get(name);
}

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
}

/** Of the first span in a trace line; undefined when it is no operation's, or no trace line. */
export function spanNumbers(line: string): SpanNumbers | undefined {
  try {
    const { resource, scopeSpans } = JSON.parse(line).resourceSpans[0];
    if (scopeSpans[0].scope?.name !== SCOPE.name) return undefined;
    const span: WireSpan = scopeSpans[0].spans[0];
    const given = new Map(span.attributes.map((attribute) => [attribute.key, attribute]));
    const duration = DURATIONS.find(({ prefix }) => span.attributes.some(({ key }) => key.startsWith(prefix)))?.instrument;
    if (duration === undefined) return undefined;
    const seconds = Math.max(0, Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e9);
    const number = (instrument: Instrument, value: number, more: readonly KeyValue[] = []): SpanNumber => ({
      name: instrument.name,
      attributes: [...instrument.attributes.flatMap((name) => given.get(name) ?? []), ...more],
      value,
      timeUnixNano: span.endTimeUnixNano,
      traceId: span.traceId,
      spanId: span.spanId,
    });
    const tokens = TOKENS.flatMap(([name, type]) => {
      const used = Number(given.get(name)?.value.intValue ?? 0);
      return used > 0 ? number(TOKEN_USAGE, used, [{ key: ATTR.GEN_AI_TOKEN_TYPE, value: { stringValue: type } }]) : [];
    });
    return { resource: resource.attributes, numbers: [number(duration, seconds), ...tokens] };
  } catch {
    return undefined;
  }
}

/** Ends what a line says of its resource. A mark cannot be part of a text: a quote in there has a backslash. */
const SCOPES = Buffer.from('"scopeSpans":[');
const SEQUENCE = Buffer.from('"key":"spoor.sequence","value":{"intValue":');

/** The beginning of the last line that was looked at, and who wrote it: most lines are of the one before. */
let last: { readonly head: Buffer; readonly runtime: string | undefined } = { head: SCOPES, runtime: undefined };

/** The runtime and the number of an operation in a trace line, found without parsing it; undefined when it is no operation's, or no runtime wrote it. */
export function operationIn(buffer: Buffer, start: number, end: number): { readonly runtime: string; readonly sequence: number } | undefined {
  if (buffer.compare(last.head, 0, last.head.length, start, Math.min(start + last.head.length, end)) !== 0) {
    const scopes = buffer.indexOf(SCOPES, start) + SCOPES.length;
    if (scopes < SCOPES.length || scopes > end) return undefined;
    const head = Buffer.from(buffer.subarray(start, scopes));
    const text = head.toString('latin1');
    last = { head, runtime: writerOf((key) => valueIn(text, key)) };
  }
  const { head, runtime } = last;
  if (runtime === undefined) return undefined;
  const sequence = buffer.indexOf(SEQUENCE, start + head.length) + SEQUENCE.length;
  if (sequence < SEQUENCE.length || sequence >= end) return undefined;
  return { runtime, sequence: numberAt(buffer, sequence) };
}

/** As it is written: in the ids of runtimes nothing is escaped. */
function valueIn(head: string, key: string): string | undefined {
  const mark = `"key":"${key}","value":{"stringValue":"`;
  const at = head.indexOf(mark) + mark.length;
  return at < mark.length ? undefined : head.slice(at, head.indexOf('"', at));
}

/** Digits, with or without a quote in front. */
function numberAt(buffer: Buffer, start: number): number {
  let number = 0;
  for (let at = buffer[start] === 0x22 ? start + 1 : start; ; at++) {
    const digit = buffer[at]! - 0x30;
    if (!(digit >= 0 && digit <= 9)) return number;
    number = number * 10 + digit;
  }
}
