/** `spoor run`: its options and its help. */
import { Argument, Command, Option } from 'commander';
import { directoryOption } from './options.ts';

export interface RunOptions {
  readonly quiet?: true;
  readonly json?: true;
  readonly dir?: string;
  readonly correlationId?: string;
}

export function runCommand(): Command {
  return new Command('run')
    .summary('run a command and trace everything it spawns')
    .usage('[options] [--] <command> [args…]')
    .description(
      'Runs a command and traces it: every Node process below it, also through npm, make or a shell, has ' +
        'spoor/register preloaded, and records the processes, workers and agents that it spawns. Programs in other ' +
        'languages join the trace when they read TRACEPARENT. Input, output, signals and the exit code are as ' +
        'without spoor, on Linux other open descriptors too; one line on stderr at the end says what was recorded.',
    )
    .addArgument(new Argument('<command...>', 'the command and its arguments'))
    .passThroughOptions()
    .addOption(new Option('-q, --quiet', 'no closing line'))
    .addOption(new Option('--json', 'the closing line as JSON, for a program'))
    .addOption(new Option('--correlation-id <id>', 'id on every span of every process (default: SPOOR_CORRELATION_ID, else the trace id)'))
    .addOption(directoryOption('where to write'))
    .addHelpText(
      'after',
      `
Examples:
  $ spoor run -- npm test
  $ spoor run --correlation-id release-42 -- make all
  $ spoor run -- sh -c 'node a.js | node b.js'

Exit codes: those of the command; it ends by the same signal as the command. 127: the command was not found,
126: it cannot be executed. Signals are passed on but SIGPROF, which is the profiler's of Node.`,
    )
    .action(async (command: string[], options: RunOptions) => {
      const { run } = await import('./run-action.ts');
      await run(command, options);
    });
}
