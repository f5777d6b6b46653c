/**
 * Who a process is, in one word that another process can check: is it still there? A process id alone is
 * given again to others, and means something else on another host or in another container.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { threadId } from '../thread.ts';
import { hostId } from './host.ts';

/** `unknown`: of another host, container or thread, which cannot be asked. */
export type Presence = 'here' | 'gone' | 'self' | 'unknown';

let mine: string | undefined;

/** `<kernel>:<pid namespace>`: where a process id means the same as it does to the caller. A host's name does not tell: the containers of a pod share it. */
export function processSpace(): string {
  return `${hostId()}:${namespace()}`;
}

/** `<kernel>:<pid namespace>:<pid>:<start time>:<thread>` of the caller. */
export function processIdentity(): string {
  mine ??= [processSpace(), process.pid, startTime(process.pid) ?? '', threadId].join(':');
  return mine;
}

/** Whether the process that called itself `identity` is there. */
export function presence(identity: string): Presence {
  if (identity === processIdentity()) return 'self';
  const [host, space, pid, start, thread] = identity.split(':');
  const [ourHost, ourSpace] = processIdentity().split(':');
  if (thread === undefined || host !== ourHost || space !== ourSpace || !/^\d+$/.test(pid ?? '')) return 'unknown';
  if (!isThere(Number(pid), start ?? '')) return 'gone';
  return thread === '0' ? 'here' : 'unknown';
}

function isThere(pid: number, start: string): boolean {
  if (start !== '') return startTime(pid) === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Ticks since boot at which a process began. None for one that is gone, or dead and not yet waited for. */
function startTime(pid: number): string | undefined {
  try {
    const fields = statOf(pid);
    return hasEnded(fields) ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Milliseconds by which {@link createdAt} may be off: a start is known in whole hundredths, the boot in whole seconds, and clocks are corrected. */
export const CREATION_TOLERANCE = 3_000;

/** Epoch milliseconds at which the process with this id began (0: not known); undefined when there is none, or it has ended and nobody has waited for it. */
export function createdAt(pid: number): number | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    const fields = statOf(pid);
    if (hasEnded(fields)) return undefined;
    const boot = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1];
    return Number(boot) * 1000 + Number(fields[19]) * 10;
  } catch {
    return 0;
  }
}

/** From the third field on, the state; the start time is field 22. @throws where there is no `/proc`, or no such process */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the command in parentheses, and may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A zombie has ended; its parent has not looked yet. */
function hasEnded([state]: readonly string[]): boolean {
  return state === 'Z' || state === 'X';
}

function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}
