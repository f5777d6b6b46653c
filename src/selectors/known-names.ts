/** What is kept of each name in this process: how it may be shown, and how its strategies have done. */
import { runtime } from '../runtime.ts';
import type { Tries } from './confidence.ts';
import { selectorName } from './selector-text.ts';
import { type SelectorSettings, selectorSettings } from './settings.ts';

export interface KnownName {
  /** As it may be recorded. */
  readonly shown: string;
  /** The same on numbers, or `(other)`. */
  readonly counted: string;
  /** Names of its spans: made once, since a text that is put together anew has to be copied and hashed anew. */
  readonly resolve: string;
  readonly attempt: string;
  /** By strategy. */
  readonly tries: Map<string, Tries>;
}

/** The one that was first is forgotten first. */
const MAX_NAMES = 2_000;
/** Stands for all names beyond those that the numbers tell apart: so the other attributes of theirs stay. */
const OTHERS = '(other)';
/** A name has about so many series: by what was done, strategy, outcome and error. */
const SERIES_OF_A_NAME = 5;
const DEFAULT_SERIES = 2_000;
let known = new Map<string, KnownName>();
const counted = new Set<string>();
let settings: SelectorSettings | undefined;

export function knownName(name: string): KnownName {
  const now = selectorSettings();
  if (now !== settings) {
    settings = now;
    known = new Map();
  }
  let found = known.get(name);
  if (found === undefined) {
    const shown = selectorName(name);
    found = { shown, counted: countedName(shown), resolve: `resolve ${shown}`, attempt: `attempt ${shown}`, tries: new Map() };
    const oldest = known.size >= MAX_NAMES ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    if (name.length <= 1024) known.set(name, found);
  }
  return found;
}

function countedName(shown: string): string {
  if (counted.has(shown)) return shown;
  if (counted.size >= (runtime()?.config.maxSeries ?? DEFAULT_SERIES) / SERIES_OF_A_NAME) return OTHERS;
  counted.add(shown);
  return shown;
}
