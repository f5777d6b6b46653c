/** One entry of a transcript, made of what the app tells. */

/** What the app tells of one event; all but `event` may be left out. */
export interface TranscriptEvent {
  /** What happened, such as `prompt`, `action`, `follow-up` or a word of the app's own. */
  readonly event: string;
  /** Id of the prompt that it belongs to. */
  readonly promptId?: string | undefined;
  readonly title?: string | undefined;
  /** What was chosen or done. */
  readonly action?: string | undefined;
  /** The story of it, in the app's words. */
  readonly narrative?: string | undefined;
  /** Copied when it is recorded, and bounded. A BigInt becomes its digits, what else JSON cannot say is left out; an event whose metadata refers to itself is not recorded. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds since the epoch, a Date or its ISO text. Default: now. */
  readonly timestamp?: number | string | Date | undefined;
}

export interface TranscriptEntry extends TranscriptEvent {
  /** From 1, in the order of the records; never used twice. */
  readonly sequence: number;
  readonly timestamp: number;
}

/** So much metadata is always kept, in characters of its JSON: it is many values, `maxTextLength` is for one. */
const METADATA_LENGTH = 10_000;

/**
 * The entry, which stays as it is whatever the app does with what it gave.
 * @throws when there is something in it that cannot be kept
 */
export function transcriptEntry(sequence: number, event: string, { promptId, title, action, narrative, metadata, timestamp }: Omit<TranscriptEvent, 'event'>, maxText: number): TranscriptEntry {
  return {
    sequence,
    event: cut(event, maxText)!,
    promptId: cut(promptId, maxText),
    title: cut(title, maxText),
    action: cut(action, maxText),
    timestamp: timestamp === undefined ? Date.now() : instant(timestamp),
    narrative: cut(narrative, maxText),
    metadata: metadata === undefined || metadata === null ? undefined : copied(metadata, Math.max(maxText, METADATA_LENGTH)),
  };
}

function cut(value: unknown, maxText: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value.length <= maxText) return value;
  const text = typeof value === 'string' ? value : String(value);
  if (text.length <= maxText) return text;
  // Not within a pair of surrogates.
  return `${text.slice(0, maxText).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The app may go on changing what it gave: nested values are copied too, flat ones (the usual case) cheaply. */
function copied(metadata: Readonly<Record<string, unknown>>, most: number): Record<string, unknown> {
  if (typeof metadata !== 'object' || Array.isArray(metadata)) return copied({ value: metadata }, most);
  let length = 0;
  for (const key in metadata) {
    const value = metadata[key];
    if (typeof value === 'string') length += value.length;
    else if (typeof value !== 'number' && typeof value !== 'boolean') return ofJson(metadata, most);
    length += key.length;
  }
  return length <= most ? { ...metadata } : ofJson(metadata, most);
}

function ofJson(metadata: object, most: number): Record<string, unknown> {
  const json = JSON.stringify(metadata, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return json.length > most ? { cut: cut(json, most) } : (JSON.parse(json) as Record<string, unknown>);
}

function instant(timestamp: number | string | Date): number {
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : Number(timestamp);
  if (!(Math.abs(time) <= 8.64e15)) throw new TypeError('`timestamp` must be milliseconds since the epoch, a Date or its ISO text');
  return time;
}
