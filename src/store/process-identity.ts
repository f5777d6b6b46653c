/**
 * Who a process is, in one word that another process can check: is it still there? A process id alone is
 * given again to others, and means something else on another host or in another container.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { threadId } from '../thread.ts';
import { hostId } from './host.ts';

/** `unknown`: of another host, container or thread, which cannot be asked. */
export type Presence = 'here' | 'gone' | 'self' | 'unknown';

let place: string | undefined;

/** `<kernel>:<pid namespace>:<start time>` of the caller: with its pid it names a process for good, whatever becomes of the clock. */
export function processPlace(): string {
  place ??= [hostId(), namespace(), startTime(process.pid) ?? ''].join(':');
  return place;
}

/** `<kernel>:<pid namespace>`: where a process id means the same as it does to the caller. A host's name does not tell: the containers of a pod share it. */
export function processSpace(): string {
  return spaceOf(processPlace());
}

/** `<kernel>:<pid namespace>:<pid>:<start time>:<thread>` of the caller, or of another thread of its process. */
export function processIdentity(thread = threadId): string {
  const [kernel, space, start] = processPlace().split(':');
  return [kernel, space, process.pid, start, thread].join(':');
}

/** Whether the process that called itself `identity` is there. */
export function presence(identity: string): Presence {
  if (identity === processIdentity()) return 'self';
  const [, , pid, start, thread] = identity.split(':');
  if (thread === undefined || spaceOf(identity) !== processSpace() || !/^\d+$/.test(pid ?? '')) return 'unknown';
  if (!isThere(Number(pid), start ?? '', Infinity)) return 'gone';
  return thread === '0' ? 'here' : 'unknown';
}

/**
 * Whether the process with this pid and {@link processPlace} is there; undefined where it cannot be asked. Where its
 * line does not say when it began (an older version's), it began at `by`, in epoch milliseconds, at the latest.
 */
export function isRunning(pid: number, place: string, by: number): boolean | undefined {
  if (!(pid > 0) || spaceOf(place) !== processSpace()) return undefined;
  return isThere(pid, place.split(':')[2] ?? '', by);
}

/** Milliseconds by which a time may be off: a start is known in whole hundredths, the boot in whole seconds, and clocks are corrected. */
const TOLERANCE = 3_000;

/** Its id may have been given again, to one with another start, or to one that began later. */
function isThere(pid: number, start: string, by: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    const fields = statOf(pid);
    if (hasEnded(fields)) return false;
    if (start !== '') return fields[19] === start;
    return by === Infinity || bootTime() + Number(fields[19]) * 10 <= by + TOLERANCE;
  } catch {
    return true;
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

/** Epoch milliseconds, by the clock as it is set now. */
function bootTime(): number {
  return Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]) * 1000;
}

function spaceOf(place: string): string {
  return place.split(':', 2).join(':');
}

/** From the third field on, the state; the start time is field 22. @throws where there is no `/proc`, or no such process */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
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
