/** The languages that selectors are written in: which parts of a selector are texts, and which engine finds. */
import { scrubText } from '../scrub.ts';
import { ANY, isIdentifier, withoutIds } from './redaction.ts';
import type { SelectorSettings } from './settings.ts';

interface Described {
  readonly text: string;
  readonly engine: string;
}

/** Attributes whose values are names that developers give; those of all others may be texts or what was typed. */
const NAMING = /^@?(?:id|class|name|type|role|for|rel|data-(?:test|cy|qa|pw|hook|automation)[\w-]*|test-?id)$/i;

const QUOTE = String.raw`"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)`;
/**
 * An attribute and the value that it is compared with; a text; or the beginning of a function whose argument
 * is a text. Each alternative begins at one place only, so a long selector takes no longer than it is long.
 */
const TOKEN = new RegExp(
  String.raw`(?<![\w:.@-])(@?[\w:.-]+(?=\s*[~|^$*!]?=)|@[\w:.-]+(?=\s*,))(\s*(?:[~|^$*!]?=|,)\s*)(?:(${QUOTE})(?:\s*[is](?=\s*\]))?|\/(?:[^/\\\]]|\\.)+\/[a-z]*|([^\]\s"',)]*))` +
    String.raw`|${QUOTE}|\`[^\`]*(?:\`|$)|(:{1,2}(?:has-text|text|text-is|text-matches|contains|-p-(?!xpath)[\w-]+))\(`,
  'gs',
);

/** CSS or XPath. `isName`: whether an attribute's values are names. */
function redact(selector: string, settings: SelectorSettings, isName = (attribute: string): boolean => NAMING.test(attribute)): string {
  if (settings.recordText) return withoutIds(scrubText(selector));
  let result = '';
  let from = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(selector); match !== null; match = TOKEN.exec(selector)) {
    const [whole, attribute, operator, quoted, bare, called] = match;
    result += selector.slice(from, match.index);
    from = match.index + whole.length;
    if (called !== undefined) {
      result += `${called}(${ANY}`;
      from = TOKEN.lastIndex = endOfArgument(selector, from);
    } else if (attribute === undefined) result += ANY;
    else {
      const value = quoted === undefined ? (bare ?? '"') : quoted.slice(1, quoted.length > 1 && quoted.endsWith(quoted[0]!) ? -1 : undefined);
      const isKept = (isName(attribute) && isIdentifier(value)) || /^(?:\d*|true|false|mixed)$/.test(value) || value === '…';
      result += attribute + operator!.trim() + (isKept ? `"${value}"` : ANY);
    }
  }
  return withoutIds(result + selector.slice(from));
}

/** Where the parenthesis is closed that was opened before `from`. */
function endOfArgument(selector: string, from: number): number {
  let depth = 1;
  let quote = '';
  for (let i = from; i < selector.length; i++) {
    const character = selector[i]!;
    if (character === '\\') i++;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return i;
  }
  return selector.length;
}

/** XPath begins with a step, in parentheses perhaps. */
const isXPath = (selector: string): boolean => /^\s*\(*\s*(?:\/|\.\.|\.\/)/.test(selector);

export function plainText(selector: string, settings: SelectorSettings): Described {
  return { text: redact(selector, settings), engine: isXPath(selector) ? 'xpath' : 'css' };
}

/** Playwright: parts, each with an engine, joined by `>>`. */
export function playwrightText(selector: string, settings: SelectorSettings, depth = 0): Described {
  let engine = 'css';
  const parts = partsOf(selector).map((part) => {
    const [, name, body] = /^\s*\*?((?:internal:)?[\w-]+(?::light)?)=(.*)$/s.exec(part) ?? [];
    if (name === undefined) {
      const trimmed = part.trim();
      engine = isXPath(trimmed) ? 'xpath' : /^["']/.test(trimmed) ? 'text' : 'css';
      return redact(trimmed, settings);
    }
    const given = name.replace(/^internal:|:light$/g, '');
    // What stands before a `=` by mistake may be anything.
    const own = ENGINES.has(given) ? given : 'custom';
    if (!FILTERS.has(own)) engine = own === 'attr' ? (/^\[\s*([\w-]+)/.exec(body!)?.[1] ?? own) : own.startsWith('data-test') ? 'testid' : own;
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
    case 'xpath':
      return redact(body, settings);
    case 'attr':
    case 'role':
      return redact(body, settings, () => false);
    case 'testid':
      return redact(body, settings, () => true);
    case 'has':
    case 'has-not':
    case 'and':
    case 'or':
    case 'chain':
      return depth < 3 ? nested(body, settings, depth) : ANY;
    default:
      if (settings.recordText) return withoutIds(scrubText(body));
      return NAMELESS.has(engine) || !isIdentifier(body) ? ANY : withoutIds(body);
  }
}

/** Engines whose body is a text, even where it looks like a name. */
const NAMELESS = new Set(['text', 'label', 'has-text', 'has-not-text', 'describe', 'placeholder', 'alt', 'title']);

function nested(body: string, settings: SelectorSettings, depth: number): string {
  try {
    const inner: unknown = JSON.parse(body);
    if (typeof inner === 'string') return `(${playwrightText(inner, settings, depth + 1).text})`;
  } catch {
    // Not what Playwright makes: a text, as far as we know.
  }
  return ANY;
}

/** Between `>>`, but for those in quotes. */
function partsOf(selector: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { 0: found, index } of selector.matchAll(SEPARATORS)) {
    if (found !== '>>') continue;
    parts.push(selector.slice(from, index));
    from = index + 2;
  }
  parts.push(selector.slice(from));
  return parts;
}

const SEPARATORS = new RegExp(String.raw`>>|${QUOTE}|\`[^\`]*(?:\`|$)`, 'gs');

/** Puppeteer: CSS with `::-p-…()` and `>>>`, or a prefix such as `text/`. */
export function puppeteerText(selector: string, settings: SelectorSettings): Described {
  const [, prefix, rest] = /^(aria|text|xpath|pierce)\/(.*)$/s.exec(selector) ?? [];
  if (prefix === 'aria' || prefix === 'text') return { text: `${prefix}/${settings.recordText ? withoutIds(scrubText(rest!)) : ANY}`, engine: prefix };
  if (prefix !== undefined) return { text: `${prefix}/${redact(rest!, settings)}`, engine: prefix === 'xpath' ? 'xpath' : 'css' };
  const last = [...selector.matchAll(/::-p-([\w-]+)/g)].at(-1)?.[1];
  return { text: redact(selector, settings), engine: last === undefined ? 'css' : /^(?:text|aria|xpath)$/.test(last) ? last : 'custom' };
}

/** Selenium: what is looked for, and by which strategy. */
export function byText(using: string, value: string, settings: SelectorSettings): Described {
  if (using === 'css selector') return { text: redact(value, settings), engine: 'css' };
  if (using === 'xpath') return { text: redact(value, settings), engine: 'xpath' };
  const isText = using.includes('text');
  return { text: `${using}=${!isText && isIdentifier(value) ? withoutIds(value) : settings.recordText ? withoutIds(scrubText(value)) : ANY}`, engine: isText ? 'link' : using.split(' ', 1)[0]! };
}
