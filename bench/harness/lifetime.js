// @ts-check
/** What whole programs cost, with all their descendants: wall time, and the CPU time that the kernel counted. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cleanEnvironment } from './environment.js';

/** The kernel's unit of CPU time in `/proc`, in µs: it is the same on every Linux that Node runs on. */
const TICK = 10_000;

/**
 * @typedef {object} Program
 * @property {readonly string[]} args of Node
 * @property {Record<string, string>} [env] added to a clean environment
 *
 * @typedef {{ wall: number, cpu: number }} Cost in µs
 */

/**
 * Runs a program to its end, `times` one after the other.
 * @param {Program} program
 * @param {{ times?: number, timeout?: number }} [options] `timeout` in ms: it and its descendants are killed then, and it counts as it stands
 * @returns {Promise<Cost>} of all together
 */
export async function lifetime({ args, env }, { times = 1, timeout } = {}) {
  const before = descendantsCpu();
  const begun = process.hrtime.bigint();
  for (let i = 0; i < times; i++) {
    await new Promise((resolve, reject) => {
      // A group of its own, so that its descendants can be stopped with it.
      const child = spawn(process.execPath, args, { env: { ...cleanEnvironment(), ...env }, stdio: ['ignore', 'ignore', 'pipe'], detached: timeout !== undefined });
      const tooLong = timeout === undefined ? undefined : setTimeout(() => process.kill(-/** @type {number} */ (child.pid), 'SIGKILL'), timeout);
      let said = '';
      child.stderr.on('data', (text) => (said += text));
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        clearTimeout(tooLong);
        child.stderr.destroy();
        if (code === 0 || signal === 'SIGKILL') resolve(undefined);
        else reject(new Error(`${args.join(' ')} ended with ${code ?? signal}: ${said}`));
      });
    });
  }
  const wall = Number(process.hrtime.bigint() - begun) / 1e3;
  return { wall, cpu: before === undefined ? wall : (descendantsCpu() ?? 0) - before };
}

/** CPU time, in µs, of all descendants that were waited for; undefined where the system does not tell. */
function descendantsCpu() {
  if (process.platform !== 'linux') return undefined;
  // The second field is the program's name in parentheses, and may hold spaces. cutime and cstime are 16 and 17.
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * TICK;
}

/**
 * The programs one after the other, in random order.
 * @template {string} Name
 * @param {Record<Name, Program>} programs
 * @param {() => number} random
 * @param {{ times?: number, timeout?: number }} [options]
 * @returns {Promise<Record<Name, Cost>>}
 */
export async function inTurn(programs, random, options) {
  const names = /** @type {Name[]} */ (Object.keys(programs));
  const drawn = names.map((name) => ({ name, at: random() })).sort((a, b) => a.at - b.at);
  const costs = /** @type {Record<Name, Cost>} */ ({});
  for (const { name } of drawn) costs[name] = await lifetime(programs[name], options);
  return costs;
}
