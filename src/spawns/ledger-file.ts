/** The ledger's file: read, kept in memory while it stays the same, changed under a lock and replaced whole. */
import { closeSync, lstatSync, openSync, readFileSync, readlinkSync, realpathSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import { makeDirectory, prepareDirectory } from '../store/layout.ts';
import { type Held, withLock } from '../store/lock.ts';
import { replaceFile } from '../store/replace.ts';
import { LedgerBytes } from './ledger-bytes.ts';
import { type Known, forget, knownAs, remember, statsOf } from './ledger-known.ts';
import { MAX_ROUTING_DECISIONS, type RoutingDecision, type Telemetry, asTelemetry, emptyTelemetry } from './ledger-schema.ts';

/** A change in memory, of a ledger that is read and locked. False: there is nothing to write. */
export type Change = (ledger: Ledger) => boolean;

export interface Ledger {
  readonly telemetry: Telemetry;
  push(decision: RoutingDecision): void;
  /** The decision at `index` has changed. */
  changed(index: number): void;
}

/** What the file holds; an empty ledger where there is none. Not to be changed by the caller. Sets a corrupt file aside. */
export function readLedger(given: string): Telemetry {
  const path = fileOf(given);
  const found = load(path);
  if (found === 'corrupt') {
    withLock(lockOf(path), () => load(path) === 'corrupt' && setAside(path));
    return emptyTelemetry();
  }
  return found?.telemetry ?? emptyTelemetry();
}

/**
 * Changes the ledger: the file is current when this returns. False when `change` had nothing to write, or there
 * is no ledger and `create` is false. @throws what the disk says
 */
export function changeLedger(given: string, change: Change, create = true): boolean {
  const path = fileOf(given);
  if (!create && statSync(path, { throwIfNoEntry: false }) === undefined) return false;
  return locked(path, (held) => {
    const before = loadToChange(path);
    const telemetry = before?.telemetry ?? emptyTelemetry();
    const bytes = before?.bytes ?? new LedgerBytes([]);
    const { routing_decisions: decisions } = telemetry;
    try {
      const ledger: Ledger = {
        telemetry,
        push(decision) {
          decisions.push(decision);
          if (decisions.length > MAX_ROUTING_DECISIONS) decisions.splice(0, decisions.length - MAX_ROUTING_DECISIONS);
          bytes.push(decision);
        },
        changed: (index) => bytes.replace(index, decisions[index]!),
      };
      if (!change(ledger)) return false;
      write(path, telemetry, bytes, held);
      return true;
    } catch (error) {
      // What is in memory is no longer what is on disk.
      forget(path);
      throw error;
    }
  });
}

/** Puts `telemetry` in the place of what is there. */
export function replaceLedger(given: string, telemetry: Telemetry): void {
  const path = fileOf(given);
  locked(path, (held) => {
    if (load(path) === 'corrupt') setAside(path);
    write(path, telemetry, new LedgerBytes(telemetry.routing_decisions), held);
  });
}

/** Where a link leads, also to no file (yet): who come to one file by links of their own must meet at one lock. */
function fileOf(path: string): string {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return path;
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const target = readlinkSync(path);
  // Not by `join`: a `..` after a linked directory is above where that leads.
  return fileOf(isAbsolute(target) ? target : `${dirname(path)}/${target}`);
}

function write(path: string, telemetry: Telemetry, bytes: LedgerBytes, held: Held): void {
  telemetry.last_updated = new Date().toISOString();
  const chunks = [Buffer.from(`${headOf(telemetry)},"routing_decisions":[\n`), bytes.content, Buffer.from('\n]}\n')];
  const descriptor = replaceFile(path, chunks, { alone: true, confirm: held });
  remember(path, { telemetry, bytes, descriptor, stats: statsOf(descriptor) });
}

function headOf(telemetry: Telemetry): string {
  const { routing_decisions: _, ...rest } = telemetry;
  return JSON.stringify(rest).slice(0, -1);
}

/** With its bytes. What can be read and not be written again, being nested too deep, is corrupt too. */
function loadToChange(path: string): Known | undefined {
  const found = load(path);
  if (found === 'corrupt') return setAside(path);
  if (found === undefined || found.bytes !== undefined) return found;
  try {
    headOf(found.telemetry);
    found.bytes = new LedgerBytes(found.telemetry.routing_decisions);
    return found;
  } catch {
    return setAside(path);
  }
}

function load(path: string): Known | 'corrupt' | undefined {
  const there = statSync(path, { bigint: true, throwIfNoEntry: false });
  const last = knownAs(path, there);
  if (last !== undefined) return last;
  if (there === undefined) return undefined;
  // Opening a pipe would stop the app until somebody writes to it.
  if (!there.isFile()) throw Object.assign(new Error(`${path} is not a file`), { code: 'EINVAL' });
  const descriptor = openSync(path, 'r');
  let kept = false;
  try {
    const stats = statsOf(descriptor);
    const telemetry = parse(readFileSync(descriptor, 'utf8'));
    if (telemetry === undefined) return 'corrupt';
    kept = true;
    return remember(path, { telemetry, descriptor, stats });
  } finally {
    if (!kept) closeSync(descriptor);
  }
}

function parse(text: string): Telemetry | undefined {
  try {
    return asTelemetry(JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text));
  } catch {
    return undefined;
  }
}

/** Nothing is lost: who repairs it by hand finds it beside the new one. */
function setAside(path: string): undefined {
  const time = new Date().toISOString().replaceAll(':', '-');
  let name = `${path}.corrupt-${time}`;
  for (let copy = 2; statSync(name, { throwIfNoEntry: false }) !== undefined; copy++) name = `${path}.corrupt-${time}-${copy}`;
  renameSync(path, name);
  onSetAside(name);
}

let onSetAside: (name: string) => void = () => {};
/** Tells where a corrupt file went. */
export function whenSetAside(listener: (name: string) => void): void {
  onSetAside = listener;
}

function lockOf(path: string): string {
  return `${path}.lock`;
}

function locked<T>(path: string, action: (held: Held) => T): T {
  try {
    return withLock(lockOf(path), action);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const directory = dirname(path);
  if (basename(directory) === '.spoor') prepareDirectory(directory);
  else makeDirectory(directory);
  return withLock(lockOf(path), action);
}
