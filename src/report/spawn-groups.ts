/** Adds up spawns by what was spawned: executable (or worker, or agent), role and model. */
import { ATTR } from '../conventions.ts';
import { ExponentialHistogram } from '../rollup/exponential-histogram.ts';
import { type PlainAttributes, text } from './otlp.ts';
import type { Fate } from './liveness.ts';

export interface What {
  readonly kind: 'process' | 'worker' | 'agent' | 'other';
  readonly executable: string | undefined;
  readonly role: string | undefined;
  readonly model: string | undefined;
}

/** How one ended: an abandoned one neither succeeded nor failed, and `blocked` is no error. */
export type Verdict = 'succeeded' | 'failed' | 'blocked' | 'abandoned';

export class SpawnGroup {
  readonly what: What;
  succeeded = 0;
  failed = 0;
  blocked = 0;
  abandoned = 0;
  running = 0;
  readonly errors = new Map<string, number>();
  /** Seconds, of all that ended by themselves. */
  readonly durations = new ExponentialHistogram();

  constructor(what: What) {
    this.what = what;
  }

  get ended(): number {
    return this.succeeded + this.failed + this.blocked;
  }
}

export class SpawnGroups {
  readonly #groups = new Map<string, SpawnGroup>();

  /** Ended spawns of one series: a histogram of seconds, or one duration. */
  add(attributes: PlainAttributes, durations: ExponentialHistogram | number): void {
    const group = this.#group(attributes);
    const verdict = verdictOf(attributes);
    const count = typeof durations === 'number' ? 1 : durations.count;
    group[verdict] += count;
    if (verdict === 'abandoned') return;
    if (verdict === 'failed') {
      const type = errorType(attributes) ?? 'failed';
      group.errors.set(type, (group.errors.get(type) ?? 0) + count);
    }
    if (typeof durations === 'number') group.durations.record(durations);
    else group.durations.merge(durations);
  }

  /** One that has not ended. */
  open(attributes: PlainAttributes, fate: Fate): void {
    this.#group(attributes)[fate]++;
  }

  /** Those with most spawns first. */
  list(): SpawnGroup[] {
    return [...this.#groups.values()].sort((a, b) => total(b) - total(a) || compare(label(a.what), label(b.what)));
  }

  #group(attributes: PlainAttributes): SpawnGroup {
    const what = whatOf(attributes);
    const key = JSON.stringify([what.kind, what.executable, what.role, what.model]);
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = new SpawnGroup(what)));
    return group;
  }
}

export function whatOf(attributes: PlainAttributes): What {
  const kind = attributes[ATTR.SPAWN_KIND];
  return {
    kind: attributes[ATTR.METRIC_OVERFLOW] === true ? 'other' : kind === 'worker' || kind === 'agent' ? kind : 'process',
    executable: text(attributes[ATTR.PROCESS_EXECUTABLE_NAME]),
    role: text(attributes[ATTR.SPAWN_ROLE]),
    model: text(attributes[ATTR.GEN_AI_REQUEST_MODEL]),
  };
}

/** The name that a person is shown. */
export function label({ kind, executable }: What): string {
  return executable ?? (kind === 'process' ? '(unknown)' : kind === 'other' ? '(all others)' : `(${kind})`);
}

export function verdictOf(attributes: PlainAttributes): Verdict {
  const outcome = attributes[ATTR.SPAWN_OUTCOME];
  if (outcome === 'abandoned' || outcome === 'blocked') return outcome;
  return outcome === 'failed' || errorType(attributes) !== undefined ? 'failed' : 'succeeded';
}

export function errorType(attributes: PlainAttributes): string | undefined {
  return text(attributes[ATTR.ERROR_TYPE]);
}

function total(group: SpawnGroup): number {
  return group.ended + group.abandoned + group.running;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
