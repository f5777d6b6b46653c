/**
 * One number for how well a selector does, from 0 to 100, with the parts that it is made of. For ranking: it says
 * which to look at first. Below a minimum of operations it abstains; what is dead has none.
 */
import type { SelectorStats } from './selector-stats.ts';
import { wilson } from './wilson.ts';

/** Fewer operations say nothing. */
export const MIN_OPERATIONS = 20;
/** So much slower than before is no finding yet. */
const TOLERANCE = 1.25;

/** Each from 0 to 1, 1 is well; undefined where nothing is known of it: then it does not count. */
export interface HealthParts {
  /** Lower end of the interval of the share that found it: few operations cannot be perfect. */
  readonly success: number | undefined;
  /** Share found by the first strategy. */
  readonly fallback: number | undefined;
  /** 1 less the mean drift. */
  readonly drift: number | undefined;
  /** p95 of before, divided by p95 now; a quarter slower is as before. */
  readonly speed: number | undefined;
  /** Share that was not ambiguous. */
  readonly uniqueness: number | undefined;
}

export const WEIGHTS: Readonly<Record<keyof HealthParts, number>> = { success: 0.45, fallback: 0.2, drift: 0.15, speed: 0.1, uniqueness: 0.1 };

export interface Health {
  /** 0: dead. Undefined: too few operations. */
  readonly score: number | undefined;
  readonly parts: HealthParts;
}

export function healthOf(stats: SelectorStats): Health {
  const parts = partsOf(stats);
  if (stats.isDead) return { score: 0, parts };
  if (stats.comparable < MIN_OPERATIONS) return { score: undefined, parts };
  let weights = 0;
  let sum = 0;
  for (const part of Object.keys(WEIGHTS) as (keyof HealthParts)[]) {
    const value = parts[part];
    if (value === undefined) continue;
    weights += WEIGHTS[part];
    sum += WEIGHTS[part] * value;
  }
  return { score: weights === 0 ? undefined : (100 * sum) / weights, parts };
}

function partsOf({ comparable, found, completed, fallbacks, drift, durations, before, ambiguous }: SelectorStats): HealthParts {
  const canCompare = durations.count >= MIN_OPERATIONS && before.count >= MIN_OPERATIONS;
  return {
    success: wilson(found, comparable)?.low,
    fallback: completed === 0 ? undefined : 1 - Math.min(1, fallbacks / completed),
    drift: drift.count === 0 ? undefined : 1 - Math.min(1, drift.sum / drift.count),
    speed: canCompare ? Math.min(1, (TOLERANCE * before.quantile(0.95)) / durations.quantile(0.95)) : undefined,
    uniqueness: comparable === 0 ? undefined : 1 - Math.min(1, ambiguous / comparable),
  };
}

export type Finding = 'dead' | 'failing' | 'action failing' | 'found, but something else' | 'falling back' | 'ambiguous' | 'slower' | 'too few';

/** What is wrong with it, the worst first; nothing: it is healthy. Said only where the interval leaves no doubt. */
export function findingsOf(stats: SelectorStats): Finding[] {
  const { comparable, found, completed, fallbacks, ambiguous, drift, elsewhere } = stats;
  const findings: Finding[] = [];
  if (stats.isDead) findings.push('dead');
  else if ((wilson(found, comparable)?.high ?? 1) < 0.95) findings.push('failing');
  if ((wilson(completed, found)?.high ?? 1) < 0.95) findings.push('action failing');
  if (elsewhere >= 3 || (elsewhere > 0 && elsewhere / drift.count >= 0.1)) findings.push('found, but something else');
  if ((wilson(Math.min(fallbacks, completed), completed)?.low ?? 0) > 0.1) findings.push('falling back');
  if ((wilson(Math.min(ambiguous, comparable), comparable)?.low ?? 0) > 0.05) findings.push('ambiguous');
  const { speed } = partsOf(stats);
  if (speed !== undefined && speed < 0.8) findings.push('slower');
  if (findings.length === 0 && comparable < MIN_OPERATIONS) findings.push('too few');
  return findings;
}
