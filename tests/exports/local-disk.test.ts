/** Which folders may be written to without leaving the app's thread: those on a disk of this machine. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLocal } from '../../src/exports/local-disk.ts';
import { temporaryDirectory } from '../support/program.ts';

/** The memory disk of every Linux, where there is one. */
const SHM = '/dev/shm';
const hasShm = process.platform === 'linux' && / \/dev\/shm [^\n]* - tmpfs /.test(readFileSync('/proc/self/mountinfo', 'utf8'));

test.skipIf(!hasShm)('a folder on a local disk, also behind a link', () => {
  const folder = mkdtempSync(join(SHM, 'spoor-'));
  try {
    const elsewhere = temporaryDirectory();
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    symlinkSync(join(folder, 'a'), join(folder, 'absolute'));
    symlinkSync('absolute/../a/b', join(folder, 'relative'));
    expect(['', 'a', 'a/b', 'absolute', 'absolute/b', 'relative'].map((name) => isLocal(join(folder, name)))).toEqual([true, true, true, true, true, true]);
    symlinkSync('/proc', join(elsewhere, 'proc'));
    expect(isLocal(join(elsewhere, 'proc/self'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what is no folder, is not there, leads in a circle, or is of no disk is not', () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('two', join(folder, 'one'));
  symlinkSync('one', join(folder, 'two'));
  symlinkSync('/proc/self', join(folder, 'proc'));
  const paths = [...['file', 'file/below', 'not-there', 'one', 'two/below', 'proc'].map((name) => join(folder, name)), '/proc', '/proc/self'];
  expect(paths.filter(isLocal)).toEqual([]);
});

test('a folder that comes later is found', () => {
  const folder = temporaryDirectory();
  const later = join(folder, 'later');
  expect(isLocal(later)).toBe(false);
  mkdirSync(later);
  expect(isLocal(later)).toBe(isLocal(folder));
});
