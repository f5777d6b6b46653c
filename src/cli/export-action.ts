/** What `spoor export publish` does. */
import type { Artifact } from '../exports/artifact.ts';
import { parseChain } from '../exports/destinations.ts';
import { exports } from '../exports/exports.ts';
import { BUDGET_UNITS } from '../exports/manifest.ts';
import { allowCiCommands } from '../exports/providers/ci-commands.ts';
import type { PublishResult } from '../exports/publish-options.ts';
import { type CommandTable, checkedTable, commandTable, fromEnvironment } from '../exports/writers/command-table.ts';
import { clean, counted } from '../report/words.ts';
import { start } from '../start.ts';
import { tracedDirectoryOf } from './directory.ts';
import type { ExportOptions } from './export.ts';
import { findFiles } from './export-files.ts';
import { ExportProgress } from './export-progress.ts';
import { endBy, onSignal } from './export-signals.ts';
import { addStepSummary } from './export-summary-action.ts';
import { CliError, ciSafeJson, colors, print, shownPath } from './terminal.ts';

export async function exportFiles(args: readonly string[], options: ExportOptions): Promise<void> {
  if (options.to.length === 0) throw new CliError('export: where to? Give --to, such as --to dir:out or --to github,dir:out', 2);
  await checkChains(options);
  if (options.from !== undefined && args.length > 0) throw new CliError('export: --from is what spoor has recorded; give files, or --from', 2);
  if (options.from !== undefined) return (await import('./export-from.ts')).withRecorded(options.from, options, (artifact) => publishAll([artifact], options));
  if (args.length === 0) throw new CliError('export: what? Give files, globs or folders, or --from', 2);
  const { files, nothing, unnamable, unlisted, collision } = await findFiles(args, process.cwd(), options.includeHidden === true);
  if (collision !== undefined) throw new CliError(`export: ${names(collision)} would be one file where names know no case; rename one of them`, 2);
  for (const path of unnamable) process.stderr.write(`spoor: ${shownPath(path)}: its name is not UTF-8; it is left out\n`);
  for (const { path, code } of unlisted) process.stderr.write(`spoor: ${shownPath(path)}: it cannot be listed (${clean(code, 100)}); what is in it is left out\n`);
  for (const argument of nothing) notFound(argument, options);
  const { type, metadata } = options;
  await publishAll(files.map((file): Artifact => ({ ...file, ...(type !== undefined && { type }), metadata })), options, unlisted.length === 0);
}

/**
 * Publishes, and says what came of it; ends the process as asked, once the caller is done.
 * @param areAll whether these are all artifacts that there are: of the others none has landed
 */
async function publishAll(artifacts: readonly Artifact[], options: ExportOptions, areAll = true): Promise<void> {
  start({ directory: tracedDirectoryOf(options.dir) });
  const { name, manifest, previousManifest, dryRun, timeout, concurrency, fsync, quiet, json } = options;
  const progress = quiet || json ? undefined : new ExportProgress(artifacts.length * options.to.length);
  const signals = onSignal();
  // Standard output is the program's that reads it, with --json.
  allowCiCommands((line) => void (json ? process.stderr : process.stdout).write(`${line}\n`));
  const result = await exports.publish(artifacts, {
    to: options.to,
    signal: signals.aborted,
    ...(name !== undefined && { name }),
    ...(manifest !== undefined && { manifest }),
    ...(previousManifest !== undefined && { previousManifest }),
    ...(dryRun && { dryRun }),
    ...(timeout !== undefined && { timeout: timeout * 1000 }),
    ...(concurrency !== undefined && { concurrency }),
    ...(fsync && { fsync }),
    ...commandsOf(options),
  });
  progress?.done();
  if (json) print(ciSafeJson(result.manifest));
  else if (!quiet) print(summary(result));
  for (const problem of result.problems) process.stderr.write(`spoor: ${clean(problem, 500)}\n`);
  if (options.summary) addStepSummary([result.manifest]);
  const signal = signals.stop();
  if (signal !== undefined) return endBy(signal);
  const isMet = options.dryRun || options.require === 'none' || (areAll && (options.require === 'any' ? result.anyLanded : result.allLanded));
  if (!isMet) process.stderr.write(`spoor: --require ${options.require}: not every artifact landed ${options.require === 'any' ? 'somewhere' : 'in every chain'}\n`);
  if (!isMet || (options.failOverBudget && result.overBudget)) process.exitCode = 1;
}

/** Also the commands in them: here all are known that there will be. */
async function checkChains(options: ExportOptions): Promise<void> {
  try {
    const commands = commandTable(commandsOf(options).commands, process.env);
    for (const { name, argument } of options.to.flatMap((chain) => parseChain(chain))) {
      if (name === 'command') (await import('../exports/writers/command.ts')).command({ argv: commands.get(argument!), name: argument! });
    }
  } catch (error) {
    throw new CliError(`export: ${(error as Error).message}`, 2);
  }
}

/** Of the options; without any, those of the environment are looked up where they are used. */
function commandsOf({ command, commands }: ExportOptions): { readonly commands?: CommandTable } {
  if (commands === undefined && Object.keys(command).length === 0) return {};
  const ofFile = commands === undefined ? {} : checkedTable(fromEnvironment(commands), commands);
  return { commands: { ...ofFile, ...command } };
}

function notFound(argument: string, { ifNoFilesFound }: ExportOptions): void {
  const problem = `${clean(argument, 200)}: no files found`;
  if (ifNoFilesFound === 'error') throw new CliError(`export: ${problem}`, 1);
  if (ifNoFilesFound === 'warn') process.stderr.write(`spoor: ${problem}\n`);
}

function summary({ manifest, manifestPath, overBudget }: PublishResult): string {
  const { attempted, written, failed, skipped, handedOver } = manifest.counts;
  const color = colors(process.stdout);
  const facts = [
    counted(attempted, 'artifact'),
    `${written} written`,
    ...(handedOver > 0 ? [`${handedOver} handed over`] : []),
    failed > 0 ? color.red(`${failed} failed`) : 'none failed',
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...manifest.budgets.filter(({ exceeded }) => exceeded).map(({ name, actual, limit }) => color.red(`over the ${name} budget (${actual}${BUDGET_UNITS[name]} of ${limit}${BUDGET_UNITS[name]})`)),
    ...(manifestPath === undefined ? [] : [shownPath(manifestPath)]),
  ];
  return `${manifest.dryRun ? 'dry run: ' : overBudget ? 'over budget: ' : ''}${facts.join(color.dim(' · '))}`;
}

function names(both: readonly [string, string]): string {
  return both.map((name) => JSON.stringify(name)).join(' and ');
}
