/** How the sending of a directory stands, for who only looks (`spoor doctor`, `spoor run`): nothing is changed. */
import { readFileSync, statSync } from 'node:fs';
import { leftOf } from './backlog.ts';
import { oldestLine } from './backlog-file.ts';
import { Lease, type LeaseHolder } from './lease.ts';
import { isTime } from './lease-file.ts';
import { setAsidePath, statePath, statusPath, type ShippedSignal } from './paths.ts';
import type { SendingFacts, StatusFile } from './report.ts';
import { peekState, whatFollows } from './state.ts';

export interface SignalStatus {
  /** Bytes of lines that the backend has not acknowledged. */
  readonly unsentBytes: number;
  /** Epoch milliseconds: since when the oldest of them waits. */
  readonly unsentSince: number | undefined;
  /** What the last holder knew; undefined when nobody ever sent from here. Its `trouble` is what the last send said. */
  readonly last: SendingFacts | undefined;
  /** What is known of what was sent cannot be used: the file, and what follows from that. */
  readonly corrupt: { readonly path: string; readonly follows: string } | undefined;
}

export interface ShipStatus {
  /** Who holds the lease; undefined: nobody sends now. */
  readonly holder: LeaseHolder | undefined;
  readonly traces: SignalStatus;
  readonly metrics: SignalStatus;
  /** Where lines are that will never be sent, if there are any. */
  readonly setAside: { readonly path: string; readonly bytes: number } | undefined;
}

/** @throws what the file system says, of a directory that nobody lets this process into */
export function shipStatus(directory: string): ShipStatus {
  const file = readStatusFile(directory);
  const path = setAsidePath(directory);
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    holder: new Lease(directory).holder(),
    traces: signalStatus(directory, 'traces', file?.traces),
    metrics: signalStatus(directory, 'metrics', file?.metrics),
    setAside: bytes > 0 ? { path, bytes } : undefined,
  };
}

export function readStatusFile(directory: string): StatusFile | undefined {
  try {
    const { version, traces, metrics } = JSON.parse(readFileSync(statusPath(directory), 'utf8')) as Partial<Record<keyof StatusFile, unknown>>;
    return version === 1 ? { version, ...(areFacts(traces) && { traces }), ...(areFacts(metrics) && { metrics }) } : undefined;
  } catch {
    return undefined;
  }
}

/** What stands in a file may be anything: who shows it makes dates of the times. */
function areFacts(value: unknown): value is SendingFacts {
  const { url, sent, lastSuccess, at, trouble } = Object(value) as Partial<Record<keyof SendingFacts, unknown>>;
  const { kind, said, at: since, retryAt } = Object(trouble ?? {}) as Partial<Record<string, unknown>>;
  const areTimes = [lastSuccess, at, retryAt, since].every((time) => time === undefined || isTime(time));
  return areTimes && typeof url === 'string' && typeof sent === 'number' && (trouble === undefined || (typeof kind === 'string' && typeof said === 'string' && since !== undefined));
}

function signalStatus(directory: string, signal: ShippedSignal, last: SendingFacts | undefined): SignalStatus {
  const state = peekState(directory, signal);
  const { positions = {}, acknowledged } = state === undefined || state === 'corrupt' ? {} : state;
  const { bytes, oldest } = leftOf(directory, signal === 'traces' ? 'traces' : 'rollups', acknowledged ?? positions);
  return { unsentBytes: bytes, unsentSince: oldest && oldestLine(oldest), last, corrupt: state === 'corrupt' ? { path: statePath(directory, signal), follows: whatFollows(signal) } : undefined };
}
