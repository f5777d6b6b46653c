#!/usr/bin/env node
/** The `spoor` command. Each command loads its parts when it runs, so that `--help` is quick. */
import { Command, CommanderError } from 'commander';
import { SCOPE } from '../conventions.ts';
import { exportCommand } from './export.ts';
import { withSubcommand } from './export-arguments.ts';
import { initCommand } from './init.ts';
import { doctorCommand } from './doctor.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { shipCommand } from './ship.ts';
import { spawnCommand } from './spawn.ts';
import { CliError, sayLostOutput, saidSafely } from './terminal.ts';
import { tracesCommand } from './traces.ts';
import { withoutHelpForUnknown } from './unknown-command.ts';

const program = new Command('spoor')
  .description('Traces the processes, workers and agents that a program spawns, into local files, and reads them back.')
  .version(SCOPE.version, '-V, --version')
  .helpOption('-h, --help', 'help for a command')
  .enablePositionalOptions()
  .addCommand(runCommand())
  .addCommand(reportCommand())
  .addCommand(tracesCommand())
  .addCommand(spawnCommand())
  .addCommand(exportCommand())
  .addCommand(shipCommand())
  .addCommand(doctorCommand())
  .addCommand(initCommand())
  .addHelpText(
    'after',
    `
Examples:
  $ spoor run -- npm test      run anything, and see what it spawns
  $ spoor report               counts, failures and durations of the last 24 hours
  $ spoor traces               the last traces; give one's id to see it as a tree

Exit codes: 0 all is well, 1 it failed, 2 it was called wrongly. \`spoor run\` exits as its command does.`,
  );

sayLostOutput();
// What was typed is in it, such as a name that a glob of the shell gave.
const outputError = (text: string, write: (text: string) => void): void => write(saidSafely(text.trimEnd().split(/\n(?=\(Did you mean )/)));
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) command.exitOverride().configureOutput({ outputError }).showSuggestionAfterError().showHelpAfterError('Add --help for how it is used.');
try {
  await program.parseAsync(withoutHelpForUnknown(withSubcommand(process.argv), program));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    // A stack is for us; the message is for everyone.
    const stack = process.env.OTEL_LOG_LEVEL === 'debug' ? ((error as Error)?.stack?.match(/^ +at .*/gm) ?? []) : [];
    process.stderr.write(saidSafely([`spoor: ${error instanceof Error ? error.message : String(error)}`, ...(error instanceof CliError ? error.lines : []), ...stack]));
    process.exitCode = error instanceof CliError ? error.exitCode : 1;
  }
}
