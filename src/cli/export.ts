/** `spoor export` and its subcommands: their options and help. */
import { Argument, Command, Option } from 'commander';
import { more, namedCommand, pair, seconds, whole, word } from './export-values.ts';
import { directoryOption, givenOf, jsonOption, sinceOption } from './options.ts';
import { CliError } from './terminal.ts';

/** What of `.spoor/` can be published. */
const EXPORT_SOURCES = ['rollups', 'traces', 'ledger'] as const;
export type ExportSource = (typeof EXPORT_SOURCES)[number];
const EXPORT_FORMATS = ['json', 'csv', 'markdown', 'influx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly to: readonly string[];
  readonly name?: string;
  readonly type?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly manifest?: string;
  readonly previousManifest?: string;
  readonly dryRun?: true;
  readonly require: 'none' | 'any' | 'all';
  readonly ifNoFilesFound: 'warn' | 'error' | 'ignore';
  readonly includeHidden?: true;
  readonly failOverBudget?: true;
  readonly command: Readonly<Record<string, readonly [string, ...string[]]>>;
  readonly commands?: string;
  readonly timeout?: number;
  readonly concurrency?: number;
  readonly fsync?: true;
  readonly quiet?: true;
  readonly json?: true;
  readonly dir?: string;
  readonly summary: boolean;
  readonly from?: ExportSource;
  readonly format: ExportFormat;
  /** Epoch milliseconds. */
  readonly since: number;
}

export interface SummaryOptions {
  readonly to?: string;
}

export interface VerifyOptions {
  readonly root?: string;
  readonly json?: true;
}

export interface AppendOptions {
  readonly run?: string;
  readonly artifact: string;
  readonly writer: string;
  readonly status: 'written' | 'failed' | 'skipped' | 'handed_over';
  readonly file?: string;
  readonly skippedReason?: string;
  readonly errorCode?: string;
  readonly exitCode?: number;
  readonly error?: string;
  readonly url?: string;
  readonly remoteId?: string;
}

/** `spoor export publish|verify|append`. Without one of them it is `publish`: see `export-arguments.ts`. */
export function exportCommand(): Command {
  return new Command('export')
    .summary('publish files to CI, folders and backends')
    .description('Publishes files to one or more destinations, with fallbacks, and leaves a manifest of what landed where. `publish` may be left out.')
    .addCommand(publishCommand())
    .addCommand(verifyCommand())
    .addCommand(appendCommand())
    .addCommand(summaryCommand())
    .addHelpText(
      'after',
      `
Examples:
  $ spoor export dist reports/*.html --to github,buildkite,dir:out
  $ spoor export report.json --to dir:out --to command:s3 --command 's3=["aws","s3","cp","{path}","s3://bucket/{name}"]'
  $ spoor export --from rollups --format csv --to dir:out
  $ spoor export --to dir:out -- verify     a file that is named like a subcommand
  $ spoor export verify .spoor/exports/<run>`,
    );
}

