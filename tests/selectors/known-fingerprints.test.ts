/** The last fingerprints of each selector: learned, shared between processes, bounded, and safe from bad files. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Fingerprint } from '../../src/selectors/fingerprint.ts';
import { KnownFingerprints } from '../../src/selectors/known-fingerprints.ts';
import { ROOT, run, temporaryDirectory } from '../support/program.ts';

const BUTTON: Fingerprint = { tag: 'button', role: 'button', testId: 'submit' };
const LINK: Fingerprint = { tag: 'a', role: 'link', testId: null };
const fileIn = (directory: string): string => join(directory, 'selectors/fingerprints.json');

it('a first find has nothing to be compared with; another element drifts until it is the usual one', () => {
  const known = new KnownFingerprints({ directory: undefined });
  expect(known.observe('submit', BUTTON)).toBeUndefined();
  expect(known.observe('other', LINK)).toBeUndefined();
  for (let i = 0; i < 12; i++) expect(known.observe('submit', BUTTON)).toBe(0);
  const drifts = Array.from({ length: 12 }, () => known.observe('submit', LINK));
  expect(drifts.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 1));
  expect(drifts.slice(10)).toEqual([0, 0]);
  // Both are known by now: an app that shows one of two pages does not drift for ever.
  expect(known.observe('submit', BUTTON)).toBe(0);
});

it('the next process goes on where the last one was, and writes nothing when it learns nothing', () => {
  const directory = temporaryDirectory();
  const first = new KnownFingerprints({ directory });
  for (let i = 0; i < 20; i++) first.observe('submit', BUTTON);
  first.save();
  expect(statSync(fileIn(directory)).mode & 0o777).toBe(0o600);
  const { ino } = statSync(fileIn(directory));
  const second = new KnownFingerprints({ directory });
  expect(second.observe('submit', BUTTON)).toBe(0);
  second.save();
  expect(statSync(fileIn(directory)).ino).toBe(ino);
  expect(second.observe('submit', LINK)).toBe(1);
  second.save();
  expect(statSync(fileIn(directory)).ino).not.toBe(ino);
});

it('several processes at once: what each has learned is kept', async () => {
  const directory = temporaryDirectory();
  const program = `
    import { KnownFingerprints } from ${JSON.stringify(join(ROOT, 'dist/src/selectors/known-fingerprints.js'))};
    const known = new KnownFingerprints({ directory: process.argv[1], onFault: (error) => { console.error(error); process.exitCode = 1; } });
    for (let i = 0; i < 40; i++) {
      known.observe('own ' + process.argv[2] + ' ' + i, { tag: 'button' });
      known.observe('shared', { tag: 'button' });
      // False: another process was writing all the while. What was learned waits for the next time.
      while (!known.save()) if (process.exitCode) break;
    }`;
  const results = await Promise.all(['a', 'b', 'c', 'd'].map((name) => run(process.execPath, ['--input-type=module', '-e', program, directory, name])));
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, '']));
  const { selectors } = JSON.parse(readFileSync(fileIn(directory), 'utf8'));
  expect(selectors).toHaveLength(161);
  expect(selectors.find(({ name }: { name: string }) => name === 'shared').looks).toEqual([{ fingerprint: { tag: 'button' }, times: 10 }]);
  expect(readdirSync(join(directory, 'selectors'))).toEqual(['fingerprints.json']);
});

it('100,000 selectors: memory and file stay small, and the latest are kept', () => {
  const directory = temporaryDirectory();
  const known = new KnownFingerprints({ directory });
  for (let i = 0; i < 100_000; i++) known.observe(`selector ${i}`, BUTTON);
  known.save();
  const { selectors } = JSON.parse(readFileSync(fileIn(directory), 'utf8'));
  expect(selectors).toHaveLength(2_000);
  expect(selectors.at(-1).name).toBe('selector 99999');
  expect(known.observe('selector 99999', BUTTON)).toBe(0);
});

it.each([
  ['torn', '{"version":1,"selectors":[{"na'],
  ['of another shape', '{"version":1,"selectors":[null]}'],
  ['of a version to come', '{"version":2,"selectors":[]}'],
  ['empty', ''],
])('a file that is %s is set aside by name, and a new one begun', (_, content) => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'selectors'));
  writeFileSync(fileIn(directory), content);
  const aside: string[] = [];
  const known = new KnownFingerprints({ directory, onSetAside: (name) => aside.push(name) });
  expect(known.observe('submit', BUTTON)).toBeUndefined();
  known.save();
  expect(aside).toHaveLength(1);
  expect(readFileSync(aside[0]!, 'utf8')).toBe(content);
  expect(JSON.parse(readFileSync(fileIn(directory), 'utf8')).selectors).toHaveLength(1);
});

it('a directory that cannot be written: said once a try, drift goes on in memory', () => {
  const parent = temporaryDirectory();
  writeFileSync(join(parent, 'file'), '');
  const faults: unknown[] = [];
  const known = new KnownFingerprints({ directory: join(parent, 'file/.spoor'), onFault: (error) => faults.push(error) });
  known.observe('submit', BUTTON);
  known.save();
  expect(faults.length).toBeGreaterThan(0);
  expect(known.observe('submit', LINK)).toBe(1);
  expect(existsSync(join(parent, 'file/.spoor'))).toBe(false);
});
