/** Writes artifacts below a folder: whole or not at all, and never outside of it. */
import { constants } from 'node:fs';
import { link, mkdir, lstat, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ReadyArtifact } from '../artifact.ts';
import { fault } from '../faults.ts';
import { close, discard, open, rename, sync, writeAll } from '../files.ts';
import type { WriteContext, WriteResult, Writer } from '../writer.ts';

export interface FilesystemOptions {
  /** The root; made when it is not there. */
  readonly directory: string;
  /** What `directory` is relative to. Default: the working directory. */
  readonly cwd?: string;
  /** Flushed to the device before it is renamed, and its folder after: outlives a loss of power. Default: false. */
  readonly fsync?: boolean;
  /** Default: `dir:<directory>`. */
  readonly target?: string;
}

const { O_WRONLY, O_CREAT, O_EXCL, O_RDONLY } = constants;
let count = 0;

/** A writer into a folder. Text that was given as text ends with a newline. */
export function filesystem({ directory, cwd = '', fsync = false, target = `dir:${directory}` }: FilesystemOptions): Writer {
  const root = resolve(cwd, directory);
  let realRoot: Promise<string> | undefined;
  /** Folders below the root that were found to be folders. */
  const safe = new Map<string, Promise<string>>();

  const folderOf = (parent: string): Promise<string> => {
    realRoot ??= mkdir(root, { recursive: true }).then(() => realpath(root));
    realRoot.catch(() => (realRoot = undefined));
    if (parent === '.') return realRoot;
    let folder = safe.get(parent);
    if (folder === undefined) {
      folder = folderOf(dirname(parent)).then((above) => step(above, parent));
      folder.catch(() => safe.delete(parent));
      safe.set(parent, folder);
    }
    return folder;
  };

  return {
    id: 'filesystem',
    target,
    async write(artifact, context) {
      const folder = await folderOf(dirname(artifact.name));
      const path = join(folder, artifact.name.slice(artifact.name.lastIndexOf('/') + 1));
      const temporary = join(folder, `.spoor-${process.pid}-${(++count).toString(36)}.tmp`);
      try {
        await fill(temporary, artifact, context, fsync);
        await rename(temporary, path);
      } catch (error) {
        await discard(temporary);
        throw error;
      }
      if (fsync) await syncFolder(folder);
      return { status: 'written', path } satisfies WriteResult;
    },
  };
}

/** One folder further down, made if need be. A symbolic link there may lead anywhere: refused. */
async function step(above: string, parent: string): Promise<string> {
  const folder = join(above, parent.slice(parent.lastIndexOf('/') + 1));
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const stats = await lstat(folder);
  if (stats.isSymbolicLink()) throw fault('unsafe_path', `${folder} is a symbolic link: what is written below it may land outside of the destination`);
  if (!stats.isDirectory()) throw fault('ENOTDIR', `${folder} is not a folder`);
  return folder;
}

async function fill(temporary: string, artifact: ReadyArtifact, context: WriteContext, fsync: boolean): Promise<void> {
  const spooled = artifact.claim();
  const isLinked = spooled !== undefined && (await link(spooled, temporary).then(() => true, () => false));
  if (isLinked && !fsync) return;
  const descriptor = await open(temporary, isLinked ? O_RDONLY : O_WRONLY | O_CREAT | O_EXCL);
  try {
    if (isLinked) void 0;
    else if (artifact.content !== undefined) await writeAll(descriptor, artifact.content);
    else {
      const { signal } = context;
      for await (const chunk of artifact.chunks({ signal })) await writeAll(descriptor, chunk);
      // Too late: whoever waited has gone on without it.
      signal.throwIfAborted();
    }
    if (fsync) await sync(descriptor);
  } finally {
    await close(descriptor);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const descriptor = await open(folder, O_RDONLY);
  try {
    await sync(descriptor);
  } finally {
    await close(descriptor);
  }
}
