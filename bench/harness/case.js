// @ts-check
/**
 * @typedef {object} Bench what a case is given
 * @property {boolean} quick fewer pairs: to see that all works, and roughly how it stands
 * @property {() => number} random
 * @property {(message: string) => void} say progress
 * @property {import('./peers.js').Peers | undefined} peers undefined with `--no-peers`
 *
 * @typedef {object} Case one file in `cases/`
 * @property {readonly import('./row.js').RowDeclaration[]} rows
 * @property {boolean} [needsPeers]
 * @property {(bench: Bench) => AsyncGenerator<import('./row.js').Pair[]>} measure the pairs of each row, in the order of `rows`
 */
export {};
