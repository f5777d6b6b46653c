/** How far what a selector finds now is from what it found before: 0 the same, 1 nothing alike. */
import type { Fingerprint } from './fingerprint.ts';

/** How much each part says about being the same element: a test id is made for that, a text changes with the data. */
const WEIGHTS = { testId: 5, tag: 3, role: 3, classes: 2, text: 1.5, position: 1 } as const;

/**
 * The weighted share of the parts that differ, of those that both tell of. Symmetric. Undefined when they have no
 * part in common.
 */
export function driftBetween(before: Fingerprint, now: Fingerprint): number | undefined {
  let compared = 0;
  let differing = 0;
  for (const part of Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[]) {
    const difference = DIFFERENCE[part](before[part], now[part]);
    if (difference === undefined) continue;
    compared += WEIGHTS[part];
    differing += WEIGHTS[part] * difference;
  }
  return compared === 0 ? undefined : differing / compared;
}

/** The least drift from any of them; undefined when none can be compared. */
export function driftFrom(known: readonly Fingerprint[], now: Fingerprint): number | undefined {
  let least: number | undefined;
  for (const one of known) {
    const drift = driftBetween(one, now);
    if (drift !== undefined && (least === undefined || drift < least)) least = drift;
  }
  return least;
}

type Compare = (before: unknown, now: unknown) => number | undefined;

const whole: Compare = (before, now) => {
  if (before === undefined || now === undefined) return undefined;
  // Neither has one: that makes nothing alike.
  return before === null && now === null ? undefined : before === now ? 0 : 1;
};

const DIFFERENCE: Readonly<Record<keyof typeof WEIGHTS, Compare>> = {
  testId: whole,
  tag: whole,
  role: whole,
  text: whole,
  position: (before, now) => {
    if (typeof before !== 'number' || typeof now !== 'number') return undefined;
    // An element before it in the list is a small matter.
    return Math.min(1, Math.abs(before - now) / 4);
  },
  classes: (before, now) => {
    if (!Array.isArray(before) || !Array.isArray(now) || (before.length === 0 && now.length === 0)) return undefined;
    const shared = before.filter((name) => now.includes(name)).length;
    return 1 - shared / (before.length + now.length - shared);
  },
};
