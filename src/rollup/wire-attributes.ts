/** Attributes as they stand in OTLP/JSON: told apart, and as plain values. */
import type { KeyValue, Value } from './request.ts';

export type Attributes = Readonly<Record<string, unknown>>;

/** Tells attribute lists apart as they are written; cheap, since it is made for every point. */
export function wireKey(attributes: readonly KeyValue[]): string {
  let key = '';
  for (const attribute of attributes) {
    const text = attribute.value.stringValue;
    key += text === undefined ? `${attribute.key}=${JSON.stringify(attribute.value)};` : `${attribute.key}"${text.length}:${text};`;
  }
  return key;
}

/** The same for the same attributes in another order, or with integers written as strings. */
export function canonicalKey(attributes: readonly KeyValue[]): string {
  return attributes
    .map(({ key, value }) => JSON.stringify([key, plain(value), value.stringValue === undefined]))
    .sort()
    .join();
}

export function plainAttributes(attributes: readonly KeyValue[]): Attributes {
  // No prototype: an attribute named __proto__ is only a name.
  const result = Object.create(null) as Record<string, unknown>;
  for (const { key, value } of attributes) result[key] = plain(value);
  return result;
}

function plain(value: Value): unknown {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plain);
  if (value.kvlistValue !== undefined) return plainAttributes(value.kvlistValue.values ?? []);
  return value.doubleValue ?? value.boolValue ?? value.bytesValue ?? null;
}
