/** `spoor init`: its options and its help. */
import { Argument, Command, Option } from 'commander';

/** How large it is to be: what is written differs. */
export type Scale = 'laptop' | 'host' | 'fleet';

export interface InitOptions {
  readonly to?: string;
  readonly force?: true;
  readonly dryRun?: true;
}

export function initCommand(): Command {
  return new Command('init')
    .summary('write the configuration of collector, Jaeger, Prometheus, Alertmanager and Grafana')
    .description(
      'Writes configuration that works together into this project: collector, Jaeger, Prometheus with alerts and their ' +
        'tests, Alertmanager, Grafana with dashboards. Files that are there and differ are never overwritten without ' +
        '--force or an answer. On a terminal it asks for what is not given.',
    )
    .addArgument(new Argument('[scale]', 'laptop: all on one machine, by docker compose; host: a collector beside the apps of a server; fleet: gateways, Kubernetes').choices(['laptop', 'host', 'fleet']))
    .addOption(new Option('--to <folder>', 'where to write (default: collector-config)'))
    .addOption(new Option('--force', 'overwrite files that differ'))
    .addOption(new Option('--dry-run', 'say what would be written, and write nothing'))
    .addHelpText(
      'after',
      `
Examples:
  $ spoor init                       asks
  $ spoor init laptop                then: docker compose -f collector-config/compose.yaml up -d
  $ spoor init fleet --to deploy/telemetry --dry-run

Exit codes: 0 written, or nothing to do; 1 files differ or cannot be written; 2 it was called wrongly.`,
    )
    .action(async (scale: Scale | undefined, options: InitOptions) => (await import('./init-action.ts')).init(scale, options));
}
