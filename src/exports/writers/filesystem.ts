/** Writes artifacts below a folder: whole or not at all, and never outside of it. */
import { constants } from 'node:fs';
import { link, lstat, mkdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { ReadyArtifact } from '../artifact.ts';
import { fault } from '../faults.ts';
import { close, discard, open, rename, sync, temporaryName, writeAll } from '../files.ts';
import { makeFolder } from '../make-folder.ts';
import { putFile } from '../put-file.ts';
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
/** So little is written before anybody could call it too late. */
const SMALL = 1_048_576;

/** A writer into a folder. Text that was given as text ends with a newline. */
export function filesystem({ directory, cwd = '', fsync = false, target = `dir:${directory}` }: FilesystemOptions): Writer {
  const root = resolve(cwd, directory);
  /** Folders below the root that were found to be folders. The root is whatever the caller says it is. */
  const safe = new Map<string, Promise<string>>();

  const folderOf = (parent: string): Promise<string> => {
    let folder = safe.get(parent);
    if (folder === undefined) {
      const slash = parent.lastIndexOf('/');
      const above = slash < 0 ? makeFolder(root).then(() => root) : folderOf(parent.slice(0, slash));
      folder = above.then((at) => step(join(at, parent.slice(slash + 1))));
      folder.catch(() => safe.delete(parent));
      safe.set(parent, folder);
    }
    return folder;
  };

  const put = (folder: string, path: string, artifact: ReadyArtifact, context: WriteContext): Promise<void> => {
    const temporary = folder + sep + temporaryName();
    const { content } = artifact;
    return content !== undefined && content.length <= SMALL && !fsync ? putFile(folder, temporary, path, content) : putLarge(temporary, path, artifact, context, fsync);
  };

  /** In the root itself, which is made only where it is not there: looking first would take as long as writing. */
  const putInRoot = (artifact: ReadyArtifact, context: WriteContext): Promise<WriteResult> => {
    const path = root + sep + artifact.name;
    const written = (): WriteResult => ({ status: 'written', path });
    return put(root, path, artifact, context).then(written, (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return makeFolder(root).then(() => put(root, path, artifact, context)).then(written);
    });
  };

  const putBelow = async (parent: string, name: string, artifact: ReadyArtifact, context: WriteContext): Promise<WriteResult> => {
    const folder = await folderOf(parent);
    const path = folder + sep + name;
    await put(folder, path, artifact, context);
    return { status: 'written', path };
  };

  return {
    id: 'filesystem',
    target,
    write(artifact, context) {
      const slash = artifact.name.lastIndexOf('/');
      return slash < 0 ? putInRoot(artifact, context) : putBelow(artifact.name.slice(0, slash), artifact.name.slice(slash + 1), artifact, context);
    },
  };
}

/** One folder further down, made if need be. A symbolic link there may lead anywhere: refused. */
async function step(folder: string): Promise<string> {
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const stats = await lstat(folder);
  if (stats.isSymbolicLink()) throw fault('unsafe_path', `${folder} is a symbolic link: what is written below it may land outside of the destination`);
  if (!stats.isDirectory()) throw fault('ENOTDIR', `${folder} is not a folder`);
  return folder;
}

async function putLarge(temporary: string, path: string, artifact: ReadyArtifact, context: WriteContext, fsync: boolean): Promise<void> {
  try {
    await fill(temporary, artifact, context, fsync);
    // Too late: whoever waited has gone on without it.
    context.signal.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await discard(temporary);
    throw error;
  }
  if (fsync) await syncFolder(dirname(path));
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
