/**
 * The rollup's numbers as OTLP/JSON, written by hand: a line is made in a fraction of the time that building
 * the objects and `JSON.stringify` take. Spec: opentelemetry-proto `metrics/v1`, JSON encoding; numbers and
 * times are written as `@opentelemetry/otlp-transformer` writes them.
 */
import { ATTR, SCOPE, type Instrument } from '../conventions.ts';
import type { Buckets } from './buckets.ts';
import type { ExplicitHistogram } from './explicit-histogram.ts';
import type { HistogramPoint } from './exponential-histogram.ts';
import type { Delta } from './ledger.ts';
import type { AttributeValue } from './series.ts';

/** OTLP's AGGREGATION_TEMPORALITY_DELTA. */
const DELTA = 1;

export interface LineOptions {
  /** OTLP/JSON array of the resource's attributes. */
  readonly resource: string;
  /** Number of the last operation whose numbers are in this or an earlier line of this runtime. */
  readonly sequence: number;
  /** No line of this runtime leaves an operation out after this one. */
  readonly final: boolean;
}

/** One metrics request, without a line feed. Without a delta it only says how far the numbers reach. */
export function deltaLine(delta: Delta | undefined, { resource, sequence, final }: LineOptions): string {
  const attributes = `{"key":"${ATTR.SEQUENCE}","value":{"intValue":${sequence}}}${final ? `,{"key":"${ATTR.FINAL}","value":{"boolValue":true}}` : ''}`;
  return requestLine(resource, scopeMetricsJson(SCOPE.name, SCOPE.version, attributes, delta === undefined ? '' : deltaMetrics(delta)));
}

/** `resource` is a JSON array; `scopeMetrics`, as all lists below, the inner part of one. */
export function requestLine(resource: string, scopeMetrics: string): string {
  return `{"resourceMetrics":[{"resource":{"attributes":${resource}},"scopeMetrics":[${scopeMetrics}]}]}`;
}

export function scopeMetricsJson(name: string, version: string, attributes: string, metrics: string): string {
  const extra = attributes === '' ? '' : `,"attributes":[${attributes}]`;
  return `{"scope":{"name":${JSON.stringify(name)},"version":${JSON.stringify(version)}${extra}},"metrics":[${metrics}]}`;
}

function deltaMetrics(delta: Delta): string {
  const start = nanoseconds(delta.start);
  const end = nanoseconds(delta.end);
  const points = new Map<Instrument, string>();
  for (const [{ instrument, json }, { value, histogram, latest, greatest }] of delta.entries) {
    let exemplars = '';
    if (latest !== undefined) exemplars = exemplarJson(nanoseconds(latest.time), latest.value, latest.traceId, latest.spanId);
    if (greatest !== undefined && greatest.spanId !== latest?.spanId) exemplars += `,${exemplarJson(nanoseconds(greatest.time), greatest.value, greatest.traceId, greatest.spanId)}`;
    const head = pointHead(json, start, end, exemplars);
    const point = histogram === undefined ? numberPoint(head, value) : histogramPoint(head, histogram);
    const before = points.get(instrument);
    points.set(instrument, before === undefined ? point : `${before},${point}`);
  }
  let metrics = '';
  for (const [{ name, description, unit, type }, list] of points) {
    if (metrics !== '') metrics += ',';
    metrics += type === 'histogram' ? metricJson(name, description, unit, 'exponentialHistogram', list) : metricJson(name, description, unit, 'sum', list, type === 'counter');
  }
  return metrics;
}

export function metricJson(name: string, description: string, unit: string, kind: 'sum' | 'histogram' | 'exponentialHistogram', points: string, monotonic = false): string {
  const head = `{"name":${JSON.stringify(name)},"description":${JSON.stringify(description)},"unit":${JSON.stringify(unit)}`;
  return `${head},"${kind}":{"aggregationTemporality":${DELTA},${kind === 'sum' ? `"isMonotonic":${monotonic},` : ''}"dataPoints":[${points}]}}`;
}

/** Times are nanoseconds as decimal strings. */
export function pointHead(attributes: string, start: string, end: string, exemplars: string): string {
  return `{"attributes":${attributes},"startTimeUnixNano":"${start}","timeUnixNano":"${end}"${exemplars === '' ? '' : `,"exemplars":[${exemplars}]`}`;
}

/** Always a double: a series whose points change between integer and double confuses backends. */
export function numberPoint(head: string, value: number): string {
  return `${head},"asDouble":${double(value)}}`;
}

export function histogramPoint(head: string, histogram: Omit<HistogramPoint, 'positive' | 'negative'> & Readonly<Record<'positive' | 'negative', Pick<Buckets, 'offset' | 'counts'>>>): string {
  const { count, sum, zeroCount, min, max, scale, positive, negative } = histogram;
  const range = count > 0 && min <= max ? `,"min":${min},"max":${max}` : '';
  return `${head},"count":${count},"sum":${double(sum)}${range},"scale":${scale},"zeroCount":${zeroCount},"positive":${bucketsJson(positive)},"negative":${bucketsJson(negative)}}`;
}

export function explicitPoint(head: string, { count, sum, min, max, bounds, counts }: ExplicitHistogram): string {
  const range = min <= max ? `,"min":${min},"max":${max}` : '';
  return `${head},"count":${count},"sum":${double(sum)}${range},"explicitBounds":[${bounds.join(',')}],"bucketCounts":[${counts.join(',')}]}`;
}

function bucketsJson({ offset, counts }: Pick<Buckets, 'offset' | 'counts'>): string {
  return counts.length === 0 ? '{"offset":0,"bucketCounts":[]}' : `{"offset":${offset},"bucketCounts":[${counts.join(',')}]}`;
}

export function exemplarJson(time: string, value: number, traceId: string, spanId: string): string {
  return `{"timeUnixNano":"${time}","asDouble":${double(value)},"spanId":${JSON.stringify(spanId)},"traceId":${JSON.stringify(traceId)}}`;
}

export function attributesJson(attributes: Readonly<Record<string, AttributeValue>>): string {
  const list = Object.entries(attributes).map(([key, value]) => `{"key":${JSON.stringify(key)},"value":${valueJson(value)}}`);
  return `[${list.join(',')}]`;
}

function valueJson(value: AttributeValue): string {
  if (typeof value === 'string') return `{"stringValue":${JSON.stringify(value)}}`;
  if (typeof value === 'boolean') return `{"boolValue":${value}}`;
  return Number.isSafeInteger(value) ? `{"intValue":${value}}` : `{"doubleValue":${value}}`;
}

/** A sum may have overflowed, and JSON has no infinity. */
function double(value: number): string {
  return Number.isFinite(value) ? String(value) : String(Math.sign(value) * Number.MAX_VALUE || 0);
}

/** Epoch milliseconds as OTLP/JSON has times. */
function nanoseconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  return `${whole}${String(Math.floor((milliseconds - whole) * 1e6)).padStart(6, '0')}`;
}
