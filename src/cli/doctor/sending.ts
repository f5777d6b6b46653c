/** What waits to be sent, what the last send said, and who sends. */
import { statSync } from 'node:fs';
import type { Config } from '../../config.ts';
import { hourFiles, type Signal } from '../../store/layout.ts';
import { shippedSignals } from '../../ship/endpoints.ts';
import { shipStatus, type ShipStatus } from '../../ship/status.ts';
import type { ShippedSignal } from '../../ship/paths.ts';
import { bytes } from '../bytes.ts';
import type { Check } from './check.ts';

const WORDS: Readonly<Record<ShippedSignal, string>> = { traces: 'spans', metrics: 'numbers' };
/** Milliseconds that something may wait while all is well: numbers go every 10 s, and a request may have to be tried again. */
const PATIENCE = 60_000;

export function checkRecorded({ directory }: Config): Check {
  const files = (['traces', 'rollups', 'starts'] as const satisfies readonly Signal[]).flatMap((signal) => hourFiles(directory, signal));
  const found = files.flatMap(({ path }) => statSync(path, { throwIfNoEntry: false }) ?? []);
  const size = found.reduce((sum, one) => sum + one.size, 0);
  const last = found.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0);
  const facts = { directory, bytes: size, last_written: iso(last || undefined) };
  if (found.length === 0) return { name: 'recorded', state: 'note', says: `nothing has been recorded in ${directory} yet`, facts };
  return { name: 'recorded', state: 'ok', says: `${bytes(size)} recorded in ${directory}, the last ${ago(last)}`, facts };
}

/** Of a directory that nobody sends from there is nothing to say. */
export function checkSending(config: Config): Check[] {
  const { directory } = config;
  const status = shipStatus(directory);
  const signals = shippedSignals(config);
  if (signals.length === 0 && status.traces.last === undefined && status.metrics.last === undefined) return [];
  return [checkHolder(status), ...(['traces', 'metrics'] as const).filter((signal) => signals.includes(signal) || status[signal].last !== undefined).flatMap((signal) => checkSignal(signal, status)), ...checkAside(status)];
}

function checkHolder({ holder }: ShipStatus): Check {
  if (holder === undefined) return { name: 'lease', state: 'ok', says: 'nobody is sending now: the next traced program does, or `spoor ship`', facts: { held: false } };
  const who = holder.pid === undefined ? 'a process that cannot be named' : `process ${holder.pid}${holder.host === undefined ? '' : ` on ${holder.host}`}`;
  const since = holder.since === undefined ? '' : `, since ${iso(holder.since)}`;
  return { name: 'lease', state: 'ok', says: `${who} is sending${since}`, facts: { held: true, pid: holder.pid, host: holder.host, since: iso(holder.since), heartbeat: iso(holder.heartbeat) } };
}

function checkSignal(signal: ShippedSignal, status: ShipStatus): Check[] {
  const { unsentBytes, unsentSince, last, corrupt } = status[signal];
  const waits = unsentSince === undefined ? 0 : Date.now() - unsentSince;
  const facts = { unsent_bytes: unsentBytes, unsent_since: iso(unsentBytes > 0 ? unsentSince : undefined) };
  const name = `unsent.${signal}`;
  const what = WORDS[signal];
  const size = unsentBytes === 0 ? '' : `${bytes(unsentBytes)} of ${what} wait to be sent${unsentSince === undefined ? '' : `, the oldest since ${iso(unsentSince)}`}`;
  const unsent: Check =
    unsentBytes === 0
      ? { name, state: 'ok', says: `all ${what} are sent`, facts }
      : { name, state: waits > PATIENCE ? 'problem' : 'ok', says: size, ...(waits > PATIENCE && { advice: status.holder === undefined ? '`spoor ship` sends them' : 'see what the last send said' }), facts };
  return [unsent, ...(last === undefined ? [] : [checkLast(signal, last)]), ...(corrupt === undefined ? [] : [checkState(signal, corrupt)])];
}

function checkLast(signal: ShippedSignal, { url, lastSuccess, trouble }: NonNullable<ShipStatus['traces']['last']>): Check {
  const name = `last.${signal}`;
  const facts = { url, last_success: iso(lastSuccess), ...(trouble && { said: trouble.said, at: iso(trouble.at), retry_at: iso(trouble.retryAt) }) };
  const success = lastSuccess === undefined ? `nothing was ever taken by ${url}` : `${url} took ${WORDS[signal]} ${ago(lastSuccess)}`;
  if (trouble === undefined) return { name, state: 'ok', says: success, facts };
  const again = trouble.retryAt === undefined ? '' : `, tried again at ${iso(trouble.retryAt)}`;
  return { name, state: 'problem', says: `the last send of ${WORDS[signal]} (${ago(trouble.at)}) failed: ${trouble.said}${again}; ${success}`, facts };
}

function checkState(signal: ShippedSignal, { path, follows }: NonNullable<ShipStatus['traces']['corrupt']>): Check {
  return { name: `state.${signal}`, state: 'problem', says: `${path} is corrupt: who sends next sets it aside, and ${follows}`, advice: 'put it back from a copy, if there is one, before anything is sent', facts: { path } };
}

function checkAside({ setAside }: ShipStatus): Check[] {
  if (setAside === undefined) return [];
  return [{ name: 'set_aside', state: 'note', says: `${bytes(setAside.bytes)} of lines that the backend refuses for good are in ${setAside.path}`, advice: 'look at them, then delete the file', facts: { ...setAside } }];
}

function iso(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

function ago(time: number): string {
  const seconds = Math.max(0, Math.round((Date.now() - time) / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min ago` : `on ${iso(time)}`;
}
