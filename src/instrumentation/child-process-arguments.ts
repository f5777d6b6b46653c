/** What the arguments of Node's functions mean, as far as tracing needs it. Nothing is validated or changed here. */
import { isPlain, optionsWith } from './app-objects.ts';
import { Pairs, inheritable } from './child-environment.ts';
import { type SearchPath, commandName, executableName } from './executable.ts';
import type { Child } from './preload-reader.ts';
import { scrubArguments, scrubCommand } from './scrub-arguments.ts';

/** Options of any of the functions, the app's own object or the one Node made of it. */
export interface SpawnOptions {
  readonly [name: string]: unknown;
  readonly env?: unknown;
  readonly shell?: unknown;
  readonly detached?: unknown;
  readonly timeout?: unknown;
  readonly maxBuffer?: unknown;
  readonly envPairs?: unknown;
  readonly uid?: unknown;
  readonly gid?: unknown;
}

export interface Command {
  readonly executable: string;
  readonly shell: boolean;
  /** Unknown for a command line: only a shell can count. */
  readonly argumentCount: number | undefined;
  /** Scrubbed; made only when asked for. */
  readonly scrubbed: () => string[];
}

function command(file: string, args: readonly unknown[], shell: unknown, env?: SearchPath): Command {
  if (!shell) {
    return {
      executable: executableName(file, env),
      shell: false,
      argumentCount: args.length,
      scrubbed: () => scrubArguments(args.map(String), file),
    };
  }
  const line = [file, ...args].map(String).join(' ');
  return {
    executable: commandName(line, typeof shell === 'string' ? shell : process.platform === 'win32' ? 'cmd.exe' : 'sh'),
    shell: true,
    argumentCount: undefined,
    scrubbed: () => scrubCommand(line),
  };
}

/** The same of the options that Node hands to `ChildProcess.prototype.spawn`: `args` begins with argv[0]. */
function normalizedCommand(options: SpawnOptions, pairs: Pairs): Command {
  const args = Array.isArray(options.args) ? (options.args as unknown[]) : [];
  const file = String(options.file);
  if (!options.shell) return command(file, args.slice(1), false, pairs);
  // A shell's last argument is the command line; cmd.exe gets it in quotes.
  const line = String(args.at(-1) ?? '');
  return command(process.platform === 'win32' ? line.replace(/^"(.*)"$/s, '$1') : line, [], options.shell === true ? file : options.shell);
}

/** What a child is started with by `ChildProcess.prototype.spawn`. */
export interface SpawnCall extends Child {
  readonly command: Command;
  readonly pairs: Pairs;
  readonly detached: boolean;
  /** Milliseconds; 0 for none. */
  readonly timeout: number;
}

/** Undefined for what Node refuses, or does not look at: the options are Node's own, but for those who call the prototype. */
export function spawnCall(options: SpawnOptions | null | undefined): SpawnCall | undefined {
  if (typeof options !== 'object' || options === null || typeof options.file !== 'string') return undefined;
  const { uid, gid, args, detached, timeout, envPairs = Object.entries(process.env).map(([name, value]) => `${name}=${value}`) } = options;
  if (!Array.isArray(envPairs)) return undefined;
  const pairs = new Pairs(envPairs as string[]);
  return { command: normalizedCommand(options, pairs), pairs, uid, gid, args, detached: Boolean(detached), timeout: typeof timeout === 'number' ? timeout : 0 };
}

export interface SyncCall extends Child {
  readonly command: Command;
  readonly env: NodeJS.ProcessEnv;
  readonly nodeOptions: string | undefined;
  /** The arguments with another environment; the app's objects are not touched. */
  readonly withEnvironment: (env: NodeJS.ProcessEnv) => unknown[];
}

/** Undefined for arguments that Node is going to refuse. */
export function syncCall(name: string, args: unknown[]): SyncCall | undefined {
  const [file, second] = args;
  if (typeof file !== 'string' || file === '') return undefined;
  const index = name === 'execSync' || (typeof second === 'object' && second !== null && !Array.isArray(second)) ? 1 : 2;
  if (args[index] === null && name === 'spawnSync') return undefined;
  const object = args[index] ?? {};
  // A string or a list of options does nothing in execSync, and is an error in the others.
  if ((typeof object !== 'object' || Array.isArray(object)) && name !== 'execSync') return undefined;
  const plain = isPlain(object);
  // Read once: Node reads the copy. As Node does, nothing that is inherited.
  const options = (plain ? { ...object } : Object(object)) as SpawnOptions;
  const own = (option: string): unknown => (Object.prototype.propertyIsEnumerable.call(options, option) ? options[option] : undefined);
  const values = { env: own('env'), shell: own('shell'), uid: own('uid'), gid: own('gid') };
  const { shell } = values;
  const list = index === 2 && Array.isArray(second) ? (second as unknown[]) : [];
  const env = inheritable((values.env || process.env) as NodeJS.ProcessEnv);
  const { NODE_OPTIONS: nodeOptions } = env;
  return {
    command: command(file, list, name === 'execSync' ? (shell ?? true) : shell, env),
    ...values,
    env,
    // As Node makes a text of it, which throws for a symbol.
    nodeOptions: nodeOptions === undefined ? undefined : `${nodeOptions}`,
    args: [file, ...list],
    withEnvironment(changed) {
      const copy = [...args];
      copy[index] = plain ? Object.assign(options, { env: changed }) : optionsWith(options, { ...values, env: changed });
      return copy;
    },
  };
}

/** Of the options among the arguments of `exec`, `execFile` or `fork`. */
export function limitsOf(args: readonly unknown[]): Pick<SpawnOptions, 'timeout' | 'maxBuffer'> {
  const { timeout, maxBuffer } = (args.slice(1, 3).find((one) => typeof one === 'object' && one !== null && !Array.isArray(one)) ?? {}) as SpawnOptions;
  return { timeout, maxBuffer };
}
