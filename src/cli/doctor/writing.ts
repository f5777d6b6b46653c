/** Whether what is recorded can be kept: found out by writing where it goes. */
import { accessSync, closeSync, constants, existsSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Config, nothingKept } from '../../config.ts';
import { shipDirectory } from '../../ship/paths.ts';
import { hostId } from '../../store/host.ts';
import { directoryId, hourFile } from '../../store/layout.ts';
import type { Check } from './check.ts';

/** More than a full disk has left in a block that is in use. */
const SOME = Buffer.alloc(16_384, '\n');

export function checkWriting(config: Config): Check[] {
  const name = 'writing';
  const { directory, files } = config;
  const lost = nothingKept(config);
  if (lost !== undefined) return [{ name, state: 'problem', says: lost, facts: { files } }];
  if (!files) return [{ name, state: 'ok', says: 'no files are written (SPOOR_FILES is off)', facts: { files } }];
  const hours = (['traces', 'rollups', 'starts'] as const).map((signal) => hourFile(directory, signal, Date.now(), hostId()));
  const folders = new Set([directory, shipDirectory(directory), ...hours.map(dirname)].map(nearest));
  for (const path of [...folders, ...hours.filter(existsSync)]) {
    const said = refusal(path, folders.has(path));
    if (said === undefined) continue;
    return [{ name, state: 'problem', says: `${path} cannot be written: ${said}`, advice: 'make room, or let this user write there, or set SPOOR_DIR to another folder', facts: { files, directory, path, said } }];
  }
  return [{ name, state: 'ok', says: `files are written to ${directory}`, facts: { files, directory } }, ...checkIdentity(directory)];
}

/** What is there of a path: itself, or the folder in which the rest of it would be made. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path));
}

/** Why it cannot be written, in the system's words; undefined when it can. Nothing is left behind. */
function refusal(path: string, isFolder: boolean): string | undefined {
  try {
    if (isFolder) writeSome(join(path, `.spoor-doctor.${process.pid}.tmp`));
    else accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    // Without the call and the path that it names after that.
    return (error as Error).message.split(',')[0];
  }
}

function writeSome(path: string): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(descriptor, SOME, { flush: true });
  } finally {
    closeSync(descriptor);
    unlinkSync(path);
  }
}

function checkIdentity(directory: string): Check[] {
  const path = join(directory, 'id');
  if (!existsSync(path) || directoryId(directory) !== undefined) return [];
  return [{ name: 'identity', state: 'note', says: `${path} holds no id: who sends next replaces it, and to backends it is another directory from then on`, facts: { path } }];
}
