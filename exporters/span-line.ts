/**
 * One ended span as one OTLP/JSON trace request, written by hand: after `JSON.parse` what
 * `JsonTraceSerializer` of `@opentelemetry/otlp-transformer` 0.223 gives, in a fraction of its time, which
 * the traced operation pays. Most spans have no event, link, status or dropped item, and leave those fields
 * out, as protobuf's JSON mapping allows: a third of the line. Format: OpenTelemetry Protocol File Exporter, one request a line.
 */
import type { SpanContext } from '@opentelemetry/api';
import type { EndedSpan } from '../src/runtime.ts';

type Values = Readonly<Record<string, unknown>>;

/** What the SDK's resource and its instrumentation scopes have, on either line. */
export interface Described {
  readonly attributes?: Values;
  readonly schemaUrl?: string | undefined;
}

type Scope = EndedSpan['instrumentationScope'] & Described & { readonly droppedAttributesCount?: number };
type Counted = { readonly droppedAttributesCount?: number };

/** The beginning of every line of one resource: make it once, give it to {@link spanLine}. */
export function resourcePrefix(resource: Described): string {
  const url = resource.schemaUrl ? `,"schemaUrl":${quoted(resource.schemaUrl)}` : '';
  return `{"resourceSpans":[{"resource":{"attributes":${keyValues(resource.attributes ?? {})},"droppedAttributesCount":0${url}}${url},"scopeSpans":[`;
}

/**
 * The line of `span`, without its line break.
 *
 * @param prefix - what {@link resourcePrefix} gave for the span's resource
 */
export function spanLine(span: EndedSpan, prefix: string): string {
  const context = span.spanContext();
  const parent = span.parentSpanContext;
  const { status } = span;
  const scope = scopeOf(span.instrumentationScope);
  return (
    // Ids are digits: the specification says so, and whoever makes them else makes no valid trace.
    `${prefix}${scope.before}{"traceId":"${context.traceId}","spanId":"${context.spanId}${parent?.spanId ? `","parentSpanId":"${parent.spanId}"` : '"'}` +
    traceState(context) +
    nameJson(span.name) +
    (span.kind == null ? 0 : span.kind + 1) +
    `,"startTimeUnixNano":"${nanoseconds(span.startTime)}","endTimeUnixNano":"${nanoseconds(span.endTime)}"` +
    `,"attributes":${keyValues(span.attributes)}` +
    (isPlain(span)
      ? ''
      : `,"droppedAttributesCount":${span.droppedAttributesCount}` +
        `,"events":${list(span.events, event)},"droppedEventsCount":${span.droppedEventsCount}` +
        `,"status":{"code":${status.code}${status.message === undefined ? '' : `,"message":${quoted(status.message)}`}}` +
        `,"links":${list(span.links, link)},"droppedLinksCount":${span.droppedLinksCount}`) +
    `,"flags":${flags(context.traceFlags, parent?.isRemote)}}${scope.after}`
  );
}

/** Most spans: nothing dropped, no event, no link, no status; their fields would all say nothing. */
function isPlain({ droppedAttributesCount, events, droppedEventsCount, status, links, droppedLinksCount }: EndedSpan): boolean {
  return (
    status.code === 0 && status.message === undefined && events.length === 0 && links.length === 0 && droppedAttributesCount === 0 && droppedEventsCount === 0 && droppedLinksCount === 0
  );
}

function event({ name, time, attributes, droppedAttributesCount }: EndedSpan['events'][number] & Counted): string {
  return `{"attributes":${attributes ? keyValues(attributes) : '[]'},"name":${quoted(name)},"timeUnixNano":"${nanoseconds(time)}","droppedAttributesCount":${droppedAttributesCount || 0}}`;
}

function link({ context, attributes, droppedAttributesCount }: EndedSpan['links'][number] & Counted): string {
  return (
    `{"attributes":${attributes ? keyValues(attributes) : '[]'},"spanId":${quoted(context.spanId)},"traceId":${quoted(context.traceId)}` +
    `${traceState(context)},"droppedAttributesCount":${droppedAttributesCount || 0},"flags":${flags(context.traceFlags, context.isRemote)}}`
  );
}

function traceState({ traceState: state }: SpanContext): string {
  return state === undefined ? '' : `,"traceState":${quoted(state.serialize())}`;
}

/** The W3C flags, and whether it is known (0x100: it is) that the parent is remote (0x200). */
function flags(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | (isRemote ? 0x300 : 0x100);
}

function list<Item>(items: readonly Item[], write: (item: Item) => string): string {
  return items.length === 0 ? '[]' : `[${items.map(write).join(',')}]`;
}

/** OTLP/JSON of attributes: the array of keys and values. Few and long pieces: a line costs by their number. */
export function keyValues(attributes: Values): string {
  let json = '';
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    const known = keyJson(key);
    if (json !== '') json += ',';
    if (typeof value === 'string') json += known.pairs?.get(value) ?? pairJson(known, value);
    else if (Number.isInteger(value)) json += `${known.integer + digits(value as number)}}}`;
    else json += `${known.other}${anyValue(value)}}`;
  }
  return json === '' ? '[]' : `[${json}]`;
}

