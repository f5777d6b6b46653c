/** The files `lease.<n>`: their numbers, and what stands in them of who holds. */
import { readdirSync, readFileSync, statSync, unlinkSync, writeFileSync, type Stats } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { now as clock } from '../clock.ts';
import { createWhole } from '../store/create.ts';
import { processIdentity } from '../store/process-identity.ts';

const NAME = /^lease\.(\d{1,15})$/;

export function leasePath(folder: string, epoch: number): string {
  return join(folder, `lease.${epoch}`);
}

/** The numbers that there are, the highest last. */
export function epochs(folder: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
}

/** False when that number is there already. */
export function makeLease(path: string): boolean {
  const content = `${JSON.stringify({ identity: processIdentity(), pid: process.pid, host: hostname(), since: clock() })}\n`;
  try {
    return createWhole(path, content);
  } catch {
    // No hard links, or no space: an empty one holds too, by its heartbeat alone.
    return makeSimply(path, content);
  }
}

function makeSimply(path: string, content: string): boolean {
  try {
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeFileSync(path, content);
  } catch {
    // A full disk.
  }
  return true;
}

interface Said {
  readonly identity: string;
  readonly pid: number | undefined;
  readonly host: string | undefined;
  readonly since: number | undefined;
}

/** A lease that is empty or torn is held by somebody who cannot be asked. */
export function readLease(path: string): Said {
  let said: Partial<Record<string, unknown>> = {};
  try {
    said = Object(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // See above.
  }
  return {
    identity: typeof said.identity === 'string' ? said.identity : '',
    pid: typeof said.pid === 'number' ? said.pid : undefined,
    host: typeof said.host === 'string' ? said.host : undefined,
    since: isTime(said.since) ? said.since : undefined,
  };
}

/** Whether it is epoch milliseconds that a date can be made of: what stands in a file may be anything. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

export function findLease(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

export function removeLease(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}
