/**
 * What has become of a spawn that began and left no end: is the process that watched it still there?
 *
 * - Its runtime wrote its last line (`spoor.final`): it ended, and left the spawn behind: abandoned.
 * - On this host: abandoned when the process is gone, or when its id belongs to another one by now. (A worker that was
 *   terminated within a living process cannot be told from one that lives: running.)
 * - On another host, or in another container (another pid namespace), nobody here can look: running during the
 *   hour after its start, then abandoned. (Lines of older versions tell a container by its `host.name` only.)
 */
import { hostname } from 'node:os';
import { ATTR } from '../conventions.ts';
import { runtimeId } from '../rollup/runtime-id.ts';
import { hostId } from '../store/host.ts';
import { HOUR_MS } from '../store/layout.ts';
import { isRunning, processSpace } from '../store/process-identity.ts';
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

  /** @param finals - ids of the runtimes that have written their last line */
  constructor(finals: { has(runtime: string): boolean }, now = Date.now()) {
    this.#finals = finals;
    this.#now = now;
  }

  fate({ start, host, resource, attributes }: Begun): Fate {
    // Begun by `spoor spawn start`, which is gone by design.
    if (attributes?.[ATTR.SPAWN_ENDS_ELSEWHERE] === true) return 'running';
    if (this.#finals.has(String(runtimeId((key) => resource[key])))) return 'abandoned';
    const isThere = isRunning(Number(resource[ATTR.PROCESS_PID]), placeOf(host, resource), start);
    return (isThere ?? this.#now - start < HOUR_MS) ? 'running' : 'abandoned';
  }
}

function placeOf(host: string, resource: PlainAttributes): string {
  const place = resource[ATTR.PROCESS_SPACE];
  if (place !== undefined) return String(place);
  const name = resource[ATTR.HOST_NAME];
  return host === hostId() && (name === undefined || name === hostname()) ? processSpace() : '';
}
