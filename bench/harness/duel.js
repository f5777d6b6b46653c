// @ts-check
/** Two programs that take turns: each pair is measured within moments, in random order. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cleanEnvironment } from './environment.js';

/**
 * @typedef {object} Contestant
 * @property {readonly string[]} args of Node
 * @property {Record<string, string>} [env] added to a clean environment
 *
 * @typedef {{ wall: number, cpu: number, [more: string]: number }} Cost in µs
 */

/**
 * @param {object} options
 * @param {Contestant} options.subject
 * @param {Contestant} options.baseline
 * @param {number} options.count operations in a turn
 * @param {number} options.pairs
 * @param {number | { subject: number, baseline: number }} [options.warmUp] operations before the first turn
 * @param {() => number} options.random
 * @returns {Promise<{ subject: Cost, baseline: Cost }[]>}
 */
export async function duel({ subject, baseline, count, pairs, warmUp = 0, random }) {
  const a = start(subject);
  const b = start(baseline);
  try {
    const warm = typeof warmUp === 'number' ? { subject: warmUp, baseline: warmUp } : warmUp;
    if (warm.subject > 0) await a.ask(warm.subject);
    if (warm.baseline > 0) await b.ask(warm.baseline);
    const found = [];
    for (let i = 0; i < pairs; i++) {
      if (random() < 0.5) {
        const first = await a.ask(count);
        found.push({ subject: first, baseline: await b.ask(count) });
      } else {
        const first = await b.ask(count);
        found.push({ subject: await a.ask(count), baseline: first });
      }
    }
    return found;
  } finally {
    await Promise.all([a.stop(), b.stop()]);
  }
}

/** @param {Contestant} contestant */
function start({ args, env = {} }) {
  const child = spawn(process.execPath, args, { env: { ...cleanEnvironment(), ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout });
  /** @type {((cost: Cost) => void) | undefined} */
  let answered;
  answers.on('line', (line) => answered?.(JSON.parse(line)));
  const ended = new Promise((resolve) => child.once('close', resolve));
  const broken = ended.then((code) => Promise.reject(new Error(`${args.join(' ')} ended with ${code}`)));
  broken.catch(() => {});
  return {
    /** @param {number} count @returns {Promise<Cost>} */
    ask(count) {
      const answer = new Promise((resolve) => {
        answered = resolve;
      });
      child.stdin.write(`${count}\n`);
      return Promise.race([answer, broken]);
    },
    stop() {
      child.stdin.end();
      return ended;
    },
  };
}
