/** The languages that selectors are written in: which parts of a selector are texts, and which engine finds. */
import { scrubText } from '../scrub.ts';
import { QUOTE, cssText, isXPath, xpathText } from './expressions.ts';
import { ANY, REGEX, isIdentifier, withoutIds } from './redaction.ts';
import type { SelectorSettings } from './settings.ts';

interface Described {
  readonly text: string;
  readonly engine: string;
}

export function plainText(selector: string, settings: SelectorSettings): Described {
  return isXPath(selector) ? { text: xpathText(selector, settings), engine: 'xpath' } : { text: cssText(selector, settings), engine: 'css' };
}

/** What a person reads. */
function anyText(text: string, settings: SelectorSettings): string {
  return settings.recordText ? withoutIds(scrubText(text)) : ANY;
}

/** What a developer gave a name to, if it looks like one. */
function nameText(text: string, settings: SelectorSettings): string {
  return isIdentifier(text) ? withoutIds(text) : anyText(text, settings);
}

/** Playwright: parts, each with an engine, joined by `>>`. */
export function playwrightText(selector: string, settings: SelectorSettings, depth = 0): Described {
  let engine = 'css';
  const parts = partsOf(selector).map((part) => {
    const [, name, body] = /^\s*([\w+:*-]+)\s*=(.*)$/s.exec(part) ?? [];
    if (name === undefined) {
      const trimmed = part.trim();
      const described = /^["'`]/.test(trimmed) ? { text: anyText(trimmed, settings), engine: 'text' } : plainText(trimmed, settings);
      engine = described.engine;
      return described.text;
    }
    const given = name.replace(/^\*?(?:internal:)?|:light$/g, '');
    // What stands before a `=` by mistake may be anything.
    const own = ENGINES.has(given) ? given : 'custom';
    if (!FILTERS.has(own)) engine = own === 'attr' ? (/^\s*\[\s*([\w-]+)/.exec(body!)?.[1] ?? own) : own.startsWith('data-test') ? 'testid' : own;
    return `${own}=${bodyText(own, body!.trim(), settings, depth)}`;
  });
  return { text: parts.join(' >> '), engine };
}

const ENGINES: ReadonlySet<string> = new Set(
  'css xpath text role label testid attr id data-testid data-test-id data-test _react _vue chain aria-ref enter-frame nth visible has has-not has-text has-not-text and or control describe'.split(' '),
);

/** Parts that choose among what was found. */
const FILTERS = new Set(['nth', 'visible', 'has', 'has-not', 'has-text', 'has-not-text', 'and', 'or', 'control', 'describe']);

function bodyText(engine: string, body: string, settings: SelectorSettings, depth: number): string {
  switch (engine) {
    case 'css':
      return cssText(body, settings);
    case 'xpath':
      return xpathText(body, settings);
    case 'attr':
    case 'role':
    case 'testid': {
      const text = cssText(body, settings, () => engine === 'testid');
      return settings.recordText || ATTRIBUTES.test(text) ? text : ANY;
    }
    case 'has':
    case 'has-not':
    case 'and':
    case 'or':
    case 'chain':
      return depth < 3 ? nested(body, settings, depth) : ANY;
    case 'text':
    case 'label':
    case 'has-text':
    case 'has-not-text':
    case 'describe':
    case 'custom':
      return anyText(body, settings);
    default:
      return nameText(body, settings);
  }
}

/** A role, and attributes with what is left of their values. */
const ATTRIBUTES = /^[\w-]*(?:\s*\[\s*[\w:.-]+\s*(?:[~|^$*]?="[^"]*")?\])*$/;

function nested(body: string, settings: SelectorSettings, depth: number): string {
  try {
    const inner: unknown = JSON.parse(body);
    if (typeof inner === 'string') return `(${playwrightText(inner, settings, depth + 1).text})`;
  } catch {
    // Not what Playwright makes: a text, as far as we know.
  }
  return ANY;
}

/** Between `>>`, but for those in quotes, which mean nothing within a text that begins without, and in regular expressions. */
function partsOf(selector: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from <= selector.length; from += parts.at(-1)!.length + 2) {
    PART.lastIndex = from;
    parts.push(PART.exec(selector)![0]);
  }
  return parts;
}

const PATTERN = String.raw`=\s*${REGEX}(?=\s*(?:\]|>>|$))`;
const PART = new RegExp(
  String.raw`\s*text\s*(?:${PATTERN}|=(?!\s*["'\`]))(?:[^>\\]|\\.|\\$|>(?!>))*|(?:[^>\\"'\`=]|\\.|\\$|>(?!>)|${QUOTE}|${PATTERN}|=)*`,
  'sy',
);

/** Puppeteer: CSS with `::-p-…()` and `>>>`, or a handler's name, the app's own perhaps, and what that is given. */
export function puppeteerText(selector: string, settings: SelectorSettings): Described {
  const [, handler, given] = /^\s*([\w-]+)[/=](.*)$/s.exec(selector) ?? [];
  switch (handler) {
    case undefined: {
      const last = [...selector.matchAll(/::-p-([\w-]+)/g)].at(-1)?.[1];
      return { text: cssText(selector, settings), engine: last === undefined ? 'css' : /^(?:text|aria|xpath)$/.test(last) ? last : 'custom' };
    }
    case 'pierce':
      return { text: `pierce/${cssText(given!, settings)}`, engine: 'css' };
    case 'xpath':
      return { text: `xpath/${xpathText(given!, settings)}`, engine: 'xpath' };
    case 'aria':
    case 'text':
      return { text: `${handler}/${anyText(given!, settings)}`, engine: handler };
    default:
      // What stands there by mistake may be anything.
      return { text: `custom/${anyText(given!, settings)}`, engine: 'custom' };
  }
}

/** Selenium: what is looked for, and by which strategy. */
export function byText(using: string, value: string, settings: SelectorSettings): Described {
  if (using === 'css selector') return { text: cssText(value, settings), engine: 'css' };
  if (using === 'xpath') return { text: xpathText(value, settings), engine: 'xpath' };
  if (using.includes('text')) return { text: `${using}=${anyText(value, settings)}`, engine: 'link' };
  return { text: `${using}=${nameText(value, settings)}`, engine: using.split(' ', 1)[0]! };
}
