/** `spoor ship`: its options and its help. */
import { Command, Option } from 'commander';
import { directoryOption } from './options.ts';

export interface ShipOptions {
  readonly watch?: true;
  readonly quiet?: true;
  readonly dir?: string;
}

export function shipCommand(): Command {
  return new Command('ship')
    .summary('send what is recorded to the OTLP endpoint')
    .description(
      'Sends the spans and numbers of a directory to the backend that OTEL_EXPORTER_OTLP_ENDPOINT names (the other ' +
        'OTEL_EXPORTER_OTLP_* variables hold too). A traced program does this by itself while it runs; this sends what ' +
        'was left, for instance when the backend was down, or when programs record without an endpoint. One process at ' +
        'a time sends from a directory: while another one does, this waits for it.',
    )
    .addOption(new Option('-w, --watch', 'go on sending what is recorded, until SIGINT or SIGTERM'))
    .addOption(new Option('-q, --quiet', 'say nothing but errors'))
    .addOption(directoryOption())
    .addHelpText(
      'after',
      `
Examples:
  $ OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 spoor ship
  $ spoor ship --watch --dir /var/lib/app/.spoor

Exit codes: 0 everything is sent, 1 something is left (it says what, and why), 2 it was called wrongly.`,
    )
    .action(async (options: ShipOptions) => {
      const { ship } = await import('./ship-action.ts');
      await ship(options);
    });
}
