/**
 * The descriptors that this process was started with, to be handed on: make's jobserver, a shell's `3>file` and
 * `<(command)`. Node closes them in what it spawns unless they are named.
 */
import type { StdioOptions } from 'node:child_process';
import { fstatSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';

const FOLDER = '/proc/self/fd';
/** `spawn` makes a list as long as the highest is. */
const HIGHEST = 1023;

/**
 * `stdio` of a child that is to have all of them. To be asked for before anything is opened here. Only on Linux can they
 * be told from Node's own; elsewhere it is the first three.
 */
export function inheritedStdio(): StdioOptions {
  const inherited = new Set([0, 1, 2, ...inheritedDescriptors()]);
  // Forked: Node's own channel, which the command would hold open, and is not told of.
  const channel = process.channel as { readonly fd?: number } | undefined;
  if (channel?.fd !== undefined) inherited.delete(channel.fd);
  return Array.from({ length: Math.max(...inherited) + 1 }, (_, descriptor) => (inherited.has(descriptor) ? descriptor : 'ignore'));
}

function inheritedDescriptors(): number[] {
  let open: Descriptor[];
  try {
    open = readdirSync(FOLDER).flatMap((name) => descriptor(Number(name)) ?? []);
  } catch {
    return [];
  }
  // A new one takes the lowest free number, and the first that Node opens is its event poll: what is below was there.
  const first = Math.min(...open.filter(({ target }) => target.startsWith('anon_inode:')).map(({ number }) => number));
  const has = (pipe: string, end: 'reads' | 'writes'): boolean => open.some((one) => one.target === pipe && one[end]);
  // Above it files, and pipes whose other end is not here: Node holds no file open, and of its own pipes both ends.
  const isInherited = ({ number, target, kind }: Descriptor): boolean => number < first || kind === 'file' || (kind === 'pipe' && !(has(target, 'reads') && has(target, 'writes')));
  return open.filter((one) => one.number <= HIGHEST && isInherited(one)).map(({ number }) => number);
}

interface Descriptor {
  readonly number: number;
  /** A path, or such as `pipe:[4711]`: the same for all descriptors of one pipe. */
  readonly target: string;
  readonly kind: 'file' | 'pipe' | 'other';
  readonly reads: boolean;
  readonly writes: boolean;
}

/** Undefined for the one that the folder was read with. */
function descriptor(number: number): Descriptor | undefined {
  try {
    const link = `${FOLDER}/${number}`;
    const target = readlinkSync(link);
    const status = fstatSync(number);
    // The link's permissions say how it was opened.
    const { mode } = lstatSync(link);
    return { number, target, kind: status.isFile() ? 'file' : status.isFIFO() ? 'pipe' : 'other', reads: (mode & 0o400) !== 0, writes: (mode & 0o200) !== 0 };
  } catch {
    return undefined;
  }
}
