/**
 * InfluxDB line protocol: one point a line. What the protocol cannot say (line breaks in a tag) is written as
 * the official client writes it; what it cannot hold (an empty tag, a number that is none) is left out.
 */

export interface InfluxPoint {
  readonly measurement: string;
  /** Empty values are left out. */
  readonly tags: Readonly<Record<string, string>>;
  /** Numbers are floats; `bigint` is an integer. */
  readonly fields: Readonly<Record<string, number | bigint | boolean | string>>;
  /** Nanoseconds since the epoch. Undefined: when the server takes it. */
  readonly time?: bigint | undefined;
}

const SPACE: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (text: string, pattern: RegExp): string =>
  // A backslash at the end would take the separator after it for a part of the name.
  text.replace(/\\+$/, '').replace(pattern, (character) => SPACE[character] ?? `\\${character}`);
const measurementText = (text: string): string => escaped(text, /[, \n\r\t]/g);
const tagText = (text: string): string => escaped(text, /[, =\n\r\t]/g);
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** Names that InfluxDB keeps for itself. */
const RESERVED = new Set(['time', '_field', '_measurement']);

/** Undefined when there is nothing to be written: no name, or no field. */
export function influxLine({ measurement, tags, fields, time }: InfluxPoint): string | undefined {
  const name = measurementText(measurement);
  // A line that begins with # is a comment.
  let line = name.startsWith('#') ? `\\${name}` : name;
  for (const key of Object.keys(tags).sort()) {
    const value = tagText(tags[key]!);
    const tag = tagText(RESERVED.has(key) ? `${key}_` : key);
    if (tag !== '' && value !== '') line += `,${tag}=${value}`;
  }
  let separator = ' ';
  for (const [key, value] of Object.entries(fields)) {
    const field = tagText(RESERVED.has(key) ? `${key}_` : key);
    const text = fieldText(value);
    if (field === '' || text === undefined) continue;
    line += `${separator}${field}=${text}`;
    separator = ',';
  }
  if (name === '' || separator === ' ') return undefined;
  return time === undefined ? line : `${line} ${time}`;
}

function fieldText(value: number | bigint | boolean | string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  if (typeof value === 'bigint') return `${value}i`;
  return typeof value === 'boolean' ? (value ? 'T' : 'F') : quoted(value);
}
