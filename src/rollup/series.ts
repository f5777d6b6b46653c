/** Series: one metric with one set of attribute values each, and the table that finds and bounds them. */
import { ATTR, type Instrument } from '../conventions.ts';
import type { Accumulation } from './accumulation.ts';
import { attributesJson } from './otlp.ts';

export type AttributeValue = string | number | boolean;

/** The longest string that may be a metric attribute; longer ones are cut. */
const MAX_LENGTH = 256;

/** One metric with one set of attribute values. */
export class Series {
  readonly instrument: Instrument;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** `attributes` as OTLP/JSON, made once. */
  readonly json: string;
  /** Epoch milliseconds of the last time that it was collected with news. */
  changed: number;
  /** Gave up its place. It may come back, as another object. */
  forgotten = false;
  /** Measured since the last collection. */
  live: Accumulation | undefined = undefined;

  constructor(instrument: Instrument, attributes: Record<string, AttributeValue>, now: number) {
    this.instrument = instrument;
    this.attributes = attributes;
    this.json = attributesJson(attributes);
    this.changed = now;
  }
}

/** One attribute: where each of its values leads. Most are absent most of the time, and that needs no map. */
class Branch {
  #present: Map<unknown, Branch | Series> | undefined;
  #absent: Branch | Series | undefined;

  get(value: unknown): Branch | Series | undefined {
    return value === undefined ? this.#absent : this.#present?.get(value);
  }

  set<Next extends Branch | Series>(value: AttributeValue | undefined, next: Next): Next {
    if (value === undefined) this.#absent = next;
    else (this.#present ??= new Map()).set(value, next);
    return next;
  }
}

/**
 * The series of one metric, found by the values of its declared attributes: a branch for each attribute.
 * Looking one up makes no key, so it allocates nothing, and 1, '1' and true cannot be confused.
 */
export class SeriesTable {
  readonly instrument: Instrument;
  readonly #max: number;
  /** At least one, so that a metric without attributes needs no case of its own. */
  readonly #names: readonly string[];
  #root = new Branch();
  #all: Series[] = [];
  #overflow: Series | undefined;

  /** `max` counts the overflow series too, as in the SDK. */
  constructor(instrument: Instrument, max: number) {
    this.instrument = instrument;
    this.#max = Math.max(2, max);
    this.#names = instrument.attributes.length > 0 ? instrument.attributes : [''];
  }

  get isFull(): boolean {
    return this.#all.length >= this.#max - 1;
  }

  /** The series of exactly these values, if there is one. Values are not checked: a bad one was never put in. */
  find(attributes: Readonly<Record<string, unknown>>): Series | undefined {
    const names = this.#names;
    let node: Branch | Series | undefined = this.#root;
    for (let i = 0; i < names.length && node !== undefined; i++) node = (node as Branch).get(attributes[names[i]!]);
    return node as Series | undefined;
  }

  /** The series of values that `checked` has passed: found, made, or where the table is full the overflow series. */
  add(attributes: Record<string, AttributeValue>, now: number): Series {
    const found = this.find(attributes);
    if (found !== undefined) return found;
    if (this.isFull) return (this.#overflow ??= new Series(this.instrument, { [ATTR.METRIC_OVERFLOW]: true }, now));
    const series = new Series(this.instrument, attributes, now);
    this.#all.push(series);
    this.#insert(series);
    return series;
  }

  forget(isIdle: (series: Series) => boolean): void {
    for (const series of this.#all) series.forgotten = isIdle(series);
    this.#all = this.#all.filter((series) => !series.forgotten);
    this.#root = new Branch();
    for (const series of this.#all) this.#insert(series);
  }

  #insert(series: Series): void {
    const names = this.#names;
    let node = this.#root;
    for (let i = 0; i < names.length - 1; i++) {
      const value = series.attributes[names[i]!];
      node = (node.get(value) as Branch | undefined) ?? node.set(value, new Branch());
    }
    node.set(series.attributes[names[names.length - 1]!], series);
  }
}

/**
 * The declared attributes that can be metric attributes: strings (cut at 256), finite numbers, booleans; undefined
 * and null are absent. `refused` is called for each other value; the attribute is left out and the number kept.
 */
export function checked(instrument: Instrument, attributes: Readonly<Record<string, unknown>>, refused: () => void): Record<string, AttributeValue> {
  const result: Record<string, AttributeValue> = {};
  for (const name of instrument.attributes) {
    const value = attributes[name];
    if (typeof value === 'string') result[name] = cut(value);
    else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) result[name] = value;
    else if (value !== undefined && value !== null) refused();
  }
  return result;
}

function cut(value: string): string {
  if (value.length <= MAX_LENGTH) return value;
  // Not between the two halves of a character outside the basic plane.
  const code = value.charCodeAt(MAX_LENGTH - 1);
  return value.slice(0, code >= 0xd800 && code <= 0xdbff ? MAX_LENGTH - 1 : MAX_LENGTH);
}
