/** Addresses of pages, without what could name a person or let somebody in. */
import { scrubText } from '../scrub.ts';
import { applyRule, cut, isIdentifier } from './redaction.ts';
import { type SelectorSettings, selectorSettings } from './settings.ts';

const READ = 4096;
const SHOWN = 512;
const REMEMBERED = 200;

let settings: SelectorSettings | undefined;
const known = new Map<string, string>();

/** Without credentials, values of the query, and fragment; of `data:` and other addresses that are content, the scheme and type only. */
export function pageUrl(url: string): string {
  const now = selectorSettings();
  if (now !== settings || known.size >= REMEMBERED) {
    settings = now;
    known.clear();
  }
  let shown = known.get(url);
  if (shown === undefined) {
    shown = strip(url.length > READ ? url.slice(0, READ) : url, now);
    if (url.length <= READ) known.set(url, shown);
  }
  return shown;
}

function strip(text: string, now: SelectorSettings): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return '';
  }
  if (url.protocol === 'data:') return `data:${/^[\w.+-]+\/[\w.+-]+/.exec(url.pathname)?.[0] ?? ''}`;
  if (url.protocol === 'blob:') return `blob:${strip(url.pathname, now)}`;
  if (url.protocol === 'about:' || url.protocol === 'file:' || url.host !== '') {
    const keys = [...new Set(keysOf(url.search))].slice(0, 16);
    const query = keys.length > 0 ? `?${keys.map((key) => `${key}=`).join('&')}` : '';
    return cut(applyRule(`${url.protocol}${url.protocol === 'about:' ? '' : '//'}${url.host}${url.pathname}${query}`, now), SHOWN);
  }
  // `javascript:` and the like.
  return url.protocol;
}

/** Names that have a value. Of a query that is one word, as invitations have, that word is the value; with a `=` or two behind it, it is base64. */
function keysOf(query: string): string[] {
  const keys: string[] = [];
  for (const [, given = ''] of query.matchAll(/[?&]([^=&]+)=[^=&]/g)) {
    const key = decoded(given);
    if (isIdentifier(key) && !/\d{5}/.test(key) && scrubText(key) === key) keys.push(key);
  }
  return keys;
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return '%';
  }
}
