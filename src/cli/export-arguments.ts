/** `spoor export dist --to …` is `spoor export publish dist --to …`. */
const SUBCOMMANDS = new Set(['publish', 'verify', 'append', 'summary', 'help', '-h', '--help']);

/**
 * The arguments with `publish` put in where it was left out. Only the first word can be a subcommand, so a file
 * that is named like one comes after `--` or an option.
 */
export function withSubcommand(argv: readonly string[]): string[] {
  const [node, script, command, next] = argv;
  if (command !== 'export' || next === undefined || SUBCOMMANDS.has(next)) return [...argv];
  return [node!, script!, command, 'publish', ...argv.slice(3)];
}
