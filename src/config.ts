/**
 * All configuration: the standard `OTEL_*` variables, then `SPOOR_*`, then `spoor.config.json`, then the
 * default, read once into one frozen object. A bad value never stops the app: it is named in one message
 * and the default holds. The table below is also the source of the JSON schema and of the reference.
 */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { LOG_LEVELS } from './log.ts';
import { workingDirectory } from './runtime.ts';

type Parsed<T> = { value: T } | { expected: string };

/** One setting: where it comes from, what it may be, what it is when nobody says anything. */
export interface Setting<T> {
  /** Environment variable. */
  readonly variable: string;
  /** Key in `spoor.config.json`; none for what only makes sense per process. */
  readonly key?: string;
  readonly default: T;
  readonly description: string;
  /** JSON schema of the key's value. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly parse: (text: string) => Parsed<T>;
}

const DURATIONS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZES = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;

function quantity(units: Readonly<Record<string, number>>, bare: number, expected: string) {
  return (text: string): Parsed<number> => {
    const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text);
    const unit = match?.[2] === '' ? bare : Object.entries(units).find(([name]) => name.toLowerCase() === match?.[2]?.toLowerCase())?.[1];
    return match && unit !== undefined ? { value: Number(match[1]) * unit } : { expected };
  };
}

type Common = { variable: string; key?: string; description: string };

const text = (common: Common & { default?: string }): Setting<string | undefined> => ({
  default: undefined,
  ...common,
  schema: { type: 'string' },
  parse: (value) => ({ value }),
});
const flag = (common: Common & { default: boolean }): Setting<boolean> => ({
  ...common,
  schema: { type: 'boolean' },
  parse: (value) =>
    /^(true|1|on|yes)$/i.test(value) ? { value: true } : /^(false|0|off|no)$/i.test(value) ? { value: false } : { expected: 'true or false' },
});
const count = (common: Common & { default: number }, least: number, most: number): Setting<number> => ({
  ...common,
  schema: { type: 'integer', minimum: least, maximum: most },
  parse: (value) => {
    const number = Number(value);
    return Number.isInteger(number) && number >= least && number <= most ? { value: number } : { expected: `a whole number from ${least} to ${most}` };
  },
});
const duration = (common: Common & { default: number }): Setting<number> => ({
  ...common,
  schema: { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*(ms|s|m|h|d)?$' },
  parse: quantity(DURATIONS, 1, 'a time such as 500ms, 2s or 7d'),
});
const size = (common: Common & { default: number }): Setting<number> => ({
  ...common,
  schema: { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*([KMGT]?B)?$' },
  parse: quantity(SIZES, 1, 'a size such as 256MB or 1GB'),
});
const choice = <const T extends string>(common: Common & { default: NoInfer<T> }, values: readonly T[]): Setting<T> => ({
  ...common,
  schema: { enum: values },
  parse: (value) => {
    const found = values.find((one) => one === value.toLowerCase());
    return found === undefined ? { expected: values.join(', ') } : { value: found };
  },
});
/** Origins, separated by commas. */
const origins = (common: Common): Setting<string | undefined> => ({
  ...text(common),
  parse: (value) => (value.split(',').every((one) => /^https?:\/\/[^\s/?#@*]+(?::\*)?$/i.test(one.trim())) ? { value } : { expected: 'origins such as https://api.example.com, http://localhost:*' }),
});
const pattern = (common: Common): Setting<string | undefined> => ({
  ...text(common),
  schema: { type: 'string', format: 'regex' },
  parse: (value) => {
    try {
      new RegExp(value, 'u');
      return { value };
    } catch {
      return { expected: 'a regular expression' };
    }
  },
});

export const SETTINGS = {
  disabled: flag({ variable: 'OTEL_SDK_DISABLED', default: false, description: 'Turns everything off.' }),
  logLevel: choice({ variable: 'OTEL_LOG_LEVEL', default: 'warn', description: "Level of spoor's own log on stderr." }, LOG_LEVELS),
  tracesSampler: choice(
    { variable: 'OTEL_TRACES_SAMPLER', default: 'parentbased_always_on', description: 'Which traces are written. Numbers are exact whatever it is.' },
    ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'],
  ),
  endpoint: text({ variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', description: 'OTLP endpoint that spans and numbers are also sent to. The other OTEL_EXPORTER_OTLP_* variables hold too.' }),
  tracesEndpoint: text({ variable: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', description: 'The same for traces alone.' }),
  metricsEndpoint: text({ variable: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', description: 'The same for metrics alone.' }),
  directory: text({ variable: 'SPOOR_DIR', key: 'directory', description: 'Where everything is written. Default: `.spoor` in the working directory of the first process; descendants inherit it.' }),
  files: flag({ variable: 'SPOOR_FILES', key: 'files', default: true, description: 'Whether files are written. When off, an OTLP endpoint must be set.' }),
  log: choice({ variable: 'SPOOR_LOG', default: 'text', description: "Form of spoor's own log." }, ['text', 'json']),
  correlationId: text({ variable: 'SPOOR_CORRELATION_ID', description: 'Correlation id of this process and its descendants. Default: the trace id.' }),
  preload: flag({ variable: 'SPOOR_PRELOAD', key: 'preload', default: true, description: 'Whether Node children and workers get `spoor/register` preloaded.' }),
  instrumentations: choice(
    { variable: 'SPOOR_INSTRUMENTATIONS', key: 'instrumentations', default: 'own', description: '`own`: child processes, worker threads and browser drivers. `all`: also those of `@opentelemetry/auto-instrumentations-node`, when the app has it. `none`: only what the app makes by the API.' },
    ['own', 'all', 'none'],
  ),
  maxDepth: count({ variable: 'SPOOR_MAX_DEPTH', key: 'maxDepth', default: 16, description: 'How many generations of descendants get the preload.' }, 0, 1000),
  maxSeries: count({ variable: 'SPOOR_MAX_SERIES', key: 'maxSeries', default: 2000, description: 'Series kept of one metric; more are folded into `otel.metric.overflow`.' }, 1, 1_000_000),
  recordArguments: flag({ variable: 'SPOOR_RECORD_ARGUMENTS', key: 'recordArguments', default: false, description: 'Records the arguments of commands, scrubbed of what looks like a secret.' }),
  tracesMaxAge: duration({ variable: 'SPOOR_TRACES_MAX_AGE', key: 'tracesMaxAge', default: 7 * DURATIONS.d, description: 'Trace files older than this are dropped.' }),
  tracesMaxSize: size({ variable: 'SPOOR_TRACES_MAX_SIZE', key: 'tracesMaxSize', default: SIZES.GB, description: 'Total size of trace files; the oldest are dropped.' }),
  rollupsMaxAge: duration({ variable: 'SPOOR_ROLLUPS_MAX_AGE', key: 'rollupsMaxAge', default: 90 * DURATIONS.d, description: 'Rollup files older than this are dropped.' }),
  rollupsMaxSize: size({ variable: 'SPOOR_ROLLUPS_MAX_SIZE', key: 'rollupsMaxSize', default: 256 * SIZES.MB, description: 'Total size of rollup files; the oldest are dropped.' }),
  flushInterval: duration({ variable: 'SPOOR_FLUSH_INTERVAL', key: 'flushInterval', default: 100, description: 'Changed numbers are written when this time has passed since the last; a busy, long-lived process backs off to 1 s.' }),
  exitTimeout: duration({ variable: 'SPOOR_EXIT_TIMEOUT', key: 'exitTimeout', default: 2000, description: "The longest that the last send, the lease holder's or direct export's, may hold up the end of a process." }),
  ledgerFile: text({ variable: 'SPOOR_LEDGER_FILE', description: 'File of the spawn ledger, relative to the repository. Default: `.spoor/telemetry.json`.' }),
  // selector operations
  selectorSpans: choice(
    { variable: 'SPOOR_SELECTOR_SPANS', key: 'selectorSpans', default: 'actions', description: 'Which selector operations have a span; all have numbers. `actions`: actions, waits, assertions and whatever fails. `all`: cheap reads such as `count` too. `failures`: only what fails.' },
    ['actions', 'all', 'failures'],
  ),
  selectorRedact: pattern({ variable: 'SPOOR_SELECTOR_REDACT', key: 'selectorRedact', description: 'A regular expression: what it matches in selectors, their names, page addresses, titles of tests and error messages is replaced. Several rules: `one|two`.' }),
  hashSelectorNames: flag({ variable: 'SPOOR_HASH_SELECTOR_NAMES', key: 'hashSelectorNames', default: false, description: 'Records a hash in the place of the names of selectors.' }),
  recordSelectorText: flag({ variable: 'SPOOR_RECORD_SELECTOR_TEXT', key: 'recordSelectorText', default: false, description: 'Records the texts in selectors too, scrubbed of what looks like a secret. They may be texts of the page.' }),
  selectorPropagation: origins({ variable: 'SPOOR_SELECTOR_PROPAGATION', key: 'selectorPropagation', description: 'Origins, separated by commas, such as `https://api.example.com, http://localhost:*`: requests of pages to them carry the trace. The browser does not cache while this is on, and each of these requests is slower.' }),
  recordSelectorErrors: flag({ variable: 'SPOOR_RECORD_SELECTOR_ERRORS', key: 'recordSelectorErrors', default: false, description: 'Records messages and frames of the errors of selector operations, scrubbed, without quoted texts and call logs.' }),
  // exports
  exportMaxDuration: duration({ variable: 'SPOOR_EXPORT_MAX_TIME', key: 'exportMaxDuration', default: 0, description: 'Budget of a publish: the time it may take. 0: none.' }),
  exportMaxSize: size({ variable: 'SPOOR_EXPORT_MAX_SIZE', key: 'exportMaxSize', default: 0, description: 'Budget of a publish: the bytes of all its artifacts together. 0: none.' }),
  exportMaxFailures: count({ variable: 'SPOOR_EXPORT_MAX_FAILURES', key: 'exportMaxFailures', default: -1, description: 'Budget of a publish: the writes that may fail. -1: none.' }, -1, 1_000_000),
  exportsMaxAge: duration({ variable: 'SPOOR_EXPORTS_MAX_AGE', key: 'exportsMaxAge', default: 90 * DURATIONS.d, description: 'Manifests of publishes that are older than this are dropped, and the oldest over 10,000.' }),
  influxdbUrl: text({ variable: 'SPOOR_INFLUXDB_URL', description: 'Server that `influxdb` in a chain writes to, such as `http://127.0.0.1:8086`.' }),
  influxdbVersion: text({ variable: 'SPOOR_INFLUXDB_VERSION', description: '1, 2 or 3. Default: 2 with a bucket, else 1.' }),
  influxdbDatabase: text({ variable: 'SPOOR_INFLUXDB_DATABASE', description: 'Database, of 1.x and 3.x.' }),
  influxdbOrg: text({ variable: 'SPOOR_INFLUXDB_ORG', description: 'Organisation, of 2.x.' }),
  influxdbBucket: text({ variable: 'SPOOR_INFLUXDB_BUCKET', description: 'Bucket, of 2.x.' }),
  influxdbToken: text({ variable: 'SPOOR_INFLUXDB_TOKEN', description: 'Token, of 2.x and 3.x; of 1.x `user:password`.' }),
  webhookUrl: text({ variable: 'SPOOR_WEBHOOK_URL', description: 'Address of the webhook that `webhook` in a chain posts the manifest of a publish to.' }),
  webhookSecret: text({ variable: 'SPOOR_WEBHOOK_SECRET', description: 'Secret that it is signed with, `whsec_…` (standardwebhooks.com). Without one it is not signed.' }),
  // shipping
  shipInterval: duration({ variable: 'SPOOR_SHIP_INTERVAL', key: 'shipInterval', default: 1000, description: 'How often the lease holder looks for new lines to send. Numbers go every `OTEL_METRIC_EXPORT_INTERVAL` (10s when that is not set).' }),
  shipRequestSize: size({ variable: 'SPOOR_SHIP_REQUEST_SIZE', key: 'shipRequestSize', default: SIZES.MB, description: 'Lines sent in one request; a longer single line goes alone.' }),
  shipRate: size({ variable: 'SPOOR_SHIP_RATE', key: 'shipRate', default: 100 * SIZES.MB, description: 'The most that is sent in a second, so that a backlog does not flood a backend that has just come back.' }),
  shipMaxAge: duration({ variable: 'SPOOR_SHIP_MAX_AGE', key: 'shipMaxAge', default: 7 * DURATIONS.d, description: 'Spans that could not be sent for so long are not sent any more; they stay in the files as long as the files do.' }),
  shipMaxSize: size({ variable: 'SPOOR_SHIP_MAX_SIZE', key: 'shipMaxSize', default: SIZES.GB, description: 'Unsent spans that are kept for sending; of more, the oldest are not sent any more.' }),
  shipWait: duration({ variable: 'SPOOR_SHIP_WAIT', key: 'shipWait', default: 10_000, description: 'The longest that `spoor run` waits, after its command has ended, until everything is sent.' }),
  configFile: text({ variable: 'SPOOR_CONFIG', description: 'The configuration file. Default: `spoor.config.json` in the working directory, if there is one.' }),
} as const;

type Values = { -readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never };

/** Values given in code; they win over everything. */
export type Overrides = Partial<Values>;

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
    content = readFileSync(path, 'utf8');
  } catch (error) {
    if (required) problems.push(`SPOOR_CONFIG: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return {};
  }
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch {
    // Said below, in the same words as for a list or a number.
  }
  problems.push(`${path}: not a JSON object; it is ignored`);
  return {};
}

/** Where this copy of the package was loaded: an app may go elsewhere before the configuration is asked for. */
const loadedIn = workingDirectory();

/** Reads the configuration. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, cwd = loadedIn ?? process.cwd(), overrides: Overrides = {}): Loaded {
  const problems: string[] = [];
  const given = env.SPOOR_CONFIG?.trim();
  const path = resolve(cwd, given || 'spoor.config.json');
  const file = readFile(path, Boolean(given), problems);
  const known = new Set(['$schema', ...Object.values(SETTINGS).map((setting: Setting<unknown>) => setting.key)]);
  for (const key of Object.keys(file)) if (!known.has(key)) problems.push(`${path}: unknown key "${key}"`);

  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [string, Setting<unknown>][]) {
    const fromEnv = env[setting.variable]?.trim();
    const fromFile = setting.key === undefined ? undefined : file[setting.key];
    const source = fromEnv ? setting.variable : fromFile !== undefined ? `${path}: ${setting.key}` : undefined;
    values[name] = setting.default;
    if (source === undefined) continue;
    const raw = fromEnv || fromFile;
    const parsed: Parsed<unknown> = typeof raw === 'object' ? { expected: 'a plain value' } : setting.parse(String(raw));
    if ('value' in parsed) values[name] = parsed.value;
    else problems.push(`${source}: ${JSON.stringify(raw)} is not ${parsed.expected}; using ${JSON.stringify(setting.default)}`);
  }
  Object.assign(values, overrides);

  const directory = values.directory as string | undefined;
  const fromFile = directory !== undefined && !env.SPOOR_DIR && overrides.directory === undefined;
  values.directory = directory === undefined ? resolve(cwd, '.spoor') : isAbsolute(directory) ? directory : resolve(fromFile ? dirname(path) : cwd, directory);
  return { config: Object.freeze(values) as Config, problems };
}

let own: Config | undefined;

/** The configuration where there is no runtime of ours (an app with its own SDK, say). */
export function ownConfig(): Config {
  return (own ??= loadConfig().config);
}