/** Most attributes have the same few values, over and over: those that have many are not looked up any more. */
function pairJson(key: KeyJson, value: string): string {
  if (ESCAPED.test(value)) return `${key.other}{"stringValue":${JSON.stringify(value)}}}`;
  const json = `${key.string + value}"}}`;
  const { pairs } = key;
  if (pairs !== undefined && value.length <= MAX_VALUE) {
    if (pairs.size < MAX_VALUES) pairs.set(value, inOnePiece(json));
    else key.pairs = undefined;
  }
  return json;
}

/** A text that was put together from others is copied faster, ever after, once somebody has looked into it. */
function inOnePiece(text: string): string {
  ESCAPED.test(text);
  return text;
}

function anyValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${quoted(value)}}`;
    case 'number':
      // As JSON has them: NaN and the infinities are null.
      return Number.isInteger(value) ? `{"intValue":${value}}` : `{"doubleValue":${Number.isFinite(value) ? value : null}}`;
    case 'boolean':
      return value ? '{"boolValue":true}' : '{"boolValue":false}';
    case 'object':
      if (value === null) return '{}';
      if (value instanceof Uint8Array) return `{"bytesValue":"${Buffer.from(value).toString('base64')}"}`;
      return Array.isArray(value) ? `{"arrayValue":{"values":${list(value, anyValue)}}}` : `{"kvlistValue":{"values":${keyValues(value as Values)}}}`;
    default:
      return '{}';
  }
}

/** Whether JSON needs an escape: quote, backslash, control characters, and surrogates (a lone one does). */
// oxlint-disable-next-line no-control-regex
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

function quoted(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** What stands before a value of that kind. */
interface KeyJson {
  readonly string: string;
  readonly integer: string;
  readonly other: string;
  /** The whole, by value; undefined for a key with many different ones. */
  pairs: Map<string, string> | undefined;
}

const MAX_KEYS = 4096;
const MAX_VALUES = 32;
const MAX_VALUE = 64;
const MAX_NAMES = 512;
const keys = new Map<string, KeyJson>();

/** An app uses few attribute keys, over and over. One that makes them up does not grow this for ever. */
function keyJson(key: string): KeyJson {
  let json = keys.get(key);
  if (json === undefined) {
    if (keys.size >= MAX_KEYS) keys.clear();
    const other = `{"key":${JSON.stringify(key)},"value":`;
    json = { string: `${other}{"stringValue":"`, integer: `${other}{"intValue":`, other, pairs: new Map() };
    keys.set(key, json);
  }
  return json;
}

const names = new Map<unknown, string>();

/** A span's name, and what stands between it and its kind. An app may have given none, or what is no text. */
function nameJson(name: unknown): string {
  let json = names.get(name);
  if (json === undefined) {
    json = `,"name":${quoted(String(name ?? ''))},"kind":`;
    if (typeof name !== 'string' || name.length > MAX_VALUE) return json;
    if (names.size >= MAX_NAMES) names.clear();
    names.set(name, inOnePiece(json));
  }
  return json;
}

/** OTLP/JSON time: nanoseconds since the epoch as a decimal string. */
export function nanoseconds([seconds, nanos]: readonly [number, number]): string {
  if (seconds > 0 && nanos >= 0 && nanos < 1e9 && Number.isInteger(seconds) && Number.isInteger(nanos))
    return seconds + (threeDigits((nanos / 1e6) | 0) + threeDigits(((nanos / 1e3) | 0) % 1e3) + threeDigits(nanos % 1e3));
  return String(BigInt(Math.trunc(seconds)) * 1_000_000_000n + BigInt(Math.trunc(nanos)));
}

const pieces: string[] = [];

function digits(integer: number): string {
  return integer >= 1e3 && integer < 1e12 ? String((integer / 1e3) | 0) + threeDigits(integer % 1e3) : String(integer);
}

/**
 * Numbers that come but once, as times do, are put together from pieces: V8 keeps the text of each number that it
 * converts for a while, long enough for some thousands a second to fill the heap of an app with what is never used again.
 */
function threeDigits(number: number): string {
  return (pieces[number] ??= String(number + 1e3).slice(1));
}

const scopes = new WeakMap<object, { before: string; after: string }>();

/** What stands before and after a span: one scope object serves all spans of a tracer. */
function scopeOf(scope: Scope): { readonly before: string; readonly after: string } {
  let around = scopes.get(scope);
  if (around === undefined) {
    const { name, version, attributes, schemaUrl, droppedAttributesCount } = scope;
    const counted = attributes && Object.keys(attributes).length > 0;
    const before =
      `{"scope":{"name":${quoted(name)}${version === undefined ? '' : `,"version":${quoted(version)}`}` +
      `${counted ? `,"attributes":${keyValues(attributes)},"droppedAttributesCount":${droppedAttributesCount ?? 0}` : ''}},"spans":[`;
    around = { before, after: `]${schemaUrl === undefined ? '' : `,"schemaUrl":${quoted(schemaUrl)}`}}]}]}` };
    scopes.set(scope, around);
  }
  return around;
}
