// @ts-check
/** What the rows about single operations share. */
import { duel } from './duel.js';
import { contestantPath, inTemporaryDirectory } from './places.js';

const TURN = 5_000;

/**
 * @param {import('./case.js').Bench} bench
 * @param {object} options
 * @param {readonly [string, ...string[]]} options.subject program and arguments
 * @param {readonly [string, ...string[]]} options.baseline
 * @param {Record<string, string>} [options.env]
 * @returns {Promise<import('./row.js').Pair[]>} in µs of CPU an operation
 */
export async function operationDuel({ quick, random }, { subject, baseline, env }) {
  const pairs = [];
  // Anew several times: what the compiler made of a program differs from process to process.
  for (let round = 0; round < (quick ? 2 : 8); round++) {
    const found = await inTemporaryDirectory((directory) =>
      duel({ subject: program(subject, { SPOOR_DIR: directory, ...env }), baseline: program(baseline), count: TURN, warmUp: 50_000, pairs: 25, random }),
    );
    for (const pair of found) pairs.push({ subject: pair.subject.cpu / TURN, baseline: pair.baseline.cpu / TURN });
  }
  return pairs;
}

/**
 * @param {readonly [string, ...string[]]} command
 * @param {Record<string, string>} [env]
 */
function program([name, ...args], env) {
  return { args: [contestantPath(name), ...args], env };
}
