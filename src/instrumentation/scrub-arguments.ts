/**
 * Takes what looks like a secret out of a command's arguments. Only what is opted in is ever recorded, and
 * that passes through here. An argument with blanks is taken for a command line of its own (`sh -c`, `cmd /c`, `ssh`).
 */
import { REDACTED } from '../known-secrets.ts';
import { SECRET_NAME, scrubWhole } from '../scrub.ts';
import { type Tool, tool } from './secretive-tools.ts';

/** Options that take a password, a user with one, or a header, in tools that people use: mysql -p, curl -u --proxy-user -H, sshpass -p. */
const SECRET_FLAG = /^(?:-[pPuUHb]|--(?:[\w-]+-)?(?:user|headers?))$/;
const SECRET_FLAG_JOINED = /^-([pPuUHb])(.+)$/s;
/** A name that stands alone, as in `npm config set <name> <value>`, and what is no value of it, as in `gh auth login`. */
const SECRET_WORD = /^(?:[\w.:-]*|\/\/\S*:\w*)(?:pass(?:word|wd|phrase)|pwd|secret|token|(?:api|access|private)[-_]?key|auth|securestring)[:=]?$/i;
const NO_VALUE = /^(?:-|(?:log(?:in|out)|status|[sg]et|list|ls|create|delete|rm|add|remove|refresh|print|show|configure|token|fill|approve|reject|setup-git|switch|revoke|generic)$)/;
/** `NAME=value` of an environment: these are not recorded, whatever they are called. */
const VARIABLE = /^([A-Za-z_]\w*\+?=).+$/s;
const VARIABLE_FLAG = /^(?:-e|--env|--build-arg|--from-literal)$/;
const VARIABLE_JOINED = /^((?:-e|--(?:env|build-arg|from-literal)=)[A-Za-z_][\w.-]*=).+$/s;
/** After these, and where a command begins, variables are set. */
const BEFORE_VARIABLES = /^(?:env|export|setx?|declare|local|readonly|sudo|exec|time|nohup|if|then|else|do|while|until)$/;
const VARIABLE_WITHIN = /[;&|({`]([A-Za-z_]\w*\+?=)[^\s"']+/;
const ENDS_COMMAND = /(?:^|[^\\])[;&|]$/;

const SHELL_WORD = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|\S)+/gs;
const WHOLE_PIECE = /"(?:[^"\\]|\\.)*"|'[^']*'|\\./gs;
/** A shell in a shell in a shell. */
const MAX_DEPTH = 4;

/**
 * The arguments with every secret replaced by `[REDACTED]`: at most 64 of them, each at most 256 characters.
 * @param file what is run
 */
export function scrubArguments(args: readonly string[], file = ''): string[] {
  return scrubWords(args.slice(0, 64).map((one) => one.slice(0, 4096)), file, 0).map((one) => one.slice(0, 256));
}

/** The same for a command line that a shell is given: cut into words as a shell would, quotes kept together. */
export function scrubCommand(command: string): string[] {
  return scrubLine(command.slice(0, 16_384), 0).scrubbed.slice(0, 64).map((one) => one.slice(0, 256));
}

function scrubLine(line: string, depth: number): { words: readonly string[]; scrubbed: readonly string[] } {
  const words: readonly string[] = line.match(SHELL_WORD) ?? [];
  const scrubbed = scrubWords(words, undefined, depth);
  hideInput(words, scrubbed);
  // What a shell puts in has words of its own: those of a secret are secret, and where it ends only a shell knows.
  const last = scrubbed.findIndex((one, index) => one !== words[index] && goesOn(words[index]!));
  return { words, scrubbed: last === -1 ? scrubbed : scrubbed.slice(0, last + 1) };
}

/** Whether the word may have more to it than was taken for it: a substitution, a list, a quote that does not end. */
function goesOn(word: string): boolean {
  return /[`(]|\$'/.test(word) || word.split('${').length > word.split('}').length || /["']/.test(word.replace(WHOLE_PIECE, ''));
}

/** What the word before says of this one: it is a secret; it is one unless it looks like none; it is a variable. */
type Said = 'secret' | 'value' | 'variable' | undefined;

/** @param file what is run; undefined for a line, whose words say so */
function scrubWords(words: readonly string[], file: string | undefined, depth: number): string[] {
  let current: Tool | undefined = tool(file ?? '');
  let canSet = file === undefined || BEFORE_VARIABLES.test(file);
  let said: Said;
  return words.map((word) => {
    // An option means the same in quotes, and after what opens a list or a substitution.
    const bare = word.replace(/["'\\]/g, '').replace(/^[`({$;&|]+/, '');
    const before = said;
    // `$password = …`
    if (before !== undefined && /^\+?[:=]$/.test(bare)) return word;
    current = tool(bare) ?? current;
    const hidden = current?.takesSecrets === true && tool(bare) === undefined ? REDACTED : hide(word, bare, before, canSet, current, depth, file === undefined);
    said = meaning(bare, current);
    canSet = BEFORE_VARIABLES.test(bare) || (canSet && (bare.startsWith('-') || VARIABLE.test(bare)));
    if (file === undefined && ENDS_COMMAND.test(word)) {
      current = undefined;
      canSet = true;
    }
    return hidden;
  });
}

function meaning(bare: string, current: Tool | undefined): Said {
  if (SECRET_FLAG.test(bare) || isSecretName(bare) || current?.option?.exec(bare)?.[0] === bare) return 'secret';
  if (VARIABLE_FLAG.test(bare)) return 'variable';
  return SECRET_WORD.test(bare) ? 'value' : undefined;
}

const isSecretName = (bare: string): boolean => /^--?[\w.-]+[:=]?$/.test(bare) && SECRET_NAME.test(bare.replace(/[:=]$/, ''));

function hide(word: string, bare: string, before: Said, canSet: boolean, current: Tool | undefined, depth: number, isLine: boolean): string {
  if (before === 'secret' || (before === 'value' && !NO_VALUE.test(bare))) return REDACTED;
  const variable = (before === 'variable' || canSet ? VARIABLE.exec(bare) : null) ?? VARIABLE_JOINED.exec(bare);
  if (variable) return variable[1] + REDACTED;
  const option = current?.option?.exec(bare)?.[0];
  if (option !== undefined) return option === bare ? word : option + REDACTED;
  // Before the names: the joined password may have one in it.
  const joined = SECRET_FLAG_JOINED.exec(bare);
  if (joined) return `-${joined[1]}${REDACTED}`;
  const named = /^(--?[\w.-]+)=/.exec(bare);
  if (named && (SECRET_FLAG.test(named[1]!) || isSecretName(named[1]!) || current?.option?.test(named[1]!))) return `${named[1]}=${REDACTED}`;
  if (isSecretName(bare)) return word;
  const within = isLine && !/["']/.test(word) ? VARIABLE_WITHIN.exec(word) : null;
  if (within) return `${word.slice(0, within.index + 1)}${within[1]}${REDACTED}`;
  return scrubText(word, depth);
}

/** The line first, while its quotes are whole. */
const scrubText = (word: string, depth: number): string => scrubWhole(/\s/.test(word) ? scrubNested(word, depth) : word);

function scrubNested(word: string, depth: number): string {
  if (depth >= MAX_DEPTH) return REDACTED;
  const { words, scrubbed } = scrubLine(word.match(SHELL_WORD)?.[0] === word ? unquoted(word) : word, depth + 1);
  return scrubbed.length === words.length && scrubbed.every((one, index) => one === words[index]) ? word : scrubbed.join(' ');
}

/** As a shell takes the quotes off that make it one word. */
function unquoted(word: string): string {
  return word.replace(WHOLE_PIECE, (piece) => (piece.startsWith('"') ? piece.slice(1, -1).replace(/\\(["\\$`])/g, '$1') : piece.startsWith("'") ? piece.slice(1, -1) : piece.slice(1)));
}

/** What is typed into a program for it: `echo secret | sudo -S`, `<<< secret`. */
function hideInput(words: readonly string[], scrubbed: string[]): void {
  let from = -1;
  words.forEach((word, index) => {
    const plain = word.replace(WHOLE_PIECE, 'x');
    if (/(?:^|[;&|({`])(?:echo|printf)$/.test(plain)) from = index;
    else if (from >= 0 && /(?:^|[^|])\|(?:$|[^|])/.test(plain)) {
      scrubbed.fill(REDACTED, from + 1, index);
      if (!plain.startsWith('|')) scrubbed[index] = `${REDACTED}|`;
      from = -1;
    } else if (/[;&|]/.test(plain)) from = -1;
    if (/^\d*<</.test(plain)) scrubbed.fill(REDACTED, index + 1);
    if (/^\d*<<<./.test(plain)) scrubbed[index] = `<<<${REDACTED}`;
  });
}
