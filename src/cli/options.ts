/** Options that several commands have. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseSince, SINCE_FORMS } from '../report/since.ts';
import { CliError } from './terminal.ts';

/** Epoch milliseconds; default 24 hours ago. */
export function sinceOption(): Option {
  return new Option('--since <when>', SINCE_FORMS)
    .argParser((text) => {
      const start = parseSince(text, Date.now());
      if (start === undefined) throw new InvalidArgumentError(`It must be ${SINCE_FORMS}.`);
      return start;
    })
    .default(Date.now() - 24 * 3_600_000, '24h');
}

/** @param what the directory is to the command */
export function directoryOption(what = 'where the data is'): Option {
  return new Option('--dir <path>', `${what} (default: SPOOR_DIR, else spoor.config.json, else ./.spoor)`).argParser((path) => {
    // Of a variable that is not set; it would be the working directory.
    if (path.trim() === '') throw new CliError('--dir must not be empty', 2);
    return path;
  });
}

export function jsonOption(): Option {
  return new Option('--json', 'JSON, for a program');
}

/** The first of the options that was given, and is not its default. */
export function givenOf(command: Command, names: readonly string[]): string | undefined {
  return names.find((name) => command.getOptionValueSource(name) === 'cli');
}

/** `--json` is short for `--format json`. */
export function formatOf<F extends string>({ json, format }: { readonly json?: true; readonly format: F }, command: Command): F | 'json' {
  if (json && format !== 'json' && givenOf(command, ['format']) !== undefined) throw new CliError(`--json and --format ${format} are two forms; give one of them`, 2);
  return json ? 'json' : format;
}
