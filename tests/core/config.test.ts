import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { SETTINGS, STANDARD } from '../../src/config-schema.ts';
import { temporaryDirectory } from '../support/program.ts';

describe('configuration', () => {
  test('without anything set, the defaults, and a directory below the working directory', () => {
    const cwd = temporaryDirectory();
    const { config, problems } = loadConfig({}, cwd);
    expect(problems).toEqual([]);
    expect(config.directory).toBe(join(cwd, '.spoor'));
    expect(config).toMatchObject({ files: true, maxSeries: 2000, flushInterval: 100, exitTimeout: 2000, instrumentations: 'own' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('the environment wins over the file, code over both', () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'spoor.config.json'), JSON.stringify({ $schema: './x.json', maxSeries: 10, tracesMaxAge: '2d', rollupsMaxSize: '5MB', preload: false }));
    const { config, problems } = loadConfig({ SPOOR_MAX_SERIES: '20' }, cwd, { rollupsMaxSize: 7 });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ maxSeries: 20, tracesMaxAge: 2 * 86_400_000, rollupsMaxSize: 7, preload: false });
  });

  test('what is undefined in code is not given, and words in code are read as everywhere', () => {
    const { config, problems } = loadConfig({ SPOOR_MAX_SERIES: '20' }, temporaryDirectory(), { files: undefined, maxSeries: undefined, endpoint: '', log: 'loud' as 'json' });
    expect(config).toMatchObject({ files: true, maxSeries: 20, endpoint: '', log: 'text' });
    expect(problems).toEqual(['start(): log: "loud" is not one of text, json; using "text"']);
  });

  test('a directory in the file is relative to the file, one in the environment to the working directory', () => {
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, 'settings'));
    const file = join(cwd, 'settings', 'spoor.json');
    writeFileSync(file, JSON.stringify({ directory: 'data' }));
    expect(loadConfig({ SPOOR_CONFIG: file }, cwd).config.directory).toBe(join(cwd, 'settings', 'data'));
    expect(loadConfig({ SPOOR_CONFIG: file, SPOOR_DIR: 'here' }, cwd).config.directory).toBe(join(cwd, 'here'));
  });

  test.each([
    [{ SPOOR_MAX_SERIES: 'many' }, /SPOOR_MAX_SERIES: "many" is not a whole number/],
    [{ SPOOR_MAX_SERIES: '-1' }, /SPOOR_MAX_SERIES/],
    [{ SPOOR_TRACES_MAX_AGE: '7 parsecs' }, /SPOOR_TRACES_MAX_AGE: "7 parsecs" is not a time such as .*; using 7d$/],
    [{ SPOOR_TRACES_MAX_AGE: '7' }, /SPOOR_TRACES_MAX_AGE: "7" is not a time such as/],
    [{ SPOOR_ROLLUPS_MAX_SIZE: 'big' }, /is not a size such as .*; using 256MB$/],
    [{ SPOOR_ROLLUPS_MAX_SIZE: '1' }, /SPOOR_ROLLUPS_MAX_SIZE: "1" is not a size such as/],
    [{ OTEL_SDK_DISABLED: '1' }, /OTEL_SDK_DISABLED: "1" is not true or false/],
    [{ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '-1' }, /OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "-1" is not a whole number from 0/],
    [{ OTEL_SPAN_EVENT_COUNT_LIMIT: 'abc' }, /OTEL_SPAN_EVENT_COUNT_LIMIT: "abc"/],
    [{ OTEL_RESOURCE_ATTRIBUTES: `a=${'b'.repeat(256)}` }, /OTEL_RESOURCE_ATTRIBUTES: what is set is not a list such as/],
    [{ SPOOR_EXPORT_MAX_TIME: 'long' }, /; using 0$/],
    [{ SPOOR_SHIP_WAIT: 'long' }, /; using 10s$/],
    [{ SPOOR_SELECTOR_PROPAGATION: 'foo' }, /"foo" is not a list of origins such as/],
    [{ SPOOR_PRELOAD: 'maybe' }, /is not true or false/],
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, /OTEL_TRACES_SAMPLER: "sometimes" is not one of always_on/],
    [{ OTEL_LOG_LEVEL: 'loud' }, /OTEL_LOG_LEVEL/],
    [{ SPOOR_FLUSH_INTERVAL: '30d' }, /SPOOR_FLUSH_INTERVAL: "30d" is not a time of at most 24 days; using 100ms$/],
    [{ SPOOR_SELECTOR_REDACT: '(' }, /is not a regular expression; it is ignored/],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '-5' }, /OTEL_METRIC_EXPORT_INTERVAL: "-5" is not a whole number/],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a=b,=c' }, /OTEL_RESOURCE_ATTRIBUTES: what is set is not a list such as/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'user:hunter2@localhost:4318' }, /OTEL_EXPORTER_OTLP_ENDPOINT: what is set is not a URL .* it is ignored$/],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'grpc://localhost' }, /METRICS_ENDPOINT: what is set is not a URL/],
    [{ SPOOR_CONFIG: '/nowhere/spoor.json' }, /cannot be read \(ENOENT\)/],
  ])('%o is one problem, named, and the default holds', (env, message) => {
    const cwd = temporaryDirectory();
    const { config, problems } = loadConfig(env, cwd);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(config).toEqual({ ...loadConfig({}, cwd).config, configFile: config.configFile });
  });

  const OTLP = 'OTEL_EXPORTER_OTLP';
  test.each([
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: 'abc' }, /OTEL_TRACES_SAMPLER_ARG: "abc" is not a number from 0 to 1; using 1/],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '10' }, /SAMPLER_ARG: "10"/],
    [{ [`${OTLP}_TIMEOUT`]: 'abc' }, /_OTLP_TIMEOUT: "abc" is not a number of milliseconds above 0; using 10000/],
    [{ [`${OTLP}_METRICS_TIMEOUT`]: '0' }, /_METRICS_TIMEOUT: "0" .* it is ignored/],
    [{ [`${OTLP}_COMPRESSION`]: 'zip' }, /_COMPRESSION: "zip" is not one of none, gzip; using "none"/],
    [{ [`${OTLP}_TRACES_COMPRESSION`]: 'GZIP' }, /_TRACES_COMPRESSION: "GZIP"/],
    [{ [`${OTLP}_PROTOCOL`]: 'grpc' }, /_PROTOCOL: "grpc" is not one of http\/json, http\/protobuf/],
    [{ [`${OTLP}_TRACES_PROTOCOL`]: 'grpc' }, /_TRACES_PROTOCOL: "grpc"/],
    [{ [`${OTLP}_HEADERS`]: 'hunter2' }, /_OTLP_HEADERS: what is set is not a list .*; each pair that is wrong is left out$/],
    [{ [`${OTLP}_METRICS_HEADERS`]: 'authorization=hunter2%' }, /_METRICS_HEADERS: what is set is not a list .*; each pair that is wrong is left out$/],
    [{ [`${OTLP}_METRICS_TEMPORALITY_PREFERENCE`]: 'sometimes' }, /TEMPORALITY_PREFERENCE: "sometimes"/],
    [{ [`${OTLP}_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`]: 'foo' }, /HISTOGRAM_AGGREGATION: "foo"/],
  ])('%o is named where it matters, and only there', (env, message) => {
    const cwd = temporaryDirectory();
    const { problems } = loadConfig({ [`${OTLP}_ENDPOINT`]: 'http://localhost:4318', ...env }, cwd);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).not.toContain('hunter2');
    const { OTEL_TRACES_SAMPLER: _, ...without } = env as NodeJS.ProcessEnv;
    expect(loadConfig(without, cwd).problems).toEqual([]);
  });

  test('the standard variables as they are usually written are right', () => {
    const env = {
      [`${OTLP}_ENDPOINT`]: 'https://user:password@collector.example:4318/path?key=value',
      [`${OTLP}_HEADERS`]: 'Authorization=Basic%20eDp5==, x-tenant = a ,',
      [`${OTLP}_TIMEOUT`]: '2500',
      [`${OTLP}_COMPRESSION`]: 'gzip',
      [`${OTLP}_PROTOCOL`]: 'http/protobuf',
      [`${OTLP}_METRICS_TEMPORALITY_PREFERENCE`]: 'LowMemory',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=a%2Cb, empty=,',
      OTEL_METRIC_EXPORT_INTERVAL: '60000',
    };
    expect(loadConfig(env, temporaryDirectory())).toMatchObject({ problems: [], config: { metricInterval: 60_000 } });
  });

  test.each([
    ['[]', /: not a JSON object; it is ignored$/],
    ['null', /: not a JSON object; it is ignored$/],
    ['"x"', /: not a JSON object; it is ignored$/],
    ['{bad', /: not JSON \(.* position 1.*\); it is ignored$/],
    ['{"directory":5}', /: directory: 5 is not a text; it is ignored$/],
    ['{"tracesMaxAge":604800000}', /: tracesMaxAge: 604800000 is not a time such as/],
  ])('a file that holds %s is named with what is wrong', (content, message) => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'spoor.config.json'), content);
    expect(loadConfig({}, cwd).problems).toEqual([expect.stringMatching(message)]);
    expect(loadConfig({}, cwd).config.directory).toBe(join(cwd, '.spoor'));
  });

  test.each<[string, (path: string) => void]>([
    ['a folder', mkdirSync],
    ['a link to itself', (path) => symlinkSync(path, path)],
    ['a pipe that nobody writes to', (path) => void execFileSync('mkfifo', [path])],
  ])('%s in the place of the file is said', (_, make) => {
    const cwd = temporaryDirectory();
    make(join(cwd, 'spoor.config.json'));
    expect(loadConfig({}, cwd).problems).toEqual([expect.stringMatching(/spoor\.config\.json cannot be read \((EISDIR|ELOOP|a pipe)\)/)]);
  });

  test('a byte order mark is none of the file', () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'spoor.config.json'), '\uFEFF{"maxSeries":10}');
    expect(loadConfig({}, cwd)).toMatchObject({ problems: [], config: { maxSeries: 10 } });
  });

  test('an unknown key and a nested value are named', () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'spoor.config.json'), JSON.stringify({ maxserie: 1, maxSeries: { a: 1 } }));
    const { problems } = loadConfig({}, cwd);
    expect(problems.join('\n')).toMatch(/unknown key "maxserie"/);
    expect(problems.join('\n')).toMatch(/maxSeries: .* is not a plain value/);
  });

  test('every setting parses its own default as a person would write it', () => {
    for (const setting of [...Object.values(SETTINGS), ...STANDARD]) {
      if (setting.default === undefined) continue;
      const [, unit = ''] = /(ms|B)\b/.exec(String(setting.schema.pattern)) ?? [];
      expect(setting.parse(`${setting.default}${unit}`), setting.variable).toEqual({ value: setting.default });
    }
  });
});
