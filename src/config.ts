/**
 * All configuration: the standard `OTEL_*` variables, then `SPOOR_*`, then `spoor.config.json`, then the
 * default, read once into one frozen object. A bad value never stops the app: it is named in one message
 * and the default holds.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { SETTINGS, STANDARD, type Values, isSent } from './config-schema.ts';
import { type LogLevel, log } from './log.ts';
import { workingDirectory } from './runtime.ts';
import { type Parsed, type Setting, written } from './setting.ts';
import { isMainThread } from './thread.ts';

/** Values given in code; they win over everything. What is undefined is not given. */
export type Overrides = { readonly [K in keyof Values]?: Values[K] | undefined };

/** The configuration of this process. `directory` is absolute. */
export type Config = Readonly<Omit<Values, 'directory'> & { directory: string }>;

export interface Loaded {
  readonly config: Config;
  /** What was wrong, one sentence each. */
  readonly problems: readonly string[];
}

function readFile(path: string, required: boolean, problems: string[]): Record<string, unknown> {
  let content: string;
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there === undefined && !required) return {};
    // A pipe that nobody writes to would stop the app; one that the variable names is of a shell's `<(…)`.
    if (there?.isFIFO() && !required) throw Object.assign(new Error(), { code: 'a pipe' });
    content = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    problems.push(`${required ? 'SPOOR_CONFIG: ' : ''}${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return {};
  }
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
    problems.push(`${path}: not a JSON object; it is ignored`);
  } catch (error) {
    problems.push(`${path}: not JSON (${(error as Error).message}); it is ignored`);
  }
  return {};
}

/** Where this copy of the package was loaded: an app may go elsewhere before the configuration is asked for. */
const loadedIn = workingDirectory();

/** Reads the configuration, and says nothing. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, cwd = loadedIn ?? process.cwd(), overrides: Overrides = {}): Loaded {
  const problems: string[] = [];
  const given = env.SPOOR_CONFIG?.trim();
  const path = resolve(cwd, given || 'spoor.config.json');
  const file = readFile(path, Boolean(given), problems);
  const known = new Set(['$schema', ...Object.values(SETTINGS).map((setting: Setting<unknown>) => setting.key)]);
  for (const key of Object.keys(file)) if (!known.has(key)) problems.push(`${path}: unknown key "${key}"`);

  const values: Record<string, unknown> = {};
  const read = (setting: Setting<unknown>, source: string, raw: unknown): unknown => {
    const isText = typeof raw === 'string' || setting.schema.type !== 'string' || 'pattern' in setting.schema;
    const parsed: Parsed<unknown> = typeof raw === 'object' ? { expected: 'a plain value' } : isText ? setting.parse(String(raw)) : { expected: 'a text' };
    if ('value' in parsed) return parsed.value;
    const otherwise = setting.otherwise ?? (setting.default === undefined ? 'it is ignored' : `using ${written(setting)}`);
    problems.push(`${source}: ${setting.isSecret ? 'what is set' : JSON.stringify(raw)} is not ${parsed.expected}; ${otherwise}`);
    return setting.default;
  };
  for (const [name, setting] of Object.entries(SETTINGS) as [keyof Values, Setting<unknown>][]) {
    const inCode = overrides[name] ?? undefined;
    const fromEnv = env[setting.variable]?.trim();
    const fromFile = setting.key === undefined ? undefined : file[setting.key];
    if (inCode && typeof inCode === 'string') values[name] = read(setting, `start(): ${name}`, inCode);
    else if (inCode !== undefined) values[name] = inCode;
    else if (fromEnv) values[name] = read(setting, setting.variable, fromEnv);
    else values[name] = fromFile === undefined ? setting.default : read(setting, `${path}: ${setting.key}`, fromFile);
  }
  for (const setting of STANDARD) {
    const given = setting.matters(values as Values) ? env[setting.variable]?.trim() : undefined;
    if (given) read(setting, setting.variable, given);
  }

  const directory = values.directory as string | undefined;
  const fromFile = directory !== undefined && !env.SPOOR_DIR && overrides.directory === undefined;
  values.directory = directory === undefined ? resolve(cwd, '.spoor') : isAbsolute(directory) ? directory : resolve(fromFile ? dirname(path) : cwd, directory);
  return { config: Object.freeze(values) as Config, problems };
}

/** What is wrong where nothing that is recorded goes anywhere. */
export function nothingKept(config: Pick<Config, 'files' | 'endpoint' | 'tracesEndpoint' | 'metricsEndpoint'>): string | undefined {
  if (config.files || isSent(config)) return undefined;
  return 'SPOOR_FILES is off and there is no OTEL_EXPORTER_OTLP_ENDPOINT to send to: nothing is kept; set one of them';
}

/** Says what is wrong, in one message. */
export function sayProblems(problems: readonly string[], level: LogLevel = 'error'): void {
  if (problems.length > 0) log(level, 'config', 'bad_value', `configuration: ${problems.join('; ')}`, { problems });
}

/** The same of a process that records: once in a tree of processes, where it begins. The others have the same variables. */
export function sayProblemsOnce(problems: readonly string[]): void {
  sayProblems(problems, isMainThread && !process.env.SPOOR_DEPTH ? 'error' : 'info');
}

let own: Config | undefined;

/** The configuration where there is no runtime of ours (an app with its own SDK, say), whose own the variables of `OTEL_*` are then. */
export function ownConfig(): Config {
  if (own === undefined) {
    const { config, problems } = loadConfig();
    own = config;
    sayProblemsOnce(problems.filter((problem) => !problem.startsWith('OTEL_')));
  }
  return own;
}
