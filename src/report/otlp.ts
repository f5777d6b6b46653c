/** OTLP/JSON as it is found on disk: every field may be absent, integers are numbers or strings. */

export interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number | string;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
}

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

export type Plain = string | number | boolean | Plain[] | undefined;
export type PlainAttributes = Readonly<Record<string, Plain>>;

/** Without a prototype: an attribute named `__proto__` is only a name. */
export function plainAttributes(list: readonly KeyValue[] | undefined): PlainAttributes {
  const result = Object.create(null) as Record<string, Plain>;
  for (const { key, value } of list ?? []) result[key] = plain(value);
  return result;
}

function plain(value: AnyValue | undefined): Plain {
  if (value === undefined || value === null) return undefined;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.doubleValue !== undefined) return Number(value.doubleValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  return value.stringValue ?? value.boolValue;
}

export function text(value: Plain): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Milliseconds since the epoch, fractions kept, of a nanosecond count that is too long for a number. */
export function milliseconds(nanos: string | number | undefined): number {
  if (typeof nanos !== 'string' || nanos.length < 10) return Number(nanos ?? 0) / 1e6;
  return Number(nanos.slice(0, -6)) + Number(nanos.slice(-6)) / 1e6;
}

/** How long a span took, to the nanosecond: exactly what its process counted. Never negative. */
export function secondsOf({ startTimeUnixNano, endTimeUnixNano }: Pick<OtlpSpan, 'startTimeUnixNano' | 'endTimeUnixNano'>): number {
  try {
    return Math.max(0, Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e9);
  } catch {
    return 0;
  }
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string | number;
  readonly endTimeUnixNano: string | number;
  readonly attributes?: readonly KeyValue[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export interface TraceRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans?: readonly { readonly scope?: { readonly name?: string }; readonly spans?: readonly OtlpSpan[] }[];
  }[];
}
