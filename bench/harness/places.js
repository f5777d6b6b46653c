// @ts-check
/** Where things are: the built package that is measured, and the programs that measure it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const REGISTER = join(ROOT, 'dist/register.cjs');
/** Where what is installed to measure with is kept from run to run. */
export const CACHE = process.env.SPOOR_BENCH_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'spoor-bench');
export const CLI = join(ROOT, 'dist/src/cli/main.js');

/** @param {string} name */
export const contestantPath = (name) => join(ROOT, 'bench/contestants', name);

/**
 * Runs `work` with a fresh directory, which is removed afterwards.
 * @template T
 * @param {(directory: string) => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTemporaryDirectory(work) {
  const directory = mkdtempSync(join(tmpdir(), 'spoor-bench-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
