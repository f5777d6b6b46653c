/**
 * Who sends: one of all the processes, containers and hosts that share a directory.
 *
 * Leases are files `ship/lease.<n>`; the one with the highest number holds. It is taken by making the next
 * number, which only one can do, and given back by setting its time to 0. The highest is never deleted, so a
 * number is never used again. A holder is gone when its process is (the same kernel and pid namespace: asked of
 * the kernel, start time included, because pids are used again), else when its heartbeat, the file's time, has
 * stood still for {@link LEASE_TTL} on the observer's own monotonic clock. Clocks are not compared, but for a
 * heartbeat so old that no two clocks differ by it.
 */
import { utimesSync, type Stats } from 'node:fs';
import { now as clock, steady } from '../clock.ts';
import { makeDirectory, prepareDirectory } from '../store/layout.ts';
import { presence, processIdentity } from '../store/process-identity.ts';
import { epochs, findLease, leasePath, makeLease, readLease, removeLease } from './lease-file.ts';
import { shipDirectory } from './paths.ts';

/** Milliseconds that a heartbeat may stand still. */
export const LEASE_TTL = 15_000;
/** How often a holder must call {@link Lease.beat}. */
export const LEASE_BEAT = 3_000;
/** Milliseconds that no two clocks differ by: a heartbeat that old is not watched first. */
const LONG_AGO = 5 * 60_000;

export interface LeaseHolder {
  /** Number of the lease: it grows each time that another one takes it. */
  readonly epoch: number;
  /** Process id, in its own container. */
  readonly pid: number | undefined;
  readonly host: string | undefined;
  /** Epoch milliseconds. */
  readonly since: number | undefined;
  /** Epoch milliseconds, by the holder's clock. */
  readonly heartbeat: number;
}

export class Lease {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #directory: string;
  #epoch: number | undefined;
  /** The file that is held: another directory that comes in the place of this one has leases of the same names. */
  #file: Stats | undefined;
  /** The heartbeat that was seen last, and since when, on our own monotonic clock. */
  #seen: { readonly epoch: number; readonly heartbeat: number; readonly at: number } | undefined;

  /** @param now a monotonic clock in milliseconds */
  constructor(directory: string, now = steady) {
    this.#directory = directory;
    this.#now = now;
    this.#folder = shipDirectory(directory);
  }

  /** Who holds it, as far as one can know; undefined when it is free to be taken. */
  holder(): LeaseHolder | undefined {
    return this.#look().holder;
  }

  /** Takes it if it is free. False: somebody else holds it. @throws what the file system says */
  take(): boolean {
    const { highest, holder } = this.#look();
    if (holder !== undefined) return false;
    const epoch = highest + 1;
    prepareDirectory(this.#directory);
    makeDirectory(this.#folder);
    if (!makeLease(this.#path(epoch))) return false;
    // Whoever looked long ago may make a number that was held and passed on meanwhile.
    if (epochs(this.#folder).at(-1) !== epoch) {
      removeLease(this.#path(epoch));
      return false;
    }
    for (const older of epochs(this.#folder)) if (older < epoch) removeLease(this.#path(older));
    this.#epoch = epoch;
    this.#file = findLease(this.#path(epoch));
    return this.held;
  }

  /** Whether this one still holds it. Ask before every act that only the holder may do. */
  get held(): boolean {
    const epoch = this.#epoch;
    if (epoch === undefined) return false;
    // The next holder makes its own file before it deletes this one.
    const file = findLease(this.#path(epoch));
    const held = file !== undefined && file.ino === this.#file?.ino && file.dev === this.#file.dev && findLease(this.#path(epoch + 1)) === undefined;
    if (!held) this.#epoch = undefined;
    return held;
  }

  /** Says that the holder lives. */
  beat(): void {
    if (!this.held) return;
    try {
      const now = clock() / 1000;
      utimesSync(this.#path(this.#epoch!), now, now);
    } catch {
      // A disk that became read-only: the others will take over.
    }
  }

  /** Gives it back: the next one need not wait. */
  release(): void {
    if (!this.held) return;
    try {
      utimesSync(this.#path(this.#epoch!), 0, 0);
    } catch {
      // They find the process gone.
    }
    this.#epoch = undefined;
  }

  /** Gives back what a thread of this process held that was ended: of a process that lives on nobody else can know. */
  releaseOf(thread: number): void {
    const path = this.#path(epochs(this.#folder).at(-1) ?? 0);
    if (readLease(path).identity !== processIdentity(thread)) return;
    try {
      utimesSync(path, 0, 0);
    } catch {
      // Its heartbeat stands still.
    }
  }

  #look(): { readonly highest: number; readonly holder: LeaseHolder | undefined } {
    const highest = epochs(this.#folder).at(-1) ?? 0;
    const path = this.#path(highest);
    const heartbeat = Math.round(findLease(path)?.mtimeMs ?? 0);
    if (heartbeat === 0) return { highest, holder: undefined };
    const said = readLease(path);
    const who = presence(said.identity);
    const isGone = who === 'gone' || (who === 'self' && this.#epoch !== highest) || this.#hasStopped(highest, heartbeat);
    return { highest, holder: isGone ? undefined : { epoch: highest, pid: said.pid, host: said.host, since: said.since, heartbeat } };
  }

  #hasStopped(epoch: number, heartbeat: number): boolean {
    const now = this.#now();
    if (this.#seen?.epoch !== epoch || this.#seen.heartbeat !== heartbeat) this.#seen = { epoch, heartbeat, at: now };
    return now - this.#seen.at >= LEASE_TTL || clock() - heartbeat > LONG_AGO;
  }

  #path(epoch: number): string {
    return leasePath(this.#folder, epoch);
  }
}
