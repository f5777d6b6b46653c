/** The destinations that a chain can name: `github,buildkite,dir:out`. Each is loaded when it is used. */
import { resolve } from 'node:path';
import { type Reserved, sparing } from './reserved.ts';
import { filesystem } from './writers/filesystem.ts';
import type { Commands } from './writers/command-table.ts';
import type { Writer } from './writer.ts';

/** What making a writer may need to know. */
export interface DestinationSettings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly fsync: boolean;
  /** Milliseconds for one write, where the publish was given any: they go before what a destination would take. */
  readonly timeout: number | undefined;
  readonly commands: Commands;
  /** What artifacts cannot be, where a manifest is written. */
  readonly reserved: Reserved | undefined;
  /** The publish's name and id, for what a provider calls the upload. */
  readonly name: string;
  readonly runId: string;
}

export interface Destination {
  /** What comes after the colon, for help and messages; undefined: nothing does. */
  readonly argument?: string;
  readonly argumentRequired?: boolean;
  readonly description: string;
  /** @throws Error with a message for a person: every artifact is then `failed: bad_destination`, and the next in the chain starts. */
  make(argument: string | undefined, settings: DestinationSettings): Writer | Promise<Writer>;
}

export const DESTINATIONS: Readonly<Record<string, Destination>> = {
  dir: {
    argument: 'folder',
    argumentRequired: true,
    description: 'a folder; each file is written whole or not at all',
    make: (folder, { cwd, fsync, reserved }) => sparing(filesystem({ directory: folder!, cwd, fsync }), resolve(cwd, folder!), reserved),
  },
  command: {
    argument: 'name',
    argumentRequired: true,
    description: 'a command of --command, --commands or SPOOR_EXPORT_COMMANDS',
    make: async (name, { cwd, commands }) => (await import('./writers/command.ts')).command({ argv: commands.get(name!), name: name!, cwd }),
  },
  // providers
  github: {
    argument: 'name',
    description: "GitHub Actions artifact, by spoor's own action; the name is that of the zip when there are several files",
    make: async (name, settings) => {
      const { githubWriter } = await import('./providers/github.ts');
      return githubWriter({ env: settings.env, name: name ?? settings.name, timeout: settings.timeout });
    },
  },
  buildkite: {
    description: 'Buildkite artifacts, by `buildkite-agent artifact upload`',
    make: async (_, { timeout }) => (await import('./providers/buildkite.ts')).buildkiteWriter({ timeout }),
  },
  azure: {
    argument: 'name',
    description: "Azure Pipelines artifact: handed over to the job's agent",
    make: async (name, settings) => (await import('./providers/azure.ts')).azureWriter({ env: settings.env, name: name ?? settings.name }),
  },
  gitlab: {
    argument: 'folder',
    description: "GitLab artifacts: a folder that the job declares (default: spoor-exports), handed over to its runner",
    make: async (directory, { env, fsync, reserved }) => (await import('./providers/gitlab.ts')).gitlabWriter({ env, directory, fsync, reserved }),
  },
  influxdb: {
    description: 'numbers (artifacts in line protocol, *.lp) to SPOOR_INFLUXDB_URL',
    make: async (_, { env, timeout }) => (await import('./providers/influxdb.ts')).influxdbWriter({ env, timeout }),
  },
  webhook: {
    description: 'posts the manifest to SPOOR_WEBHOOK_URL, signed with SPOOR_WEBHOOK_SECRET',
    make: async (_, { env }) => {
      const { webhookWriter } = await import('./providers/webhook.ts');
      return webhookWriter({ url: env.SPOOR_WEBHOOK_URL, secret: env.SPOOR_WEBHOOK_SECRET });
    },
  },
};

/** One part of a chain: `dir:out` is the destination `dir` with the argument `out`. */
export interface Link {
  readonly name: string;
  readonly argument: string | undefined;
  readonly text: string;
}

/**
 * The parts of a chain. A comma within an argument is written `\,`.
 * @throws Error that names what is wrong with it
 */
export function parseChain(text: string): Link[] {
  const parts = text.split(/(?<!\\),/).map((part) => part.trim().replaceAll('\\,', ','));
  return parts.map((part) => {
    const colon = part.indexOf(':');
    const name = colon < 0 ? part : part.slice(0, colon);
    const argument = colon < 0 ? undefined : part.slice(colon + 1);
    if (!Object.hasOwn(DESTINATIONS, name)) throw new Error(`"${part}" in the chain "${text}" is no destination; there are ${Object.keys(DESTINATIONS).join(', ')}`);
    const destination = DESTINATIONS[name]!;
    if (destination.argument === undefined && argument !== undefined) throw new Error(`"${part}" in the chain "${text}": ${name} takes nothing after a colon`);
    if (destination.argumentRequired && !argument) throw new Error(`"${part}" in the chain "${text}": it must be ${name}:<${destination.argument}>`);
    return { name, argument: argument || undefined, text: part };
  });
}
