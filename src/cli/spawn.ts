/** `spoor spawn` and its subcommands: their options and help. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { SpawnOptions } from '../spawns/spawn-attributes.ts';
import { directoryOption, jsonOption } from './options.ts';

export interface SpawnStartOptions extends SpawnOptions {
  readonly json?: true;
  readonly dir?: string;
}

export interface SpawnEndOptions {
  readonly outcome: 'completed' | 'failed' | 'blocked';
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tool: Readonly<Record<string, number>>;
  readonly errorType?: string;
  readonly json?: true;
  readonly dir?: string;
}

export interface SpawnListOptions {
  readonly json?: true;
  readonly dir?: string;
}

/** `spoor spawn start|end|list`: agents that a shell script starts. */
export function spawnCommand(): Command {
  return new Command('spawn')
    .summary('record an agent that a shell script starts')
    .description('Records agents that are started from a shell: `start` prints an id, `end` takes it. The span has the true start and end.')
    .addCommand(startCommand())
    .addCommand(endCommand())
    .addCommand(listCommand())
    .addHelpText(
      'after',
      `
Examples:
  $ id=$(spoor spawn start --role builder --model m --task "fix the parser" --source task-based)
  $ spoor spawn end $id --outcome completed --input-tokens 900 --output-tokens 120 --tool read=3 --tool bash=1
  $ spoor spawn list             those that have not ended

Within TRACEPARENT (as under \`spoor run\`) the span continues that trace.`,
    );
}

function startCommand(): Command {
  return new Command('start')
    .summary('begin; prints the id')
    .usage('--role <role> --model <model> [options]')
    .addOption(new Option('--role <role>', 'what the agent is for, such as builder').makeOptionMandatory().argParser(filled))
    .addOption(new Option('--model <model>', 'the model that was chosen').makeOptionMandatory().argParser(filled))
    .addOption(new Option('--task <text>', 'what it is to do; recorded, cut at 1,024 characters'))
    .addOption(new Option('--source <source>', 'by what rule the model was chosen (default: caste-default)'))
    .addOption(new Option('--agent-name <name>', "the agent's name (default: the role)"))
    .addOption(new Option('--agent-id <id>', "the agent's id"))
    .addOption(new Option('--parent <id>', 'the spawn that started this one'))
    .addOption(new Option('--provider <name>', "the model's provider"))
    .addOption(jsonOption())
    .addOption(directoryOption())
    .action(async (options: SpawnStartOptions) => (await import('./spawn-action.ts')).startSpawn(options));
}

function endCommand(): Command {
  return new Command('end')
    .summary('say what came of one')
    .usage('<id> --outcome <outcome> [options]')
    .addArgument(new Argument('<id>', 'what `spoor spawn start` printed'))
    .addOption(new Option('--outcome <outcome>', 'what came of it').choices(['completed', 'failed', 'blocked']).makeOptionMandatory())
    .addOption(new Option('--input-tokens <n>', 'tokens read').argParser(whole).default(0))
    .addOption(new Option('--output-tokens <n>', 'tokens written').argParser(whole).default(0))
    .addOption(new Option('--tool <name=n>', 'uses of a tool; may be given several times').argParser(tool).default({}, 'none'))
    .addOption(new Option('--error-type <type>', 'with --outcome failed: a short, stable word (default: failed)').argParser(errorWord))
    .addOption(jsonOption())
    .addOption(directoryOption())
    .action(async (id: string, options: SpawnEndOptions) => (await import('./spawn-action.ts')).endSpawn(id, options));
}

function listCommand(): Command {
  return new Command('list')
    .summary('those that have not ended')
    .addOption(jsonOption())
    .addOption(directoryOption())
    .action(async (options: SpawnListOptions) => (await import('./spawn-list-action.ts')).listSpawns(options));
}

function filled(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

function errorWord(text: string): string {
  if (!/^[\w.:/-]{1,64}$/.test(text)) throw new InvalidArgumentError('It must be one word of at most 64 letters, digits and .:/_-');
  return text;
}

function whole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function tool(text: string, before: Readonly<Record<string, number>>): Record<string, number> {
  const match = /^([\w.:-]{1,64})=([1-9]\d{0,14})$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be a name and a number, such as read=3.');
  const name = match[1]!;
  const sofar = Object.hasOwn(before, name) ? before[name]! : 0;
  return Object.fromEntries([...Object.entries(before), [name, sofar + Number(match[2])]]);
}
