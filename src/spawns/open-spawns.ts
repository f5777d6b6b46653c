/** Spawns that one command started and another will end: `open/<id>.json` each, taken by who ends it. */
import { readFileSync, renameSync, statSync, unlinkSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import { makeDirectory, names, prepareDirectory } from '../store/layout.ts';
import { listed } from '../store/listed.ts';
import { replaceFile } from '../store/replace.ts';

export interface OpenSpawn {
  readonly id: string;
  /** Path of the ledger that has its decision. */
  readonly ledger: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly parentSpanId?: string;
  /** Epoch milliseconds. */
  readonly startTime: number;
  readonly attributes: Attributes;
}

/** As long as the trace that it would belong to is kept. */
const MAX_AGE_MS = 7 * 86_400_000;
const FILE = /^[\w-]{1,64}\.json$/;

/** @throws what the disk says */
export function writeOpenSpawn(directory: string, spawn: OpenSpawn): void {
  const folder = join(directory, 'open');
  prepareDirectory(directory);
  makeDirectory(folder);
  closeSync(replaceFile(join(folder, `${spawn.id}.json`), [Buffer.from(JSON.stringify(spawn))]));
  for (const name of names(folder).filter(isOurs)) {
    const path = join(folder, name);
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (made !== undefined && Date.now() - made > MAX_AGE_MS) unlinkSync(path);
  }
}

/** The spawn, for the one caller that gets it; undefined when there is none, or somebody else has it. */
export function takeOpenSpawn(directory: string, id: string): OpenSpawn | undefined {
  if (!FILE.test(`${id}.json`)) return undefined;
  const path = join(directory, 'open', `${id}.json`);
  const taken = `${path}.${process.pid}.taken`;
  try {
    renameSync(path, taken);
    const spawn = read(taken);
    unlinkSync(taken);
    return spawn;
  } catch {
    return undefined;
  }
}

/** @throws as {@link listed} does */
export function openSpawns(directory: string): OpenSpawn[] {
  const folder = join(directory, 'open');
  return listed(folder).filter(isOurs).flatMap((name) => read(join(folder, name)) ?? []);
}

function isOurs(name: string): boolean {
  return FILE.test(name);
}

function read(path: string): OpenSpawn | undefined {
  try {
    const spawn = JSON.parse(readFileSync(path, 'utf8')) as OpenSpawn;
    return typeof spawn.id === 'string' && typeof spawn.attributes === 'object' ? spawn : undefined;
  } catch {
    return undefined;
  }
}
