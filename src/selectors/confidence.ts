/**
 * How sure it is that the right element was found, where the app does not say it itself:
 * weight of the strategy × uniqueness × how often the strategy has found this selector so far. Always labelled
 * `estimated`; it orders strategies and shows a change, and is no probability.
 */

/** By the usual names of strategies: how well what they look for stands for one element. */
const WEIGHTS: Readonly<Record<string, number>> = {
  testid: 0.95, id: 0.9, role: 0.9, label: 0.85, aria: 0.85, name: 0.75, placeholder: 0.75, alt: 0.75, title: 0.7, text: 0.7, css: 0.6, xpath: 0.5, vision: 0.5, position: 0.3,
};
const OTHER_WEIGHT = 0.6;

const MAX_STRATEGIES = 32;

/** How a strategy has done with a selector. */
export interface Tries {
  tried: number;
  found: number;
}

/** After an attempt: whether the strategy found the selector. */
export function remember(history: Map<string, Tries>, strategy: string, found: boolean): void {
  let tries = history.get(strategy);
  if (tries === undefined) {
    if (history.size >= MAX_STRATEGIES) return;
    history.set(strategy, (tries = { tried: 0, found: 0 }));
  }
  tries.tried++;
  if (found) tries.found++;
}

/** 0 to 1. @param matches elements found, where one was expected */
export function estimateConfidence(history: ReadonlyMap<string, Tries>, strategy: string, weight: number | undefined, matches: number): number {
  const { tried = 0, found = 0 } = history.get(strategy) ?? {};
  // One miss of one try says little: as if it had been found once before.
  const past = (found + 1) / (tried + 1);
  const given = typeof weight === 'number' && weight >= 0 && weight <= 1 ? weight : weightOf(strategy);
  return given * (matches > 1 ? 1 / matches : 1) * past;
}

function weightOf(strategy: string): number {
  return Object.hasOwn(WEIGHTS, strategy) ? WEIGHTS[strategy]! : OTHER_WEIGHT;
}
