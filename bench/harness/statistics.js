// @ts-check
/** The little statistics that a benchmark needs: medians, and how sure one can be of them. */

/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? /** @type {number} */ (sorted[middle]) : (/** @type {number} */ (sorted[middle - 1]) + /** @type {number} */ (sorted[middle])) / 2;
}

/**
 * Interval that holds the true median with at least the given confidence, whatever the distribution: each
 * value is above the median as often as a coin falls on its head, so the k-th smallest and the k-th greatest
 * enclose it but for the tails of the binomial distribution. With fewer than 6 values (at 95 %) there is no
 * such k, and the interval is all that was seen.
 *
 * @param {readonly number[]} values at least one
 * @returns {{ low: number, high: number }}
 */
export function medianInterval(values, confidence = 0.95) {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const tail = (1 - confidence) / 2;
  // In logarithms: 2^-n is 0 for the computer when n is a few thousand.
  let logTerm = -n * Math.LN2;
  let below = Math.exp(logTerm);
  let k = 0;
  while (below <= tail && k < n >> 1) {
    k++;
    logTerm += Math.log((n - k + 1) / k);
    below += Math.exp(logTerm);
  }
  const index = Math.max(0, k - 1);
  return { low: /** @type {number} */ (sorted[index]), high: /** @type {number} */ (sorted[n - 1 - index]) };
}

/**
 * Random numbers in [0, 1) that are the same in every run (mulberry32): the order within a pair is drawn with
 * them, so a run can be repeated.
 *
 * @param {number} seed
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
