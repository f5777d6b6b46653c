/** Takes what looks like a secret out of texts. It rather takes out too much than too little. */
import { REDACTED } from './known-secrets.ts';

/** Names whose value is a secret, whatever it looks like. */
export const SECRET_NAME = /pass[-_.]?(?:word|wd|phrase|code)?s?$|pwd|pw$|secret|token|credential|creds?$|(?:api|access|private|account|shared|master|encryption|signing)[-_.]?key|auth|bearer|jwt|cookie|session|signature|\bsig$|\bkey$|(?:\b|_)pat$|otp$|(?:mfa|2fa)[-_.]?code$|\bpin$|mnemonic|dsn$|connection[-_.]?string|webhook/i;
/** To the last `@` of an address, as a password may have one; a port is none. */
const URL_CREDENTIALS = /(?<![a-z0-9+.-])([a-z0-9+.-]+:\/\/)(?:[^\s/@:]*:(?!\d+[/?#])\S{0,1000}|[^\s/?#]*)@/gi;
/** `user:password@host`, and what drivers of databases make of it; an image's digest is none, nor what a registry has. */
const LOGIN = /(?<![^\s"'=,(])(?!npm:)[^\s"'=,(@:/]+:(?!\/\/|\d+\/)[^\s@"']+@(?!sha256:)/g;
const QUERY_VALUE = /([?&#;]([^=&#;\s]+)=)([^&#;\s]*)/g;
const AUTHORIZATION = /\b((?:proxy-)?authorization|x-[\w-]*(?:key|token|auth)|cookie|set-cookie)(\s*[:=]\s*).*/gis;
const SCHEME = /\b(bearer|basic|digest|negotiate|token)\s+\S+/gi;
const QUOTED = /"(?:[^"\\]|\\.)*"|'[^']*'/;
/** A whole one: tried from each of its characters, a long word would take forever. */
const NAME = '(?<![\\w.-])([\\w.-]+)';
/** Also of `x["name"] =`. */
const NAMED = new RegExp(`${NAME}["']?\\]?\\s*\\+?[:=]\\s*`, 'g');
/** A list or an object goes to the end: what is in it may be anything. */
const VALUE = new RegExp(`${QUOTED.source}|\\[REDACTED\\]|[{[].*|[^\\s,;&}]+`, 'sy');
/** Nothing that a shell puts in: that may have quotes of its own. */
const LITERAL = /(?:"(?:[^"\\`$]|\\.|\$(?![({]))*"|'[^']*')/.source;
/** One whose value is not quoted, or goes on after the quote: it may have spaces and commas, up to the end of an argument. */
const OPEN_ASSIGNMENT = new RegExp(`${NAME}["']?\\]?\\s*(?:\\+?=\\s*(?!\\s|${LITERAL}(?:[\\s;&]|$))|:\\s*(?!\\s|${LITERAL}(?:[\\s,;&}]|$)))`, 'gs');
/** Here a value ends where the next one begins. */
const URL_ALONE = /^[a-z][a-z0-9+.-]*:\/\/\S*$/i;
/** Keys with a known look, and anything long that mixes kinds of characters or is hexadecimal. */
const KNOWN_TOKEN = /\b(?:gh[a-z]_|github_pat_|glpat-|sk-|sk_|pk_|rk_|xox[a-z]-|AKIA|ASIA|AIza|ya29\.|eyJ|npm_|pypi-|hf_|dop_v1_|SG\.)[\w.+/=-]{6,}/g;
const LONG_WORD = /[A-Za-z0-9_+=~-]{20,}/g;
const PRIVATE_KEY = /-----BEGIN[\s\S]*/g;

function looksRandom(word: string): boolean {
  if (/^[0-9a-f-]{20,}$/i.test(word)) return true;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(word)).length;
  return kinds === 3 || (kinds === 2 && /\d/.test(word) && (word.match(/\d/g) ?? []).length >= 4);
}

/** A text with every secret in it replaced. */
export function scrubText(text: string): string {
  const plain = text
    .replace(PRIVATE_KEY, REDACTED)
    .replace(AUTHORIZATION, (_, name: string, separator: string) => `${name}${separator}${REDACTED}`)
    .replace(SCHEME, (_, scheme: string) => `${scheme} ${REDACTED}`)
    .replace(URL_CREDENTIALS, `$1${REDACTED}@`)
    // The one-time code of a login is a secret in an address only.
    .replace(QUERY_VALUE, (whole, start: string, name: string) => (SECRET_NAME.test(name) || name === 'code' ? start + REDACTED : whole));
  return scrubAssignments(plain)
    .replace(KNOWN_TOKEN, REDACTED)
    .replace(LONG_WORD, (word) => (looksRandom(word) ? REDACTED : word));
}

/** The value of a name that is no secret is looked through as well: it may be `{"password": …}`. */
function scrubAssignments(text: string): string {
  let scrubbed = '';
  let from = 0;
  for (const { 0: { length }, 1: name, index } of text.matchAll(NAMED)) {
    if (index < from || !SECRET_NAME.test(name!)) continue;
    VALUE.lastIndex = index + length;
    const value = VALUE.exec(text)?.[0];
    if (value === undefined) continue;
    scrubbed += text.slice(from, index + length) + REDACTED;
    from = index + length + value.length;
  }
  return scrubbed + text.slice(from);
}

/** The same of one that is given to a program: what is not quoted may go on to its end. */
export function scrubWhole(text: string): string {
  const open = URL_ALONE.test(text) ? undefined : [...text.matchAll(OPEN_ASSIGNMENT)].find(([, name]) => SECRET_NAME.test(name!));
  return scrubText((open === undefined ? text : text.slice(0, open.index + open[0].length) + REDACTED).replace(LOGIN, `${REDACTED}@`));
}
