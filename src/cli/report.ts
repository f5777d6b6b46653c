/** `spoor report`: its options and its help. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { directoryOption, formatOf, jsonOption, sinceOption } from './options.ts';
import { REPORT_KINDS, type ReportKind } from './report-kinds.ts';

interface Options {
  readonly since: number;
  readonly kind: ReportKind;
  readonly format: 'text' | 'json' | 'csv' | 'markdown';
  readonly json?: true;
  readonly top: number;
  readonly dir?: string;
}

export function reportCommand(): Command {
  return new Command('report')
    .summary('what was spawned, how selectors do, what was published')
    .description(
      'Adds up what was spawned, for each executable, role and model: how many, how many failed and why, how long they took, ' +
        'and the share that succeeded with its 95% interval (Wilson). What still runs and what was abandoned (its process ' +
        'ended first) is shown, and is not in that share. With --kind selector: how the selectors of browser automation do, ' +
        'the least healthy first, and by strategy, driver and page. With --kind export: what was published, and what did not land.',
    )
    .addOption(sinceOption())
    .addOption(new Option('--kind <kind>', 'kind of operation').choices(Object.keys(REPORT_KINDS)).default('spawn'))
    .addOption(new Option('--format <format>', 'form of the output').choices(['text', 'json', 'csv', 'markdown']).default('text'))
    .addOption(jsonOption())
    .addOption(new Option('--top <n>', 'how many of the slowest and of the last failures').argParser(count).default(5))
    .addOption(directoryOption())
    .addHelpText(
      'after',
      `
Examples:
  $ spoor report                               the last 24 hours
  $ spoor report --since 7d --format markdown  a week, as a table for an issue
  $ spoor report --json | jq '.spawns[] | select(.failed > 0)'
  $ spoor report --kind selector               selectors: dead, drifting, falling back, ambiguous, slower
  $ spoor report --kind export                 artifacts: what landed where, and what did not
  $ spoor traces <trace id>                    what led to one of the failures it names`,
    )
    .action(async (options: Options, command: Command) => {
      const format = formatOf(options, command);
      const { report } = await import('./report-action.ts');
      await report({ ...options, format });
    });
}

function count(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 0 to 9999.');
  return Number(text);
}
