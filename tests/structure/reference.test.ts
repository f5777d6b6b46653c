/** What is generated from the code is current. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SETTINGS, STANDARD } from '../../src/config-schema.ts';
import { ATTR, INSTRUMENTS, OPERATION_KINDS } from '../../src/conventions.ts';
import type { Setting } from '../../src/setting.ts';
import { ROOT, run } from '../support/program.ts';

it('docs/reference.md and spoor.config.schema.json are what the code generates', async () => {
  const check = await run(process.execPath, ['scripts/reference.js', '--check'], { cwd: ROOT });
  expect(check).toMatchObject({ code: 0, stderr: '' });
});

it('the reference names every span, metric, attribute and setting', () => {
  const reference = readFileSync(join(ROOT, 'docs/reference.md'), 'utf8');
  const names = [
    ...Object.values(ATTR),
    ...INSTRUMENTS.map(({ name }) => name),
    ...OPERATION_KINDS.map(({ spanName }) => spanName),
    ...[...Object.values(SETTINGS), ...STANDARD].map(({ variable }) => variable),
  ];
  expect(names.filter((name) => !reference.includes(`\`${name}\``))).toEqual([]);
});

it('the schema knows every key, and its patterns take what the parsers take', () => {
  const schema = JSON.parse(readFileSync(join(ROOT, 'spoor.config.schema.json'), 'utf8'));
  const settings = Object.values(SETTINGS) as Setting<unknown>[];
  expect(Object.keys(schema.properties).sort()).toEqual(['$schema', ...settings.flatMap(({ key }) => key ?? [])].sort());
  const samples = ['7d', '1.5 h', '100ms', '250', '1GB', '256 MB', '12B', '-1', '1 parsec', 'soon', ''];
  for (const { key, parse } of settings) {
    const pattern = key === undefined ? undefined : schema.properties[key].pattern;
    if (pattern === undefined) continue;
    for (const sample of samples) {
      expect([key, sample, new RegExp(pattern).test(sample)]).toEqual([key, sample, 'value' in parse(sample)]);
    }
    // The default that the schema shows is one that may be written.
    expect(parse(schema.properties[key!].default)).toHaveProperty('value');
  }
});
