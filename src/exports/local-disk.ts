/**
 * Whether a folder is on a disk of this machine, known without touching it: whoever looks at a share that does not
 * answer waits for it. Only Linux tells; elsewhere no folder is known to be local.
 */
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { steady } from '../clock.ts';

const LOCAL_TYPES = new Set(['bcachefs', 'btrfs', 'devtmpfs', 'erofs', 'ext2', 'ext3', 'ext4', 'f2fs', 'overlay', 'ramfs', 'rootfs', 'squashfs', 'tmpfs', 'xfs', 'zfs']);

/** Something may be mounted later, a folder replaced by a link: so long, in milliseconds, what was found holds. */
const HOLDS_MS = 60_000;
const MAX_FOLDERS = 1_000;

/** Mount points, and whether a local disk is mounted there. */
let mounts: ReadonlyMap<string, boolean> = new Map();
/** Folders by their path: where they really are, if that is on a local disk. */
const folders = new Map<string, string | undefined>();
let foundAt = -Infinity;

/** @param folder its absolute path */
export function isLocal(folder: string): boolean {
  const now = steady();
  if (now - foundAt > HOLDS_MS || folders.size > MAX_FOLDERS) {
    mounts = readMounts();
    folders.clear();
    foundAt = now;
  }
  return mounts.size > 0 && localPath(folder) !== undefined;
}

/** Where a path really is; undefined when that is not a folder on a local disk. Each step is taken on one. */
function localPath(path: string): string | undefined {
  if (folders.has(path)) return folders.get(path);
  const parent = dirname(path);
  const above = parent === path ? '' : localPath(parent);
  if (above === undefined) return undefined;
  const here = join(above, basename(path) || path);
  if (!(mounts.get(here) ?? above !== '')) return undefined;
  // Links that lead in a circle come by here again.
  folders.set(path, undefined);
  const found = folderAt(here, above);
  if (found === undefined) folders.delete(path);
  else folders.set(path, found);
  return found;
}

function folderAt(here: string, above: string): string | undefined {
  try {
    const stats = lstatSync(here);
    if (stats.isSymbolicLink()) return localPath(resolve(above, readlinkSync(here)));
    return stats.isDirectory() ? here : undefined;
  } catch {
    return undefined;
  }
}

function readMounts(): ReadonlyMap<string, boolean> {
  const found = new Map<string, boolean>();
  try {
    for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
      const [mount = '', system = ''] = line.split(' - ');
      const point = mount.split(' ')[4]?.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
      if (point !== undefined) found.set(point, LOCAL_TYPES.has(system.split(' ', 1)[0]!));
    }
  } catch {
    // Not on Linux.
  }
  return found;
}
