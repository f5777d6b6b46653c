/** Values as they stand in OTLP/JSON, each brought to one form. What is not sound throws, or is taken for what is absent. */
import type { KeyValue } from './request.ts';

/** An object of a request, which is mended in place. */
export type Wire = Record<string, unknown>;

export function object(value: unknown): Wire {
  if (typeof value !== 'object' || value === null) throw new Error('expected an object');
  return value as Wire;
}

export function list(value: unknown): Wire[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Error('expected a list');
  for (let i = 0; i < value.length; i++) object(value[i]);
  return value as Wire[];
}

export function keyValues(value: unknown): readonly KeyValue[] {
  const found = list(value);
  for (let i = 0; i < found.length; i++) {
    if (typeof found[i]!.key !== 'string') throw new Error('attribute without a key');
    object(found[i]!.value);
  }
  return found as unknown as KeyValue[];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The points of a line share their times: most often this is the one that was checked last. */
let soundTime = '0';

export function time(value: unknown): string {
  if (value === soundTime) return soundTime;
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return '0';
  return (soundTime = value);
}

export function number(value: unknown): number {
  const result = typeof value === 'string' ? Number(value) : value;
  if (typeof result !== 'number' || !Number.isFinite(result)) throw new Error('expected a number');
  return result;
}

export function numbers(value: unknown): number[] {
  if (!Array.isArray(value)) throw new Error('expected numbers');
  for (let i = 0; i < value.length; i++) if (typeof value[i] !== 'number') value[i] = number(value[i]);
  return value as number[];
}
