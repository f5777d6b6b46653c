/** How the values of `spoor export`'s options are read. */
import { InvalidArgumentError } from 'commander';

type Commands = Readonly<Record<string, readonly [string, ...string[]]>>;

export function more(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

export function pair(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('It must be key=value.');
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}

export function namedCommand(text: string, before: Commands): Commands {
  const [, name, json] = /^([\w.-]+)=(.*)$/s.exec(text) ?? [];
  let argv: unknown;
  try {
    argv = JSON.parse(json ?? '');
  } catch {
    // Said below.
  }
  if (name === undefined || !Array.isArray(argv) || argv.length === 0 || !argv.every((part) => typeof part === 'string')) {
    throw new InvalidArgumentError('It must be a name and a JSON list of texts, such as s3=["aws","s3","cp","{path}","s3://bucket/{name}"].');
  }
  return { ...before, [name]: argv as unknown as readonly [string, ...string[]] };
}

export function word(text: string): string {
  if (!/^[\w.:/-]{1,64}$/.test(text)) throw new InvalidArgumentError('It must be one word of at most 64 letters, digits and .:/_-');
  return text;
}

export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function seconds(text: string): number {
  if (!/^\d{1,7}(\.\d+)?$/.test(text) || Number(text) === 0) throw new InvalidArgumentError('It must be a number of seconds above 0.');
  return Number(text);
}
