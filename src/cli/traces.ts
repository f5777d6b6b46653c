/** `spoor traces`: its options and its help. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { directoryOption, givenOf, jsonOption, sinceOption } from './options.ts';
import { CliError } from './terminal.ts';

export interface TracesOptions {
  readonly since: number;
  readonly limit: number;
  readonly failed?: true;
  readonly json?: true;
  readonly dir?: string;
}

export function tracesCommand(): Command {
  return new Command('traces')
    .summary('the last traces, or one of them as a tree')
    .description(
      'Without an id: the traces of the last 24 hours, the latest first. With one: that trace as a tree, across ' +
        'all its processes, with what still runs, what failed and what was abandoned (its process ended first).',
    )
    .addArgument(new Argument('[id]', 'a trace id, its beginning if no other trace has it, or a correlation id'))
    .addOption(sinceOption())
    .addOption(new Option('--limit <n>', 'how many traces to list').argParser(limit).default(20))
    .addOption(new Option('--failed', 'only traces in which something failed'))
    .addOption(jsonOption())
    .addOption(directoryOption())
    .addHelpText(
      'after',
      `
Examples:
  $ spoor traces --failed        what went wrong today
  $ spoor traces 4bf92f          one trace, by the beginning of its id
  $ spoor traces release-42      everything with this correlation id

An id is looked for in everything that is kept, unless --since is given.`,
    )
    .action(async (id: string | undefined, options: TracesOptions, command: Command) => {
      if (id !== undefined) checkNamed(id, command);
      const { listTraces, showTraces } = await import('./traces-action.ts');
      if (id === undefined) listTraces(options);
      else showTraces(id, { ...options, since: givenOf(command, ['since']) === undefined ? 0 : options.since });
    });
}

/** @throws where an option would have no effect */
function checkNamed(id: string, command: Command): void {
  if (id.trim() === '') throw new CliError('traces: the id must not be empty; without one, the latest traces are listed', 2);
  const option = givenOf(command, ['failed', 'limit']);
  if (option !== undefined) throw new CliError(`traces: --${option} is for the list of traces, without an id`, 2);
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 999999.');
  return Number(text);
}
