/** The name of what is run: low in cardinality, and never an argument. */
import { existsSync } from 'node:fs';
import { basename, delimiter, join, win32 } from 'node:path';

const MAX_LENGTH = 100;

/** What is in an assignment, in an address, and in a login at the end of a path: `node_modules/@scope/` is none. */
const VALUE = /=|:\/\/|@[^/\\@]*$/;
/** What the path of an executable seldom has, and a whole command line, given for one, does. */
const DOUBTFUL = new RegExp(`\\s|${VALUE.source}`);

/** Where an executable is looked for: read only where that tells one from a command line. */
export interface SearchPath {
  readonly PATH?: string | undefined;
}

/** Base name of an executable's path. Of a command line given for one, where a shell was forgotten, its first word's. */
export function executableName(file: string, env?: SearchPath): string {
  return DOUBTFUL.test(file) && !isThere(file, env) ? wordName(file.trimStart().split(/\s/, 1)[0]!) : baseName(file);
}

const EXTENSIONS = process.platform === 'win32' ? ['', '.exe'] : [''];

/** "Program Files" and "Google Chrome" are no command lines. */
function isThere(file: string, env: SearchPath | undefined): boolean {
  const folders = /[/\\]/.test(file) ? [] : (env?.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return ['', ...folders].some((folder) => EXTENSIONS.some((extension) => existsSync(join(folder, file + extension))));
}

function wordName(word: string): string {
  return VALUE.test(word) ? 'unknown' : baseName(word);
}

function baseName(path: string): string {
  return ((process.platform === 'win32' ? win32.basename(path) : basename(path)) || 'unknown').slice(0, MAX_LENGTH);
}

/** `NAME=value ` before the command; a value that the shell would have to work out is not matched. */
const ASSIGNMENTS = /^\s*(?:[A-Za-z_]\w*=(?:"[^"$`\\]*"|'[^']*'|[^\s"'\\;&|<>()$`])*\s+)*/;
/** The next word, bare or in quotes, as long as it stands for itself. */
const WORD = /^(?:"([\w.+@:/\\ -]+)"|'([\w.+@:/\\ -]+)'|([\w.+@:/\\[-]+))(?=$|[\s;&|<>)])/;
const KEYWORDS = new Set(['if', 'then', 'for', 'while', 'until', 'case', 'select', 'function', 'time', 'do', 'exec']);

/** Name of the command that a shell is given: its first word's base name after assignments, else the shell's. */
export function commandName(command: string, shell: string): string {
  const match = WORD.exec(command.slice(ASSIGNMENTS.exec(command)?.[0].length ?? 0, 4096));
  const word = match?.[1] ?? match?.[2] ?? match?.[3];
  return word === undefined || word.startsWith('-') || KEYWORDS.has(word) ? executableName(shell) : wordName(word);
}
