import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SETTINGS, loadConfig } from '../../src/config.ts';
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
    [{ SPOOR_TRACES_MAX_AGE: '7 parsecs' }, /SPOOR_TRACES_MAX_AGE: "7 parsecs" is not a time such as/],
    [{ SPOOR_ROLLUPS_MAX_SIZE: 'big' }, /is not a size such as/],
    [{ SPOOR_PRELOAD: 'maybe' }, /is not true or false/],
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, /OTEL_TRACES_SAMPLER: "sometimes" is not always_on/],
    [{ OTEL_LOG_LEVEL: 'loud' }, /OTEL_LOG_LEVEL/],
    [{ SPOOR_CONFIG: '/nowhere/spoor.json' }, /cannot be read \(ENOENT\)/],
  ])('%o is one problem, named, and the default holds', (env, message) => {
    const cwd = temporaryDirectory();
    const { config, problems } = loadConfig(env, cwd);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(config).toEqual({ ...loadConfig({}, cwd).config, configFile: config.configFile });
  });

  test.each(['[]', '{', 'null', '"x"'])('a file that holds %s is ignored and named', (content) => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'spoor.config.json'), content);
    expect(loadConfig({}, cwd).problems).toEqual([`${join(cwd, 'spoor.config.json')}: not a JSON object; it is ignored`]);
  });

  test('an unknown key and a nested value are named', () => {
    const cwd = temporaryDirectory();
    writeFileSync(join(cwd, 'spoor.config.json'), JSON.stringify({ maxserie: 1, maxSeries: { a: 1 } }));
    const { problems } = loadConfig({}, cwd);
    expect(problems.join('\n')).toMatch(/unknown key "maxserie"/);
    expect(problems.join('\n')).toMatch(/maxSeries: .* is not a plain value/);
  });

  test('every setting parses its own default as a person would write it', () => {
    for (const setting of Object.values(SETTINGS)) {
      if (setting.default === undefined) continue;
      expect(setting.parse(String(setting.default)), setting.variable).toEqual({ value: setting.default });
    }
  });
});
