/**
 * A lock between processes, for a critical section of a few milliseconds. Synchronous.
 *
 * The lock is a symbolic link whose target names its holder: made, read and removed in one system call
 * each, so there is never a lock without a name on it. A dead holder's lock is removed by whoever gets the
 * lock on *removing that very lock* (its name ends with the holder's unique word). Only that one may remove
 * it, so nobody ever removes a lock that somebody else has taken meanwhile; and when the remover dies
 * itself, the same rule applies to its lock.
 */
import { lstatSync, readFileSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { steady } from '../clock.ts';
import { createWhole } from './create.ts';
import { presence, processIdentity } from './process-identity.ts';

/** Milliseconds that `withLock` waits for the lock when nothing else is said. */
const LOCK_WAIT = 5000;
/** So much longer it is waited where the lock goes from one to another meanwhile: then nothing hangs, many want it. */
const CROWD = 4;
/** A holder that cannot be asked (another container, a worker thread) is taken for dead after this many ms. */
const SILENT_FOR = 3000;

/** Whom we have waited for in vain: not again, or each call of the app would stop it for seconds. */
const hopeless = new Map<string, string>();
const cell = new Int32Array(new SharedArrayBuffer(4));
let count = 0;

/** True while the lock is still the caller's: ask just before the act that cannot be undone. */
export type Held = () => boolean;

/**
 * Runs `action` with the lock at `path`, which is gone afterwards.
 * @throws with code `ELOCKED` when somebody else, who is alive, holds it all of `wait` ms, or when others have it
 *   in turn for four times as long; what making a file in that directory throws; what `action` throws.
 */
export function withLock<T>(path: string, action: (held: Held) => T, wait = LOCK_WAIT): T {
  const holder = acquire(path, wait);
  try {
    return action(() => holderOf(path) === holder);
  } finally {
    if (holderOf(path) === holder) remove(path);
  }
}

function acquire(path: string, wait: number): string {
  // Below 60 characters a link's target is kept in the inode itself: ten times as fast.
  const me = `${processIdentity()}:${(++count).toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  const began = steady();
  const latest = began + CROWD * wait;
  let deadline = began + wait;
  let waitedFor: string | undefined;
  for (let attempt = 0; ; attempt++) {
    if (make(path, me)) {
      hopeless.delete(path);
      return me;
    }
    const holder = holderOf(path);
    const now = steady();
    if (holder !== undefined && holder !== waitedFor) {
      waitedFor = holder;
      deadline = Math.min(now + wait, latest);
    }
    const remaining = deadline - now;
    // Gone in between, most likely; a directory of that name would be here for ever.
    if (holder === undefined && remaining > 0) continue;
    if (holder !== undefined && isStale(path, holder)) {
      const word = holder.slice(holder.lastIndexOf(':') + 1).replace(/\W/g, '_').slice(-64);
      withLock(`${path}.${word}`, () => holderOf(path) === holder && remove(path), Math.max(remaining, 0));
      continue;
    }
    if (remaining <= 0 || holder === undefined || hopeless.get(path) === holder) {
      hopeless.set(path, holder ?? '');
      throw Object.assign(new Error(`${path} is held by another process (${holder ?? 'unknown'})`), { code: 'ELOCKED' });
    }
    Atomics.wait(cell, 0, 0, Math.random() * Math.min(0.3 * 2 ** attempt, 4));
  }
}

function isStale(path: string, holder: string): boolean {
  const who = presence(holder.slice(0, holder.lastIndexOf(':')));
  // We are synchronous: a lock of our own that is there now was left by a removal that failed.
  if (who === 'gone' || who === 'self') return true;
  if (who === 'here') return false;
  const made = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made > SILENT_FOR;
}

/** False when there is a lock already. */
function make(path: string, holder: string): boolean {
  try {
    symlinkSync(holder, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EROFS' || code === 'ENOSPC') throw error;
  }
  // No symbolic links here: a hard link to a file that is complete has the same properties.
  return createWhole(path, holder);
}

function holderOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  }
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, or the directory became read-only: the next one finds it stale.
  }
}