function publishCommand(): Command {
  return new Command('publish')
    .summary('publish files, globs and folders')
    .description(
      'Publishes files. A name is the path relative to the folder that all of them are in. Each --to is a chain: what the first ' +
        'destination does not take goes to the next. A chain that fails does not fail the command, unless --require says so.',
    )
    .addArgument(new Argument('[files...]', 'files, globs, folders'))
    .addOption(new Option('--from <what>', 'publish what spoor has recorded, as one artifact').choices(EXPORT_SOURCES))
    .addOption(new Option('--format <format>', 'with --from: form of the artifact; influx (line protocol) is for rollups').choices(EXPORT_FORMATS).default('json'))
    .addOption(sinceOption())
    .addOption(new Option('--to <chain>', 'destinations with fallbacks, such as github,buildkite,dir:out; may be given several times').argParser(more).default([], 'none'))
    .addOption(new Option('--require <what>', 'exit with 1 unless every artifact landed somewhere (any) or in every chain (all)').choices(['none', 'any', 'all']).default('none'))
    .addOption(new Option('--manifest <file>', 'where the manifest is written (default: exports/<run>/manifest.json in spoor\'s directory)'))
    .addOption(new Option('--previous-manifest <file>', 'the manifest of the publish before, for a machine that forgets'))
    .addOption(new Option('--dry-run', 'write the manifest, run nothing'))
    .addOption(new Option('--if-no-files-found <what>', 'when an argument finds nothing').choices(['warn', 'error', 'ignore']).default('warn'))
    .addOption(new Option('--include-hidden', 'also files and folders whose names begin with a dot, in folders and globs'))
    .addOption(new Option('--fail-over-budget', 'exit with 1 when a budget of the configuration is exceeded'))
    .addOption(new Option('--name <name>', 'what this publish is called (default: artifacts)'))
    .addOption(new Option('--type <type>', 'what kind of thing the files are, such as report (default: file)'))
    .addOption(new Option('--metadata <key=value>', 'a label of every artifact; may be given several times').argParser(pair).default({}, 'none'))
    .addOption(new Option('--command <name=argv>', 'a command as JSON, for command:<name> in a chain; may be given several times').argParser(namedCommand).default({}, 'none'))
    .addOption(new Option('--commands <file>', 'a JSON file of such commands (default: SPOOR_EXPORT_COMMANDS)'))
    .addOption(new Option('--timeout <seconds>', 'for one write (default: 120; 600 for github, buildkite and influxdb)').argParser(seconds))
    .addOption(new Option('--concurrency <n>', 'writes at a time (default: 8)').argParser(whole))
    .addOption(new Option('--fsync', 'flush files to the device before they are renamed'))
    .addOption(new Option('--no-summary', "add nothing to the CI's step summary"))
    .addOption(new Option('-q, --quiet', 'say only what went wrong'))
    .addOption(jsonOption())
    .addOption(directoryOption())
    .addHelpText('after', '\nExit codes: 0, 1 what was required did not land (or a budget was exceeded, or no files were found, when asked), 2 it was called wrongly.')
    .action(async (files: string[], options: ExportOptions, command: Command) => {
      const option = options.from === undefined ? givenOf(command, ['format', 'since']) : undefined;
      if (option !== undefined) throw new CliError(`export: --${option} is for --from; files are published as they are`, 2);
      await (await import('./export-action.ts')).exportFiles(files, options);
    });
}

function verifyCommand(): Command {
  return new Command('verify')
    .summary('whether local files are as they were published')
    .description('Checks the files that a manifest says were written: there, regular, inside the root, of the size and SHA-256 that it says. What went elsewhere is not checked. It proves integrity, not origin.')
    .addArgument(new Argument('<folder>', 'a folder with a manifest.json, or the manifest'))
    .addOption(new Option('--root <folder>', 'what no file may be outside of (default: the folder; of a manifest in .spoor/exports, the folder of .spoor)'))
    .addOption(jsonOption())
    .addHelpText('after', '\nExit codes: 0 all that could be checked is as it was, 1 it is not, 2 there is no manifest to check.')
    .action(async (folder: string, options: VerifyOptions) => (await import('./export-verify-action.ts')).verifyExport(folder, options));
}

function summaryCommand(): Command {
  return new Command('summary')
    .summary('one summary of several manifests, such as those of the shards of a job')
    .description("Makes one Markdown summary of manifests and adds it to the CI's step summary, under its limit; without one, prints it.")
    .addArgument(new Argument('<manifests...>', 'manifests, or folders with a manifest.json'))
    .addOption(new Option('--to <file>', 'the file that it is added to (default: GITHUB_STEP_SUMMARY, else it is printed)'))
    .action(async (manifests: string[], options: SummaryOptions) => (await import('./export-summary-action.ts')).summarize(manifests, options));
}

function appendCommand(): Command {
  return new Command('append')
    .summary("add a script's own result to a manifest")
    .usage('--artifact <name> --writer <id> --status <status> [options]')
    .description('Adds what came of an artifact at a writer of your own to the manifest of a publish, also while it runs and with others at the same time.')
    .addOption(new Option('--artifact <name>', "the artifact's name").makeOptionMandatory())
    .addOption(new Option('--writer <id>', 'what wrote, in one word').makeOptionMandatory().argParser(word))
    .addOption(new Option('--status <status>', 'what came of it').choices(['written', 'failed', 'skipped', 'handed_over']).makeOptionMandatory())
    .addOption(new Option('--run <folder>', "the manifest's folder, or the manifest (default: SPOOR_EXPORT_RUN, which commands are given)"))
    .addOption(new Option('--file <path>', 'the local file that was written: its size and SHA-256 are recorded'))
    .addOption(new Option('--skipped-reason <reason>', 'with --status skipped, such as command_not_found').argParser(word))
    .addOption(new Option('--error-code <code>', 'with --status failed, in one word').argParser(word))
    .addOption(new Option('--exit-code <n>', 'of the command').argParser(whole))
    .addOption(new Option('--error <text>', 'what happened'))
    .addOption(new Option('--url <url>', 'where it is'))
    .addOption(new Option('--remote-id <id>', 'its id there'))
    .action(async (options: AppendOptions) => (await import('./export-append-action.ts')).appendResult(options));
}
