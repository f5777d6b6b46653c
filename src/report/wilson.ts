/** Two-sided 95% quantile of the normal distribution. */
const Z = 1.959963984540054;

export interface Rate {
  /** 0 to 1. */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A success rate with its Wilson score interval at 95% (Wilson 1927): honest for small counts, where
 * "3 of 3" is no proof of 100%. Undefined when nothing was tried.
 */
export function wilson(successes: number, trials: number): Rate | undefined {
  if (!(trials > 0)) return undefined;
  const rate = successes / trials;
  const square = Z * Z;
  const centre = (rate + square / (2 * trials)) / (1 + square / trials);
  const half = (Z * Math.sqrt((rate * (1 - rate)) / trials + square / (4 * trials * trials))) / (1 + square / trials);
  // The bounds at 0 and 1 are exact; floating point is not.
  return {
    rate,
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}
