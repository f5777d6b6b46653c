// @ts-check
/** `bench/results.md`: the table that is kept, written and read back, so that there is one copy of the numbers. */
import { digits, excesses } from './row.js';

/** @typedef {import('./row.js').Row} Row */

const HEAD = ['row', 'subject', 'baseline', 'compared', '95 % interval', 'limit', 'ok', 'pairs'];

/**
 * The cells of a row, for the terminal and for the file.
 * @param {Row} row
 * @returns {string[]}
 */
export function cells(row) {
  const sign = row.compare === 'ratio' ? '×' : '+';
  const show = (/** @type {number} */ value) => (sign === '×' ? `${digits(value)} ×` : `${value < 0 ? '' : '+'}${digits(value)} ${row.unit}`);
  const verdict = row.limit === undefined ? '–' : excesses(row).length === 0 ? 'yes' : '**no**';
  return [
    row.name,
    row.subject,
    row.baseline,
    show(row.value),
    `${show(row.low)} … ${show(row.high)}`,
    row.limit === undefined ? '–' : show(row.limit),
    verdict,
    String(row.pairs),
  ];
}

/**
 * @param {{ machine: readonly string[], rows: readonly Row[], kept?: readonly KeptRow[] }} results rows of this run,
 *   and the kept ones, of which those stay that were not measured now
 */
export function resultsPage({ machine, rows, kept = [] }) {
  const measured = new Map(rows.map((row) => [row.name, line(cells(row))]));
  const all = [];
  for (const { name, text } of kept) {
    all.push(measured.get(name) ?? text);
    measured.delete(name);
  }
  all.push(...measured.values());
  return `# What spoor costs

Written by \`npm run bench\`; \`npm run bench -- --check\` compares with it. Each row: subject and baseline in turn, in
random order, in one run; the median of the pairs' ratios (or differences) and its interval. The lower end of the
interval counts against the limit; for what spoor adds to a driver's call, the upper end. Rows without a limit are there for comparison.

${machine.map((text) => `- ${text}`).join('\n')}

${line(HEAD)}
${line(HEAD.map(() => '---'))}
${all.join('\n')}
`;
}

/** @typedef {{ name: string, text: string, low: number, high: number }} KeptRow */

/**
 * The rows of a page that `resultsPage` wrote. Lines that are no such row are passed over.
 * @param {string} page
 * @returns {KeptRow[]}
 */
export function keptRows(page) {
  const rows = [];
  for (const text of page.split('\n')) {
    const [, name, , , , interval] = text.split('|').map((cell) => cell.trim());
    const bounds = /^([+-]?[\d.e+-]+) \D+ … ([+-]?[\d.e+-]+) \D+$/.exec(interval ?? '');
    if (name && bounds) rows.push({ name, text, low: Number(bounds[1]), high: Number(bounds[2]) });
  }
  return rows;
}

/** @param {readonly string[]} row */
function line(row) {
  return `| ${row.join(' | ')} |`;
}
