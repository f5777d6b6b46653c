import type { Command } from 'commander';

/**
 * Commander has no error for `help nosuch` and `nosuch --help`: it shows the whole help. These are the arguments without the
 * help, so that they end as `nosuch` does.
 */
export function withoutHelpForUnknown(argv: readonly string[], program: Command): readonly string[] {
  const [node, script, ...words] = argv;
  const path: string[] = [];
  let { commands } = program;
  for (const word of words.filter((one) => one !== 'help')) {
    if (commands.length === 0 || word.startsWith('-')) return argv;
    path.push(word);
    const found = commands.find((command) => command.name() === word);
    if (found === undefined) return [node!, script!, ...path];
    ({ commands } = found);
  }
  return argv;
}
