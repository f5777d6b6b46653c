/**
 * What an element looked like, without a word of it: enough to notice that a selector now finds another one.
 *
 * A part that nobody told is absent and is not compared; one that the element does not have is `null`, and an
 * element that has lost its test id has changed.
 */
import { applyRule } from './redaction.ts';
import { selectorSettings } from './settings.ts';

/** Plain JSON. Made by {@link fingerprintOf}, so that nothing of the page's text or of its users' ids is in it. */
export interface Fingerprint {
  readonly tag?: string;
  readonly role?: string | null;
  /** The test id, each run of digits and each long id in it as `#`. */
  readonly testId?: string | null;
  /** Classes that do not look generated, name no state and are not matched by the person's own rule, sorted. */
  readonly classes?: readonly string[];
  /** 0 is the first among its siblings. */
  readonly position?: number;
  /** Kinds of characters and how many, such as `Aa 9 ·16`; null: no text. */
  readonly text?: string | null;
}

/** What is told of an element, by a driver or by the app: text is looked at here and goes no further. */
export interface ElementFacts {
  /** Such as `button`. */
  readonly tag?: string | undefined;
  /** ARIA role; null when it has none. */
  readonly role?: string | null | undefined;
  readonly testId?: string | null | undefined;
  /** The class attribute, or its classes. */
  readonly classes?: string | readonly string[] | null | undefined;
  /** Index among its siblings. */
  readonly position?: number | undefined;
  /** Its text. Only its shape is kept. */
  readonly text?: string | null | undefined;
}

const MAX_LENGTH = 64;
const MAX_CLASSES = 8;

/** What is kept of the facts. Takes what comes from pages and apps: a part of another type is as if untold. */
export function fingerprintOf(facts: ElementFacts): Fingerprint {
  const { tag, role, testId, classes, position, text } = facts;
  return {
    ...(typeof tag === 'string' && tag !== '' && { tag: word(ruled(tag)) }),
    ...isTold(role, (value) => ({ role: value === null ? null : word(ruled(value)) })),
    ...isTold(testId, (value) => ({ testId: value === null ? null : withoutIds(ruled(value)) })),
    ...(classes !== undefined && { classes: stableClasses(classes) }),
    ...(Number.isSafeInteger(position) && position! >= 0 && { position: position! }),
    ...isTold(text, (value) => ({ text: value === null ? null : textShape(value) })),
  };
}

/** One short line, for the span. */
export function fingerprintLabel({ tag = '?', role, testId, classes = [], position, text }: Fingerprint): string {
  return [
    tag + classes.map((name) => `.${name}`).join(''),
    ...(role ? [`role=${role}`] : []),
    ...(testId ? [`testid=${testId}`] : []),
    ...(position === undefined ? [] : [`position=${position}`]),
    ...(text ? [`text=${text}`] : []),
  ].join(' ');
}

function isTold<T extends object>(value: unknown, make: (value: string | null) => T): T | undefined {
  return typeof value === 'string' ? make(value === '' ? null : value) : value === null ? make(null) : undefined;
}

/** By the person's own rule, as selectors are: they name the same elements. */
function ruled(text: string): string {
  return applyRule(text.slice(0, 4 * MAX_LENGTH), selectorSettings());
}

function word(text: string): string {
  return text.trim().toLowerCase().replace(/[^\w:-]+/g, '_').slice(0, MAX_LENGTH);
}

/** `row-4711-name` is `row-#-name`: which row it was says nothing about the selector, and may say who it was. */
function withoutIds(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b(?=[a-z]*\d)[0-9a-f]{8,}\b/gi, '#')
    .replace(/\d+/g, '#')
    .replace(/[^\w#:.-]+/g, '_')
    .slice(0, MAX_LENGTH);
}

/** States come and go with a hover; generated names (CSS modules, styled-components, Emotion) change with each build. */
const STATE = /^(?:is|has|ng|v|jsx?)-|(?:^|[-_])(?:active|hover|focus(?:ed|-visible)?|open(?:ed)?|closed|disabled|enabled|selected|checked|loading|hidden|visible|show|shown|current|expanded|collapsed|pressed|dragging|error|invalid|valid|dirty|touched|pristine)$/i;
const GENERATED = /^(?:css|sc|jss|emotion|svelte|makeStyles)-[\w-]*$|\d[a-z]+\d|[a-z]\d+[a-z]|\d{3,}|^[A-Za-z]{1,2}$|[^\w-]/i;
/** CSS modules: the name before it is the app's own. */
const HASH = /__(?=\w*[A-Z\d])\w{5,8}$/;

function stableClasses(classes: string | readonly string[] | null): readonly string[] {
  const names = classes === null ? [] : typeof classes === 'string' ? classes.slice(0, 4096).split(/\s+/) : [...classes].slice(0, 256);
  const stable = new Set<string>();
  for (const given of names) {
    const name = typeof given === 'string' && given.length <= MAX_LENGTH ? ruled(given).replace(HASH, '') : '';
    if (name !== '' && !STATE.test(name) && !GENERATED.test(name)) stable.add(name);
  }
  return [...stable].sort().slice(0, MAX_CLASSES);
}

/** Runs of letters, digits and others by one character each, then how long, to a power of four. */
function textShape(text: string): string | null {
  const trimmed = text.slice(0, 4096).trim();
  if (trimmed === '') return null;
  const kinds = trimmed.slice(0, 256).replace(/\p{Lu}+/gu, 'A').replace(/\p{Ll}+/gu, 'a').replace(/\p{Nd}+/gu, '9').replace(/[^Aa9\s]/gu, (one) => (/\p{L}/u.test(one) ? 'x' : '.'));
  const shape = kinds.replace(/\s+/g, ' ').replace(/(.)\1+/g, '$1').slice(0, 12);
  return `${shape} ·${4 ** Math.ceil(Math.log(trimmed.length) / Math.log(4))}`;
}
