/**
 * Reading OTLP/JSON metrics requests, ours and other writers'. Everything that may be written in two ways (64-bit
 * numbers as strings, absent lists) is brought to one, and everything that a merge does arithmetic on is checked
 * here, so that a merge never fails halfway.
 */
import { type Wire, keyValues, list, number, numbers, object, text, time } from './wire-values.ts';

export interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly Value[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
  readonly bytesValue?: string;
}

export interface KeyValue {
  readonly key: string;
  readonly value: Value;
}

export interface WireExemplar {
  readonly timeUnixNano: string;
  readonly asDouble: number;
  readonly spanId: string;
  readonly traceId: string;
}

export interface Point {
  attributes: readonly KeyValue[];
  startTimeUnixNano: string;
  timeUnixNano: string;
  exemplars: WireExemplar[];
  /** A sum or a gauge. */
  value: number;
  /** A histogram. `min` and `max` are infinite where the writer left them out. */
  count: number;
  sum: number;
  min: number;
  max: number;
  scale: number;
  zeroCount: number;
  positive: { offset: number; bucketCounts: number[] };
  negative: { offset: number; bucketCounts: number[] };
  /** With explicit bounds. */
  explicitBounds: number[];
  bucketCounts: number[];
}

export type MetricType = 'sum' | 'gauge' | 'histogram' | 'exponentialHistogram';

export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** Undefined: a kind that is not known here (a summary). Its points are left out. */
  readonly type: MetricType | undefined;
  readonly isMonotonic: boolean;
  /** Points add up; otherwise the last one counts. */
  readonly isDelta: boolean;
  readonly points: readonly Point[];
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly KeyValue[];
  readonly metrics: readonly Metric[];
}

export interface MetricsRequest {
  readonly resources: readonly { readonly attributes: readonly KeyValue[]; readonly scopes: readonly Scope[] }[];
}

const TYPES: readonly MetricType[] = ['exponentialHistogram', 'sum', 'histogram', 'gauge'];
const NO_EXEMPLARS: WireExemplar[] = [];
const NO_BUCKETS: { offset: number; bucketCounts: number[] } = { offset: 0, bucketCounts: [] };

/** @throws {Error} when the line is not JSON, or not a metrics request with sound numbers. */
export function parseRequest(line: string): MetricsRequest {
  const request = object(JSON.parse(line));
  if (!Array.isArray(request.resourceMetrics)) throw new Error('not an OTLP metrics request');
  return {
    resources: list(request.resourceMetrics).map((resource) => ({
      attributes: keyValues(object(resource.resource ?? {}).attributes),
      scopes: list(resource.scopeMetrics).map(scope),
    })),
  };
}

function scope(wire: Wire): Scope {
  const about = object(wire.scope ?? {});
  return {
    name: text(about.name),
    version: text(about.version),
    attributes: keyValues(about.attributes),
    metrics: list(wire.metrics).map(metric),
  };
}

function metric(wire: Wire): Metric {
  const type = TYPES.find((name) => wire[name] !== undefined);
  const data = type === undefined ? {} : object(wire[type]);
  const temporality = data.aggregationTemporality;
  return {
    name: text(wire.name),
    description: text(wire.description),
    unit: text(wire.unit),
    type,
    isMonotonic: data.isMonotonic === true,
    isDelta: type !== 'gauge' && (temporality === 1 || temporality === 'AGGREGATION_TEMPORALITY_DELTA'),
    points: type === undefined ? [] : list(data.dataPoints).map((point) => sound(point, type)),
  };
}

/** The point itself, its fields made sound: a copy would cost as much as parsing it. */
function sound(wire: Wire, type: MetricType): Point {
  wire.attributes = keyValues(wire.attributes);
  wire.startTimeUnixNano = time(wire.startTimeUnixNano);
  wire.timeUnixNano = time(wire.timeUnixNano);
  wire.exemplars = wire.exemplars === undefined ? NO_EXEMPLARS : exemplars(list(wire.exemplars));
  if (type === 'sum' || type === 'gauge') {
    wire.value = number(wire.asDouble ?? wire.asInt ?? 0);
    return wire as unknown as Point;
  }
  wire.count = number(wire.count ?? 0);
  wire.sum = number(wire.sum ?? 0);
  wire.min = wire.min === undefined ? Infinity : number(wire.min);
  wire.max = wire.max === undefined ? -Infinity : number(wire.max);
  if (type === 'histogram') {
    wire.bucketCounts = numbers(wire.bucketCounts ?? []);
    wire.explicitBounds = numbers(wire.explicitBounds ?? []);
    return wire as unknown as Point;
  }
  wire.scale = number(wire.scale ?? 0);
  if (!Number.isInteger(wire.scale) || (wire.scale as number) > 20 || (wire.scale as number) < -10) throw new Error('scale out of range');
  wire.zeroCount = number(wire.zeroCount ?? 0);
  wire.positive = buckets(wire.positive);
  wire.negative = buckets(wire.negative);
  return wire as unknown as Point;
}

/** Those that lead to a trace. */
function exemplars(found: Wire[]): Wire[] {
  let all = true;
  for (const exemplar of found) {
    exemplar.timeUnixNano = time(exemplar.timeUnixNano);
    if (typeof exemplar.asDouble !== 'number') exemplar.asDouble = number(exemplar.asDouble ?? exemplar.asInt ?? 0);
    if (typeof exemplar.traceId !== 'string' || typeof exemplar.spanId !== 'string') all = false;
  }
  return all ? found : found.filter(({ traceId, spanId }) => typeof traceId === 'string' && typeof spanId === 'string');
}

function buckets(value: unknown): Wire | Point['positive'] {
  if (value === undefined) return NO_BUCKETS;
  const wire = object(value);
  wire.offset = number(wire.offset ?? 0);
  if (!Number.isInteger(wire.offset) || Math.abs(wire.offset as number) > 2 ** 30) throw new Error('bucket offset out of range');
  wire.bucketCounts = numbers(wire.bucketCounts ?? []);
  return wire;
}
