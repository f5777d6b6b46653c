/**
 * What each selector has found before, and how far the present find is from it.
 *
 * A new look counts as drift until it was seen so often that it is what the selector finds now; until then the
 * finds before it are what it is compared with. In memory and, where spoor has files, in `.spoor/selectors/`:
 * written at most every 10 s and at exit, and only when something was learned, so usually not at all.
 */
import { join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { driftBetween, driftFrom } from './drift.ts';
import type { Fingerprint } from './fingerprint.ts';
import { changeLooks, type Look, type LooksBySelector, readLooks } from './fingerprint-file.ts';

/** Selectors kept; the one that was quiet longest is forgotten first. */
const MAX_SELECTORS = 2_000;
const MAX_LOOKS = 4;
/** Seen so often, a look is what the selector finds. */
const ESTABLISHED = 10;
/** Nearer than this, it is the same look: the text or the neighbours of a list change all the time. */
const SAME = 0.15;
const SAVE_EVERY = 10_000;
/** Milliseconds that the app may stand still because another process writes: in the middle of its work there is a next time. */
const PATIENCE = 20;
const LAST_PATIENCE = 500;
const DAY = 86_400_000;

interface Known {
  day: number;
  looks: (Look & { times: number; unsaved: number })[];
}

export interface KnownOptions {
  /** The `.spoor` directory; undefined: in memory only. */
  readonly directory: string | undefined;
  readonly onFault?: (error: unknown) => void;
  readonly onSetAside?: (name: string) => void;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

export class KnownFingerprints {
  readonly #options: KnownOptions;
  readonly #now: () => number;
  readonly #path: string | undefined;
  #known: Map<string, Known> | undefined;
  /** Those that the file does not know all of. */
  readonly #learned = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KnownOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#path = options.directory === undefined ? undefined : join(options.directory, 'selectors', 'fingerprints.json');
  }

  /** Drift of this find from those before, 0 to 1, and keeps it. Undefined when there is nothing to compare with. */
  observe(selector: string, fingerprint: Fingerprint): number | undefined {
    const all = (this.#known ??= this.#load());
    const day = Math.floor(this.#now() / DAY);
    const known = all.get(selector);
    if (known === undefined) {
      const first = all.size >= MAX_SELECTORS ? all.keys().next().value : undefined;
      if (first !== undefined) this.#forget(all, first);
      all.set(selector, { day, looks: [{ fingerprint, times: 1, unsaved: 1 }] });
      this.#learn(selector);
      return undefined;
    }
    const drift = driftFrom(usual(known.looks), fingerprint);
    const same = known.looks.find((look) => (driftBetween(look.fingerprint, fingerprint) ?? 1) < SAME);
    if (same === undefined) {
      makeRoom(known.looks);
      known.looks.push({ fingerprint, times: 1, unsaved: 1 });
      this.#learn(selector);
    } else if (same.times < ESTABLISHED) {
      same.times++;
      same.unsaved++;
      this.#learn(selector);
    }
    if (known.day !== day) {
      known.day = day;
      all.delete(selector);
      all.set(selector, known);
      this.#learn(selector);
    }
    return drift;
  }

  /** Writes what was learned, if anything was. True when nothing is left to be written. Never throws. @param last there is no next time */
  save({ last = false } = {}): boolean {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const all = this.#known;
    if (all === undefined || this.#path === undefined || this.#learned.size === 0) return true;
    try {
      let merged: LooksBySelector = new Map();
      const aside = changeLooks(this.#path, this.#options.directory!, last ? LAST_PATIENCE : PATIENCE, (held) => (merged = this.#merge(held, all)));
      this.#learned.clear();
      this.#known = fromFile(merged);
      if (aside !== undefined) this.#options.onSetAside?.(aside);
      return true;
    } catch (error) {
      if (last || (error as NodeJS.ErrnoException).code !== 'ELOCKED') this.#options.onFault?.(error);
      else this.#arm();
      return false;
    }
  }

  #merge(held: LooksBySelector, all: ReadonlyMap<string, Known>): LooksBySelector {
    for (const selector of this.#learned) {
      const ours = all.get(selector);
      if (ours === undefined) continue;
      const theirs = held.get(selector);
      const looks = (theirs?.looks ?? []).map((look) => ({ ...look, unsaved: 0 }));
      for (const look of ours.looks) {
        const same = looks.find(({ fingerprint }) => (driftBetween(fingerprint, look.fingerprint) ?? 1) < SAME);
        if (same !== undefined) same.times = Math.min(ESTABLISHED, same.times + look.unsaved);
        else if (look.unsaved > 0 || theirs === undefined) {
          makeRoom(looks);
          looks.push({ ...look });
        }
      }
      held.delete(selector);
      held.set(selector, { day: Math.max(ours.day, theirs?.day ?? 0), looks: looks.map(({ fingerprint, times }) => ({ fingerprint, times })) });
    }
    const byDay = [...held].sort((a, b) => a[1].day - b[1].day);
    return new Map(byDay.slice(-MAX_SELECTORS));
  }

  #load(): Map<string, Known> {
    try {
      if (this.#path !== undefined) return fromFile(readLooks(this.#path));
    } catch (error) {
      this.#options.onFault?.(error);
    }
    return new Map();
  }

  #learn(selector: string): void {
    this.#learned.add(selector);
    if (this.#path !== undefined) this.#arm();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => this.save(), SAVE_EVERY).unref();
  }

  #forget(all: Map<string, Known>, selector: string): void {
    all.delete(selector);
    this.#learned.delete(selector);
  }
}

/** The looks to compare with. Before any is established: the first. */
function usual(looks: Known['looks']): Fingerprint[] {
  const established = looks.filter(({ times }) => times >= ESTABLISHED);
  return (established.length > 0 ? established : looks.slice(0, 1)).map(({ fingerprint }) => fingerprint);
}

/** The look that was seen least gives up its place; of those seen equally often, the oldest. */
function makeRoom(looks: Known['looks']): void {
  if (looks.length < MAX_LOOKS) return;
  let least = 0;
  for (let i = 1; i < looks.length; i++) if (looks[i]!.times < looks[least]!.times) least = i;
  looks.splice(least, 1);
}

function fromFile(looks: LooksBySelector): Map<string, Known> {
  return new Map([...looks].slice(-MAX_SELECTORS).map(([selector, { day, looks: list }]) => [selector, { day, looks: list.map((look) => ({ ...look, unsaved: 0 })) }]));
}
