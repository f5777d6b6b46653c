/**
 * Every setting: its variable, its key in `spoor.config.json`, its kind, default and description. The JSON schema and
 * the reference are made of these tables; `config.ts` reads the values.
 */
import { LOG_LEVELS } from './log.ts';
import { DURATIONS, LONGEST_TIMER, SIZES, type Setting, address, choice, count, duration, exactly, flag, number, origins, pairs, pattern, size, standardFlag, text, wait } from './setting.ts';

export const SETTINGS = {
  disabled: standardFlag({ variable: 'OTEL_SDK_DISABLED', default: false, description: 'Turns everything off, when it is `true`.' }),
  logLevel: choice({ variable: 'OTEL_LOG_LEVEL', default: 'warn', description: "Level of spoor's own log on stderr." }, LOG_LEVELS),
  tracesSampler: exactly(
    { variable: 'OTEL_TRACES_SAMPLER', default: 'parentbased_always_on', description: 'Which traces are written. Numbers are exact whatever it is.' },
    ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'],
  ),
  endpoint: address({ variable: 'OTEL_EXPORTER_OTLP_ENDPOINT', description: 'OTLP endpoint that spans and numbers are also sent to. The other OTEL_EXPORTER_OTLP_* variables hold too.' }),
  tracesEndpoint: address({ variable: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', description: 'The same for traces alone.' }),
  metricsEndpoint: address({ variable: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', description: 'The same for metrics alone.' }),
  metricInterval: count({ variable: 'OTEL_METRIC_EXPORT_INTERVAL', default: undefined, description: 'Milliseconds between two sends of the numbers. Default: 10 s; of direct export, where there are no files, 60 s.' }, 1, LONGEST_TIMER),
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
  flushInterval: wait({ variable: 'SPOOR_FLUSH_INTERVAL', key: 'flushInterval', default: 100, description: 'Changed numbers are written when this time has passed since the last; a busy, long-lived process backs off to 1 s.' }),
  exitTimeout: wait({ variable: 'SPOOR_EXIT_TIMEOUT', key: 'exitTimeout', default: 2000, description: "The longest that the last send, the lease holder's or direct export's, may hold up the end of a process." }),
  ledgerFile: text({ variable: 'SPOOR_LEDGER_FILE', description: 'File of the spawn ledger, relative to the repository. Default: `.spoor/telemetry.json`.' }),
  // selector operations
  selectorSpans: choice(
    { variable: 'SPOOR_SELECTOR_SPANS', key: 'selectorSpans', default: 'actions', description: 'Which selector operations have a span; all have numbers. `actions`: actions, waits, assertions and whatever fails. `all`: cheap reads such as `count` too. `failures`: only what fails.' },
    ['actions', 'all', 'failures'],
  ),
  selectorRedact: pattern({ variable: 'SPOOR_SELECTOR_REDACT', key: 'selectorRedact', description: 'A regular expression: what it matches in selectors, their names, what they found, page addresses, titles of tests and error messages is replaced. Several rules: `one|two`.' }),
  hashSelectorNames: flag({ variable: 'SPOOR_HASH_SELECTOR_NAMES', key: 'hashSelectorNames', default: false, description: 'Records a hash in the place of the names of selectors.' }),
  recordSelectorText: flag({ variable: 'SPOOR_RECORD_SELECTOR_TEXT', key: 'recordSelectorText', default: false, description: 'Records the texts in selectors too, scrubbed of what looks like a secret. They may be texts of the page.' }),
  selectorPropagation: origins({ variable: 'SPOOR_SELECTOR_PROPAGATION', key: 'selectorPropagation', description: 'Origins, separated by commas, such as `https://api.example.com, http://localhost:*`: requests of pages to them carry the trace; with Playwright also to where these redirect. The browser does not cache while this is on, and each of these requests is slower.' }),
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
  exportCommands: text({ variable: 'SPOOR_EXPORT_COMMANDS', description: 'Commands for `command:<name>` in a chain, such as `{"copy": ["cp", "{path}", "/srv/{name}"]}`: JSON, or the path of a JSON file.' }),
  webhookUrl: text({ variable: 'SPOOR_WEBHOOK_URL', description: 'Address of the webhook that `webhook` in a chain posts the manifest of a publish to.' }),
  webhookSecret: text({ variable: 'SPOOR_WEBHOOK_SECRET', description: 'Secret that it is signed with, `whsec_…` (standardwebhooks.com). Without one it is not signed.' }),
  // shipping
  shipInterval: wait({ variable: 'SPOOR_SHIP_INTERVAL', key: 'shipInterval', default: 1000, description: 'How often the lease holder looks for new lines to send. Numbers go every `OTEL_METRIC_EXPORT_INTERVAL` (10s when that is not set).' }),
  shipRequestSize: size({ variable: 'SPOOR_SHIP_REQUEST_SIZE', key: 'shipRequestSize', default: SIZES.MB, description: 'Lines sent in one request; a longer single line goes alone.' }),
  shipRate: size({ variable: 'SPOOR_SHIP_RATE', key: 'shipRate', default: 100 * SIZES.MB, description: 'The most that is sent in a second, so that a backlog does not flood a backend that has just come back. 0: no bound.' }),
  shipMaxAge: duration({ variable: 'SPOOR_SHIP_MAX_AGE', key: 'shipMaxAge', default: 7 * DURATIONS.d, description: 'Spans that could not be sent for so long are not sent any more; they stay in the files as long as the files do.' }),
  shipMaxSize: size({ variable: 'SPOOR_SHIP_MAX_SIZE', key: 'shipMaxSize', default: SIZES.GB, description: 'Unsent spans that are kept for sending; of more, the oldest are not sent any more.' }),
  shipWait: duration({ variable: 'SPOOR_SHIP_WAIT', key: 'shipWait', default: 10_000, description: 'The longest that `spoor run` waits, after its command has ended, until everything is sent.' }),
  configFile: text({ variable: 'SPOOR_CONFIG', description: 'The configuration file. Default: `spoor.config.json` in the working directory, if there is one.' }),
} as const;

/** The values of {@link SETTINGS}, by their names there. */
export type Values = { -readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never };

/** Whether there is an endpoint. */
export const isSent = ({ endpoint, tracesEndpoint, metricsEndpoint }: Pick<Values, 'endpoint' | 'tracesEndpoint' | 'metricsEndpoint'>): boolean => Boolean(endpoint || tracesEndpoint || metricsEndpoint);

/** A standard variable that OpenTelemetry's own code reads, and which nobody would hear of when it is bad: it is only checked here. */
export interface Standard extends Setting<unknown> {
  /** Whether anything depends on it. */
  readonly matters: (values: Values) => boolean;
}

/** One variable, and one of each signal, which falls back on it. */
const ofSignals = (name: string, setting: (variable: string) => Setting<unknown>): Setting<unknown>[] => [
  setting(`OTEL_EXPORTER_OTLP_${name}`),
  ...['TRACES', 'METRICS'].map((signal) => ({ ...setting(`OTEL_EXPORTER_OTLP_${signal}_${name}`), default: undefined, description: `The same for ${signal.toLowerCase()} alone.` })),
];

export const STANDARD: readonly Standard[] = [
  {
    ...number({ variable: 'OTEL_TRACES_SAMPLER_ARG', default: 1, description: 'The part of the traces that `traceidratio` takes.' }, 'a number from 0 to 1', (value) => value >= 0 && value <= 1),
    matters: ({ tracesSampler }) => tracesSampler.endsWith('traceidratio'),
  },
  { ...pairs({ variable: 'OTEL_RESOURCE_ATTRIBUTES', description: 'Attributes of the resource, percent-encoded: `key=value,key2=value2`. One that is wrong, and none is taken.' }, /^[^=]+=[^=]{0,255}$/), matters: () => true },
  { ...text({ variable: 'OTEL_SERVICE_NAME', description: 'Name of the service; wins over `service.name` in the resource attributes. Default: `unknown_service:node`.' }), matters: () => false },
  {
    ...text({ variable: 'OTEL_PROPAGATORS', default: 'tracecontext,baggage', description: 'How the app passes its context on where it has no SDK of its own: `tracecontext,baggage`, or `none`. Children get theirs in any case.' }),
    parse: (value) => (/^(none|(tracecontext|baggage)(\s*,\s*(tracecontext|baggage))*)$/.test(value) ? { value } : { expected: 'tracecontext,baggage or none' }),
    matters: () => true,
  },
  ...['ATTRIBUTE_VALUE_LENGTH', 'ATTRIBUTE_COUNT', 'SPAN_ATTRIBUTE_VALUE_LENGTH', 'SPAN_ATTRIBUTE_COUNT', 'SPAN_EVENT_COUNT', 'SPAN_LINK_COUNT'].map((limit) => ({
    ...count({ variable: `OTEL_${limit}_LIMIT`, default: undefined, description: `Most ${limit.endsWith('LENGTH') ? 'characters of a text in an attribute' : `${limit.includes('EVENT') ? 'events' : limit.includes('LINK') ? 'links' : 'attributes'} of a span`}. Default: ${limit.endsWith('LENGTH') ? 'none' : '128'}.` }, 0, LONGEST_TIMER),
    otherwise: 'the SDK makes of it what it can',
    matters: () => true,
  })),
  ...[
    ...ofSignals('TIMEOUT', (variable) => number({ variable, default: 10_000, description: 'Milliseconds for a request and its retries.' }, 'a number of milliseconds above 0', (value) => value > 0 && value <= LONGEST_TIMER)),
    ...ofSignals('COMPRESSION', (variable) => exactly({ variable, default: 'none', description: 'Compression of requests.' }, ['none', 'gzip'])),
    ...ofSignals('PROTOCOL', (variable) => choice({ variable, default: 'http/json', description: 'What is sent is `http/json`, also for `http/protobuf`. gRPC is not spoken.' }, ['http/json', 'http/protobuf'])),
    ...ofSignals('HEADERS', (variable) => pairs({ variable, description: 'Headers of requests, percent-encoded: `key=value,key2=value2`.', otherwise: 'each pair that is wrong is left out' }, /^[!#$%&'*+.^`|~\w-]+\s*=\s*\S/)),
    choice({ variable: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', default: 'cumulative', description: 'Temporality of the numbers that are sent.' }, ['cumulative', 'delta', 'lowmemory']),
    choice(
      { variable: 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION', default: 'base2_exponential_bucket_histogram', description: 'Form of the histograms that are sent.' },
      ['base2_exponential_bucket_histogram', 'explicit_bucket_histogram'],
    ),
  ].map((setting) => ({ ...setting, matters: isSent })),
];
