/**
 * Who a process is, in one word that another process can check: is it still there? A process id alone is
 * given again to others, and means something else on another host or in another container.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { hostId } from './host.ts';

/** `unknown`: of another host, container or thread, which cannot be asked. */
export type Presence = 'here' | 'gone' | 'self' | 'unknown';

let mine: string | undefined;

/** `<kernel>:<pid namespace>:<pid>:<start time>:<thread>` of the caller. */
export function processIdentity(): string {
  mine ??= [hostId(), namespace(), process.pid, startTime(process.pid) ?? '', threadId].join(':');
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
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the command in parentheses, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function namespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}
