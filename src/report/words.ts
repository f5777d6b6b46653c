/** Numbers and names in the words of a person. */

/** Colours a text, or leaves it as it is. */
export type Colors = ReturnType<typeof import('picocolors').createColors>;

/** Seconds with three significant digits and the unit that fits: `1.24 s`, `812 ms`, `3 min 05 s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds === 0) return '0 s';
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${pad((seconds % 3600) / 60)} min`;
  if (seconds >= 59.95) return `${Math.floor(Math.round(seconds) / 60)} min ${pad(Math.round(seconds) % 60)} s`;
  if (seconds >= 0.9995) return `${significant(seconds)} s`;
  if (seconds >= 0.0009995) return `${significant(seconds * 1e3)} ms`;
  return `${significant(seconds * 1e6)} µs`;
}

function significant(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function pad(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}

export function percent(rate: number): string {
  // 99.96% is not 100%: a failure must not be rounded away.
  const digits = rate * 100;
  if (rate > 0 && rate < 1) return `${Math.min(99.9, Math.max(0.1, digits)).toFixed(1)}%`;
  return `${digits.toFixed(0)}%`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** UTC, to the second. */
export function time(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? '–' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/**
 * Names come from files, and a file can hold anything: control characters, which a terminal would obey, and
 * those that turn the direction of text become visible escapes, as does what Azure's agent would take for a
 * command anywhere in a line; long names are cut.
 */
export function clean(text: string, longest = 60): string {
  // oxlint-disable-next-line no-control-regex
  const safe = text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).replace(/##(?=\[|vso\[)/gi, '\\u0023#');
  const characters = [...safe];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : safe;
}
