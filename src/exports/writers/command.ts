/** Gives each artifact to a program: `aws s3 cp {path} s3://bucket/{name}`. */
import type { ReadyArtifact } from '../artifact.ts';
import { fault } from '../faults.ts';
import { runCommand } from '../run-command.ts';
import type { WriteContext, Writer } from '../writer.ts';
import type { CommandSpec } from './command-table.ts';

export interface CommandOptions {
  /** Program and arguments; no shell. `{path}`, `{name}` … in them stand for the artifact's; `{{name}}` for the text `{name}`. */
  readonly argv: CommandSpec;
  /** Default: the program's name. */
  readonly name?: string;
  /** Default: the process's. */
  readonly cwd?: string;
  /** Milliseconds. Default: the publish's. */
  readonly timeout?: number;
}

type Variable = (artifact: ReadyArtifact, context: WriteContext) => string | Promise<string>;

/** What may stand in braces. */
const VARIABLES: Readonly<Record<string, Variable>> = {
  path: (artifact) => artifact.path(),
  name: ({ name }) => name,
  basename: ({ name }) => name.slice(name.lastIndexOf('/') + 1),
  type: ({ type }) => type,
  mediaType: ({ mediaType }) => mediaType,
  size: ({ size }) => String(size),
  sha256: (artifact, { signal }) => artifact.digest(signal),
  runId: (_, { runId }) => runId,
  correlationId: (_, { correlationId }) => correlationId ?? '',
};

const TEMPLATE = /\{\{(\w+)\}\}|\{([A-Za-z]\w*)\}/g;

/** @throws Error when it names a variable that is not there */
export function command({ argv, name = argv[0], cwd = process.cwd(), timeout }: CommandOptions): Writer {
  for (const argument of argv) {
    for (const [, , variable] of argument.matchAll(TEMPLATE)) {
      if (variable !== undefined && !Object.hasOwn(VARIABLES, variable)) throw new Error(`command ${name}: {${variable}} is no variable; there are ${Object.keys(VARIABLES).map((one) => `{${one}}`).join(', ')}`);
    }
  }
  return {
    id: 'command',
    target: `command:${name}`,
    ...(timeout !== undefined && { timeout }),
    async write(artifact, context) {
      const filled = (await Promise.all(argv.map((argument) => fill(argument, artifact, context)))) as [string, ...string[]];
      return runCommand(filled, { cwd, env: context.environment(), signal: context.signal });
    },
  };
}

async function fill(argument: string, artifact: ReadyArtifact, context: WriteContext): Promise<string> {
  const values = new Map<string, string>();
  for (const [, , variable] of argument.matchAll(TEMPLATE)) {
    if (variable !== undefined && !values.has(variable)) values.set(variable, await VARIABLES[variable]!(artifact, context));
  }
  const filled = argument.replace(TEMPLATE, (_, literal: string | undefined, variable: string) => (literal === undefined ? values.get(variable)! : `{${literal}}`));
  if (filled.startsWith('-') && !argument.startsWith('-')) throw fault('unsafe_argument', `${artifact.name} would be taken for an option; put something before it, such as ./{name}`);
  return filled;
}
