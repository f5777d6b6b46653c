/**
 * The last fingerprints of each selector on disk: `.spoor/selectors/fingerprints.json`, shared by all processes
 * of a directory. Read whole, changed under a lock, replaced whole; what is corrupt keeps its content under
 * another name beside it.
 */
import { closeSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectory, prepareDirectory } from '../store/layout.ts';
import { withLock } from '../store/lock.ts';
import { replaceFile } from '../store/replace.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';

/** One look of an element, and how often it was seen. */
export interface Look {
  readonly fingerprint: Fingerprint;
  readonly times: number;
}

export interface Looks {
  /** Days since the epoch (UTC) of the last time that the selector found something. */
  readonly day: number;
  readonly looks: readonly Look[];
}

/** By selector, the one that was quiet longest first. */
export type LooksBySelector = Map<string, Looks>;

const VERSION = 1;
const LARGEST = 8_000_000;

/** What the file holds: empty where there is none or it is corrupt. @throws what the disk says */
export function readLooks(path: string): LooksBySelector {
  return read(path) ?? new Map();
}

/**
 * Replaces what the file holds by what `change` makes of it. Returns the name under which a corrupt file was set
 * aside, if it was. @throws what the disk says; `ELOCKED` when another process has the lock for all of `wait` ms
 */
export function changeLooks(path: string, directory: string, wait: number, change: (held: LooksBySelector) => LooksBySelector): string | undefined {
  const write = (): string | undefined =>
    withLock(
      `${path}.lock`,
      (held) => {
        const found = read(path);
        const aside = found === undefined ? setAside(path) : undefined;
        const selectors = [...change(found ?? new Map())].map(([name, { day, looks }]) => ({ name, day, looks }));
        closeSync(replaceFile(path, [Buffer.from(`${JSON.stringify({ version: VERSION, selectors })}\n`)], { alone: true, confirm: held }));
        return aside;
      },
      wait,
    );
  try {
    return write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  prepareDirectory(directory);
  makeDirectory(dirname(path));
  return write();
}

/** Undefined: there is something, and it is not what this writes. */
function read(path: string): LooksBySelector | undefined {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return new Map();
  if (!there.isFile() || there.size > LARGEST) return undefined;
  try {
    const { version, selectors } = JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown; selectors?: unknown };
    if (version !== VERSION || !Array.isArray(selectors)) return undefined;
    const found: LooksBySelector = new Map();
    for (const { name, day, looks } of selectors as { name?: unknown; day?: unknown; looks?: unknown }[]) {
      if (typeof name !== 'string' || typeof day !== 'number' || !Array.isArray(looks)) return undefined;
      found.set(name, { day, looks: looks.map(lookOf) });
    }
    return found;
  } catch (error) {
    // Not JSON, or of another shape. What the disk says is another matter.
    if ((error as NodeJS.ErrnoException).code === undefined) return undefined;
    throw error;
  }
}

/** Passed through what makes them, so that equal ones have their parts in the same order. */
function lookOf(value: unknown): Look {
  const { fingerprint, times } = value as { fingerprint: Fingerprint; times: unknown };
  const { text, ...facts } = fingerprint;
  const isShape = typeof text === 'string' || text === null;
  return { fingerprint: { ...fingerprintOf(facts), ...(isShape && { text }) }, times: Number.isSafeInteger(times) ? (times as number) : 1 };
}

function setAside(path: string): string {
  const name = `${path}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`;
  renameSync(path, name);
  return name;
}
