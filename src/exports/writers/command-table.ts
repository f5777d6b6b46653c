/** Commands that `command:<name>` in a chain runs. */
import { readFileSync } from 'node:fs';

/** The program and its arguments, with template variables; no shell. */
export type CommandSpec = readonly [string, ...string[]];

/** `{ "s3": ["aws", "s3", "cp", "{path}", "s3://bucket/{name}"] }` */
export type CommandTable = Readonly<Record<string, CommandSpec>>;

export interface Commands {
  /** @throws Error for a person when it is not there, or the table cannot be read */
  get(name: string): CommandSpec;
}

/** Those given, else those of `SPOOR_EXPORT_COMMANDS`: JSON, or the path of a JSON file. Read when one is used. */
export function commandTable(given: CommandTable | undefined, env: NodeJS.ProcessEnv): Commands {
  let table: CommandTable | undefined;
  return {
    get(name) {
      table ??= checkedTable(given ?? fromEnvironment(env.SPOOR_EXPORT_COMMANDS?.trim()), given ? 'the commands option' : 'SPOOR_EXPORT_COMMANDS');
      if (Object.hasOwn(table, name)) return table[name]!;
      const names = Object.keys(table).join(', ');
      throw new Error(`no command "${name}": ${names === '' ? 'give it (--command, or commands in code), or set SPOOR_EXPORT_COMMANDS to {"name": ["program", "argument", …]} or to the path of such a file' : `there are ${names}`}`);
    },
  };
}

/** A text as a table: JSON when it begins like an object, else the path of a file. */
export function fromEnvironment(value: string | undefined): unknown {
  if (value === undefined || value === '') return {};
  const text = value.startsWith('{') ? value : readTable(value);
  try {
    return JSON.parse(text);
  } catch (error) {
    // Not the parser's message: it quotes what it read, and commands may hold secrets.
    throw new Error(`${value.startsWith('{') ? 'SPOOR_EXPORT_COMMANDS' : value} is not JSON`, { cause: error });
  }
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`the file of commands ${path} (of --commands or SPOOR_EXPORT_COMMANDS) cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}

export function checkedTable(table: unknown, from: string): CommandTable {
  if (typeof table !== 'object' || table === null || Array.isArray(table)) throw new Error(`${from}: an object such as {"name": ["program", "argument"]} is expected`);
  for (const [name, spec] of Object.entries(table)) {
    if (!Array.isArray(spec) || spec.length === 0 || !spec.every((part) => typeof part === 'string' && !part.includes('\0')) || spec[0] === '') {
      throw new Error(`${from}: "${name}" must be a list of texts, the program first, such as ["aws", "s3", "cp", "{path}", "s3://bucket/{name}"]`);
    }
  }
  return table as CommandTable;
}
