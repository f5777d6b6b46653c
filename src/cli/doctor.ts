/** `spoor doctor`: its options and its help. */
import { Command, Option } from 'commander';
import { directoryOption, formatOf, jsonOption } from './options.ts';

export interface DoctorOptions {
  readonly format: 'text' | 'json';
  readonly dir?: string;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('what is wrong, in plain words')
    .description(
      'Looks at everything between a program and a backend: versions and copies of packages, the configuration, whether ' +
        'anything can be written, whether programs are instrumented and on what, whether the collector answers, what waits ' +
        'to be sent and since when, what the last send said, who sends, and whether the clocks agree. It leaves everything ' +
        'as it is.',
    )
    .addOption(new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'))
    .addOption(jsonOption())
    .addOption(directoryOption())
    .addHelpText(
      'after',
      `
Examples:
  $ spoor doctor
  $ spoor doctor --json | jq '.checks[] | select(.state == "problem")'

Exit codes: 0 nothing is wrong (there may be notes), 1 something is, 2 it was called wrongly.`,
    )
    .action(async (options: DoctorOptions & { readonly json?: true }, command: Command) => {
      const format = formatOf(options, command);
      const { doctor } = await import('./doctor-action.ts');
      await doctor({ ...options, format });
    });
}
