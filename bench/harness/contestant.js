// @ts-check
/**
 * The other end of `duel.js`: a program that does a number of operations each time that it is asked, and says
 * what they cost in wall and CPU time. The CPU time is that of all threads, so the garbage collector and the
 * compiler are in it.
 */
import { createInterface } from 'node:readline';

/**
 * @param {(count: number) => void | Promise<void>} work
 * @param {() => Record<string, number>} [also] further numbers to report, taken outside the measured time
 * @param {() => unknown} [close] done before it ends
 */
export function contestant(work, also = () => ({}), close = () => {}) {
  const asked = createInterface({ input: process.stdin });
  let turn = Promise.resolve();
  asked.on('line', (line) => {
    turn = turn.then(async () => {
      const cpu = process.cpuUsage();
      const wall = process.hrtime.bigint();
      const done = work(Number(line));
      if (done) await done;
      const wallTime = Number(process.hrtime.bigint() - wall) / 1e3;
      const { user, system } = process.cpuUsage(cpu);
      process.stdout.write(`${JSON.stringify({ wall: wallTime, cpu: user + system, ...also() })}\n`);
    });
  });
  asked.on('close', () => turn.then(close).then(() => process.exit(0)));
}
