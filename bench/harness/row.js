// @ts-check
/** One row of the table: what was compared, what came out, and whether that is allowed. */
import { median, medianInterval } from './statistics.js';

/**
 * @typedef {object} RowDeclaration
 * @property {string} name short, unique; for `--only`
 * @property {string} subject
 * @property {string} baseline
 * @property {'ratio' | 'difference'} [compare] default: ratio
 * @property {number} [limit] none: shown for comparison only
 * @property {'low' | 'high'} [judge] which end of the interval the limit is for. Default: low, so that only what is surely above is an excess
 * @property {string} [unit] of one side: `µs`, `ms`, `MB` …
 *
 * @typedef {{ subject: number, baseline: number }} Pair in the row's unit
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string} subject with its median
 * @property {string} baseline with its median
 * @property {'ratio' | 'difference'} compare
 * @property {string} unit of a difference
 * @property {number} value median of the pairs' ratios or differences
 * @property {number} low
 * @property {number} high
 * @property {number | undefined} limit
 * @property {'low' | 'high'} judge
 * @property {number} pairs
 */

/**
 * @param {RowDeclaration} declaration
 * @param {readonly Pair[]} pairs
 * @returns {Row}
 */
export function rowOf({ name, subject, baseline, compare = 'ratio', limit, unit = '', judge = 'low' }, pairs) {
  if (pairs.length === 0) throw new Error(`${name}: nothing was measured`);
  const values = pairs.map((pair) => (compare === 'ratio' ? pair.subject / pair.baseline : pair.subject - pair.baseline));
  if (!values.every(Number.isFinite)) throw new Error(`${name}: a pair cannot be compared: ${JSON.stringify(pairs)}`);
  const side = (/** @type {number[]} */ numbers) => ` (${digits(median(numbers))} ${unit})`;
  return {
    name,
    subject: subject + side(pairs.map((pair) => pair.subject)),
    baseline: baseline + side(pairs.map((pair) => pair.baseline)),
    compare,
    unit,
    value: median(values),
    ...medianInterval(values),
    limit,
    judge,
    pairs: pairs.length,
  };
}

/** Three significant digits, and no more than needed. @param {number} value */
export function digits(value) {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** Another hour on the same machine differs by so much; less is no finding. */
export const DRIFT = 1.15;

/**
 * What is wrong with a row, in words: nothing when the list is empty. The lower end of the interval counts:
 * only what is surely above a limit, or surely above what was measured before, is an excess. Where a row judges by the
 * upper end, what is not surely within its limit is one too.
 *
 * @param {Pick<Row, 'low' | 'high' | 'limit' | 'compare'> & Partial<Pick<Row, 'judge'>>} row
 * @param {{ high: number } | undefined} [kept] the same row of the kept results
 * @returns {string[]}
 */
export function excesses(row, kept) {
  const found = [];
  if (row.limit !== undefined && (row.judge === 'high' ? row.high : row.low) > row.limit) found.push(`above the limit ${row.limit}`);
  // A difference near 0 has no meaningful drift in parts of itself; its limit is its measure.
  if (kept !== undefined && row.compare === 'ratio' && row.low > kept.high * DRIFT) found.push(`above the kept ${digits(kept.high)} by more than ${Math.round((DRIFT - 1) * 100)} %`);
  return found;
}
