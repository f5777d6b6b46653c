/**
 * Takes what looks like a secret out of a command's arguments. Only what is opted in is ever recorded, and
 * that passes through here: it rather takes out too much than too little.
 */

export const REDACTED = '[REDACTED]';

/** Names whose value is a secret, whatever it looks like. */
const SECRET_NAME = /pass[-_.]?(?:word|wd|phrase|code)?s?$|pwd|pw$|secret|token|credential|api[-_.]?key|access[-_.]?key|private[-_.]?key|auth|bearer|cookie|session|signature|\bsig$|\bkey$|(?:\b|_)pat$|otp$|\bpin$|dsn$|connection[-_.]?string|webhook/i;
/** Options that take a password, a user with one, or a header, in tools that people use: mysql -p, curl -u --proxy-user -H, sshpass -p. */
const SECRET_FLAG = /^(?:-[pPuUHb]|--(?:proxy-)?user)$/;
const SECRET_FLAG_JOINED = /^-([pPuUHb])(.+)$/s;
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi;
const QUERY_VALUE = /([?&#;]([^=&#;\s]+)=)([^&#;\s]*)/g;
const AUTHORIZATION = /\b((?:proxy-)?authorization|x-[\w-]*(?:key|token|auth)|cookie|set-cookie)(\s*[:=]\s*).*/gis;
const SCHEME = /\b(bearer|basic|digest|negotiate|token)\s+\S+/gi;
const QUOTED = /"(?:[^"\\]|\\.)*"|'[^']*'/;
/** A whole one: tried from each of its characters, a long word would take forever. */
const NAME = '(?<![\\w.-])([\\w.-]+)';
const ASSIGNMENT = new RegExp(`${NAME}(["']?\\s*\\+?[:=]\\s*)(${QUOTED.source}|[^\\s,;&}]+)`, 'gs');
/** Nothing that a shell puts in: that may have quotes of its own. */
const LITERAL = /(?:"(?:[^"\\`$]|\\.|\$(?![({]))*"|'[^']*')/.source;
/** One whose value is not quoted, or goes on after the quote: it may have spaces and commas, up to the end of an argument. */
const OPEN_ASSIGNMENT = new RegExp(`${NAME}["']?\\s*(?:\\+?=\\s*(?!\\s|${LITERAL}(?:[\\s;&]|$))|:\\s*(?!\\s|${LITERAL}(?:[\\s,;&}]|$)))`, 'gs');
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
  return text
    .replace(PRIVATE_KEY, REDACTED)
    .replace(AUTHORIZATION, (_, name: string, separator: string) => `${name}${separator}${REDACTED}`)
    .replace(SCHEME, (_, scheme: string) => `${scheme} ${REDACTED}`)
    .replace(URL_CREDENTIALS, `$1${REDACTED}@`)
    .replace(QUERY_VALUE, (whole, start: string, name: string) => (SECRET_NAME.test(name) ? start + REDACTED : whole))
    .replace(ASSIGNMENT, (whole, name: string, separator: string) => (SECRET_NAME.test(name) ? name + separator + REDACTED : whole))
    .replace(KNOWN_TOKEN, REDACTED)
    .replace(LONG_WORD, (word) => (looksRandom(word) ? REDACTED : word));
}

const isSecretOption = (argument: string): boolean => SECRET_FLAG.test(argument) || (/^--?[\w.-]+$/.test(argument) && SECRET_NAME.test(argument));

/** The arguments with every secret replaced by `[REDACTED]`: at most 64 of them, each at most 256 characters. */
export function scrubArguments(args: readonly string[]): string[] {
  let secretNext = false;
  return args.slice(0, 64).map((argument) => {
    const redact = secretNext;
    // An option means the same in quotes.
    const bare = argument.replace(/["'\\]/g, '');
    secretNext = isSecretOption(bare);
    if (redact) return REDACTED;
    // Before the names: the joined password may have one in it.
    const joined = SECRET_FLAG_JOINED.exec(bare);
    if (joined) return `-${joined[1]}${REDACTED}`;
    if (secretNext) return argument.slice(0, 256);
    const option = /^(--?[\w.-]+)=/.exec(bare);
    if (option && isSecretOption(option[1]!)) return `${option[1]}=${REDACTED}`;
    return scrubArgument(argument.slice(0, 4096)).slice(0, 256);
  });
}

function scrubArgument(argument: string): string {
  const open = URL_ALONE.test(argument) ? undefined : [...argument.matchAll(OPEN_ASSIGNMENT)].find(([, name]) => SECRET_NAME.test(name!));
  return scrubText(open === undefined ? argument : argument.slice(0, open.index + open[0].length) + REDACTED);
}

const SHELL_WORD = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|\S)+/gs;
const WHOLE_PIECE = /"(?:[^"\\]|\\.)*"|'[^']*'|\\./gs;

/** The same for a command line that a shell is given: cut into words as a shell would, quotes kept together. */
export function scrubCommand(command: string): string[] {
  const words = command.slice(0, 16_384).match(SHELL_WORD) ?? [];
  const scrubbed = scrubArguments(words);
  // What a shell puts in has words of its own: those of a secret are secret, and where it ends only a shell knows.
  const last = scrubbed.findIndex((one, index) => one !== words[index] && goesOn(words[index]!));
  return last === -1 ? scrubbed : scrubbed.slice(0, last + 1);
}

/** Whether the word may have more to it than was taken for it: a substitution, a list, a quote that does not end. */
function goesOn(word: string): boolean {
  return /[`(]|\$'/.test(word) || word.split('${').length > word.split('}').length || /["']/.test(word.replace(WHOLE_PIECE, ''));
}
