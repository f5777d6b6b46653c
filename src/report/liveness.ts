/**
 * What has become of a spawn that began and left no end: is the process that watched it still there?
 *
 * - Its runtime wrote its last line (`spoor.final`): it ended, and left the spawn behind: abandoned.
 * - On this host: abandoned when the process is gone, or when its id belongs to one that began after the spawn
 *   did. (A worker that was terminated within a living process cannot be told from one that lives: running.)
 * - On another host, or in another container (another pid namespace), nobody here can look: running during the
 *   hour after its start, then abandoned. (Lines of older versions tell a container by its `host.name` only.)
 */
import { hostname } from 'node:os';
import { ATTR } from '../conventions.ts';
import { runtimeId } from '../rollup/runtime-id.ts';
import { hostId } from '../store/host.ts';
import { HOUR_MS } from '../store/layout.ts';
import { CREATION_TOLERANCE, createdAt, processSpace } from '../store/process-identity.ts';
import type { PlainAttributes } from './otlp.ts';

export type Fate = 'running' | 'abandoned';

export interface Begun {
  /** Epoch milliseconds. */
  readonly start: number;
  /** Of the file that it stands in. */
  readonly host: string;
  readonly resource: PlainAttributes;
  readonly attributes?: PlainAttributes;
}

export class Liveness {
  readonly #now: number;
  readonly #finals: { has(runtime: string): boolean };
  readonly #here = processSpace();
  readonly #created = new Map<number, number | undefined>();

  /** @param finals - ids of the runtimes that have written their last line */
  constructor(finals: { has(runtime: string): boolean }, now = Date.now()) {
    this.#finals = finals;
    this.#now = now;
  }

  fate({ start, host, resource, attributes }: Begun): Fate {
    // Begun by `spoor spawn start`, which is gone by design.
    if (attributes?.[ATTR.SPAWN_ENDS_ELSEWHERE] === true) return 'running';
    if (this.#finals.has(String(runtimeId((key) => resource[key])))) return 'abandoned';
    const pid = Number(resource[ATTR.PROCESS_PID]);
    if (!this.#isHere(host, resource) || !(pid > 0)) {
      return this.#now - start < HOUR_MS ? 'running' : 'abandoned';
    }
    const created = this.#createdAt(pid);
    return created !== undefined && created <= start + CREATION_TOLERANCE ? 'running' : 'abandoned';
  }

  #isHere(host: string, resource: PlainAttributes): boolean {
    const space = resource[ATTR.PROCESS_SPACE];
    if (space !== undefined) return space === this.#here;
    const name = resource[ATTR.HOST_NAME];
    return host === hostId() && (name === undefined || name === hostname());
  }

  /** Epoch milliseconds at which the process began (0: not known); undefined when there is none. */
  #createdAt(pid: number): number | undefined {
    if (!this.#created.has(pid)) this.#created.set(pid, createdAt(pid));
    return this.#created.get(pid);
  }
}
