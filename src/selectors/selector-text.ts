/**
 * What may be said of a selector: it without the texts and ids in it, a hash of that, and which engine it
 * uses. The same for the selectors of Playwright (its internal ones too), Puppeteer and Selenium.
 */
import { createHash } from 'node:crypto';
import { byText, plainText, playwrightText, puppeteerText } from './dialects.ts';
import { ANY, applyRule, cut, withoutIds } from './redaction.ts';
import { type SelectorSettings, selectorSettings } from './settings.ts';

/** Whose selector it is. Another driver's is taken for CSS or XPath. */
export type Dialect = 'playwright' | 'puppeteer' | 'selenium' | (string & {});

export interface SelectorText {
  /** Normalised and redacted, at most 256 characters. */
  readonly text: string;
  /** 16 hexadecimal digits, the same in every process. */
  readonly hash: string;
  /** `css`, `xpath`, `role`, `text`, `testid`, `label` … */
  readonly engine: string;
  /** What its finds are known by, the hash and the positions in it; none where a text or an id was replaced: such a one stands for several selectors, which find different elements. */
  readonly findsAs: string | undefined;
}

/** What is read of a selector. The rest, of one of a megabyte, is not looked at. */
const READ = 4096;
const SHOWN = 256;
/** Longer selectors are not remembered, and not more than twice so many. */
const REMEMBERED_LENGTH = 1024;
const REMEMBERED = 500;

/** Numbers that say nothing but which of those that are found. Up to 99: rows by the thousand must not push all others out of what is remembered. */
const POSITION = /\bnth=-?\d{1,2}(?!\d)|:nth-[a-z-]+\((?:(?!\d{3})[\dn+\s-])+\)|:nth-[a-z-]+\((?:odd|even)\)|\[\d{1,2}\]|\bposition\(\)\s*=\s*\d{1,2}(?!\d)/g;

let settings: SelectorSettings | undefined;
/** What was said of it, and as whose: drivers that share a process seldom share selectors. */
interface Described extends SelectorText {
  readonly dialect: Dialect;
}
let recent = new Map<string, Described>();
let older = new Map<string, Described>();

/**
 * @param selector as the driver has it
 * @param using Selenium's location strategy, such as `css selector` or `link text`
 */
export function describeSelector(selector: string, dialect: Dialect, using = ''): SelectorText {
  const now = selectorSettings();
  if (now !== settings) {
    settings = now;
    recent = new Map();
    older = new Map();
  }
  if (selector.length > REMEMBERED_LENGTH) return describe(selector, dialect, using, now);
  const key = using === '' ? selector : `${using}=${selector}`;
  let found = recent.get(key);
  if (found?.dialect !== dialect) {
    found = older.get(key);
    if (found?.dialect !== dialect) found = { ...describe(selector, dialect, using, now), dialect };
    if (recent.size >= REMEMBERED) {
      older = recent;
      recent = new Map();
    }
    recent.set(key, found);
  }
  return found;
}

function describe(selector: string, dialect: Dialect, using: string, now: SelectorSettings): SelectorText {
  const read = applyRule(selector.length > READ ? selector.slice(0, READ) : selector, now);
  const { text, engine } = using !== '' ? byText(using, read, now) : dialect === 'playwright' ? playwrightText(read, now) : dialect === 'puppeteer' ? puppeteerText(read, now) : plainText(read, now);
  const hash = shortHash(text);
  const rest = read.replace(POSITION, ' ');
  const isOne = read === selector && withoutIds(rest) === rest && !text.includes(ANY);
  return { text: cut(text, SHOWN), hash, engine, findsAs: isOne ? [hash, ...(read.match(POSITION) ?? [])].join(' ') : undefined };
}

/** 16 hexadecimal digits of SHA-256. */
function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The name under which an app resolves a selector, as it may be recorded: at most 128 characters, or its hash by option. */
export function selectorName(name: string): string {
  const now = selectorSettings();
  return now.hashNames ? shortHash(name) : cut(applyRule(name.slice(0, READ), now), 128);
}
