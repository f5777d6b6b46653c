/** What the arguments of Node's functions mean, as far as tracing needs it. Nothing is validated or changed here. */
import { scrubArguments, scrubCommand } from '../scrub.ts';
import { commandName, executableName } from './executable.ts';

/** Options of any of the functions, the app's own object or the one Node made of it. */
export interface SpawnOptions {
  readonly [name: string]: unknown;
  readonly env?: unknown;
  readonly shell?: unknown;
  readonly detached?: unknown;
  readonly timeout?: unknown;
  readonly maxBuffer?: unknown;
}

export interface Command {
  readonly executable: string;
  readonly shell: boolean;
  /** Unknown for a command line: only a shell can count. */
  readonly argumentCount: number | undefined;
  /** Scrubbed; made only when asked for. */
  readonly scrubbed: () => string[];
}

export function command(file: string, args: readonly unknown[], shell: unknown): Command {
  if (!shell) {
    return {
      executable: executableName(file),
      shell: false,
      argumentCount: args.length,
      scrubbed: () => scrubArguments(args.map(String)),
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
export function normalizedCommand(options: SpawnOptions): Command {
  const args = Array.isArray(options.args) ? (options.args as unknown[]) : [];
  const file = String(options.file);
  if (!options.shell) return command(file, args.slice(1), false);
  // A shell's last argument is the command line; cmd.exe gets it in quotes.
  const line = String(args.at(-1) ?? '');
  return command(process.platform === 'win32' ? line.replace(/^"(.*)"$/s, '$1') : line, [], options.shell === true ? file : options.shell);
}

export interface SyncCall {
  readonly command: Command;
  readonly env: unknown;
  /** The arguments with another environment; the app's objects are not touched. */
  readonly withEnvironment: (env: NodeJS.ProcessEnv) => unknown[];
}

/** Undefined for arguments that Node is going to refuse. */
export function syncCall(name: string, args: unknown[]): SyncCall | undefined {
  const [file, second] = args;
  if (typeof file !== 'string' || file === '') return undefined;
  const index = name === 'execSync' || (typeof second === 'object' && second !== null && !Array.isArray(second)) ? 1 : 2;
  const given = args[index] ?? {};
  // A string of options does nothing in execSync, and is an error in the others.
  if (typeof given !== 'object' && name !== 'execSync') return undefined;
  // Node takes a copy: nothing that is inherited.
  const options = Object(given) as object;
  const own = (option: keyof SpawnOptions): unknown => (Object.prototype.propertyIsEnumerable.call(options, option) ? (options as SpawnOptions)[option] : undefined);
  const shell = own('shell');
  const list = index === 2 && Array.isArray(second) ? (second as unknown[]) : [];
  return {
    command: command(file, list, name === 'execSync' ? (shell ?? true) : shell),
    env: own('env'),
    withEnvironment(env) {
      const copy = [...args];
      copy[index] = args[index] == null ? { env } : copyWith(options, 'env', env);
      return copy;
    },
  };
}

/** A copy of an object with one property another: prototype, getters and hidden properties stay as they are. */
export function copyWith(object: object, name: string, value: unknown): object {
  const descriptors = { ...Object.getOwnPropertyDescriptors(object), [name]: { value, enumerable: true, configurable: true, writable: true } };
  return Object.create(Object.getPrototypeOf(object) as object | null, descriptors) as object;
}

/** The options among the arguments of `exec`, `execFile` or `fork`. */
export function findOptions(args: readonly unknown[]): SpawnOptions {
  return (args.slice(1, 3).find((one) => typeof one === 'object' && one !== null && !Array.isArray(one)) ?? {}) as SpawnOptions;
}
