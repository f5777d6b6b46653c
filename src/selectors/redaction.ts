/** What all texts have in common that selector operations record: ids, texts and a person's own rules. */
import { scrubText } from '../scrub.ts';
import { type SelectorSettings, selectorSettings } from './settings.ts';

/** Stands for any text. */
export const ANY = '"…"';

const UUID = /(?<![\p{L}\p{N}])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\p{L}\p{N}])/giu;
const WORD = /[\p{L}\p{N}]+/gu;
const HAS_DIGIT = /\p{N}/u;
const DIGITS = /\p{N}+/gu;

/**
 * Two selectors that differ only in an id are the same selector: UUIDs become `uuid`, digits `0`, and words that
 * look generated (`css-1q2w3e`) `0` as a whole. Headings (`h1`) stay. Doing it twice changes nothing.
 */
export function withoutIds(text: string): string {
  return HAS_DIGIT.test(text) ? text.replace(UUID, 'uuid').replace(WORD, withoutDigits) : text;
}

function withoutDigits(word: string): string {
  if (!HAS_DIGIT.test(word) || /^h[1-6]$/i.test(word)) return word;
  const isGenerated = (word.length >= 6 && word.match(DIGITS)!.length > 1) || /^[0-9a-f]{8,}$/i.test(word);
  return isGenerated ? '0' : word.replace(DIGITS, '0');
}

/** A value that a developer wrote to be found by, not a text that a person reads. */
export function isIdentifier(value: string): boolean {
  return /^[\w.:/#-]{0,80}$/.test(value);
}

/** The person's own rule. */
export function applyRule(text: string, { redact }: SelectorSettings): string {
  return redact === undefined ? text : text.replace(redact, '…');
}

/** A regular expression as JavaScript writes it: a part of an expression with the `s` flag. A class that is never closed is not looked through to the end each time. */
export const REGEX = String.raw`\/(?![/*])(?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.){0,999}\])+\/[dgimsuvy]*`;

/** In quotes; or a regular expression where something is given: after a parenthesis, a colon or a comma. */
const TEXTS = new RegExp(
  String.raw`"(?:[^"\\]|\\.)*(?:"|$)|(?<![\p{L}\p{N}])'(?:[^'\\]|\\.)*(?:'|$)|\x60(?:[^\x60\\]|\\.)*(?:\x60|$)|\u201c[^\u201d]*(?:\u201d|$)|(?=\/)(?<=[(:,=]\s*)${REGEX}(?=[\s,;)}\]]|$)`,
  'gsu',
);

/** A message of a driver or of the app: one line, no quoted texts, no markup, nothing that looks like a secret; at most 512 characters. */
export function scrubMessage(message: string, settings: SelectorSettings): string {
  const [line = ''] = message.slice(0, 4096).split('\n', 1);
  const plain = line
    .replace(/\b((?:alert text|prompt dialog) ?: ?).+/i, '$1…')
    // Browsers and drivers put a selector in quotes as it is, with those that are in it.
    .replace(/^([^"'`]*)["'`].*["'`](?= is not a valid )/, `$1${ANY}`)
    .replace(/(\bselector:? )["'`].*["'`]/i, `$1${ANY}`)
    .replace(TEXTS, ANY)
    .replace(/<[^>]*(?:>|$)/g, '<…>')
    .replace(/\bselector:? (?!\u2026|"\u2026").*/i, 'selector …')
    .replace(/[?#][^\s"]*/g, '');
  return cut(withoutIds(applyRule(scrubText(plain), settings)), 512);
}

/** Title of a test: the app's own words, cut at 256 characters. */
export function redactTitle(title: string): string {
  return cut(applyRule(title.slice(0, 4096), selectorSettings()), 256);
}

/** Not between the two halves of a character outside the basic plane. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const code = text.charCodeAt(length - 2);
  return `${text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 2 : length - 1)}…`;
}
