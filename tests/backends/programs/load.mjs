/** Agents, so many a second for so many seconds: `node load.mjs <a second> <seconds>`. The numbers tell on stdout what was done. */
import { spawns, start } from 'spoor';

const [rate, seconds] = process.argv.slice(2).map(Number);
start();
const end = performance.now() + seconds * 1000;
let done = 0;
while (performance.now() < end) {
  for (let i = 0; i < rate / 20; i++) {
    const agent = spawns.start({ role: 'loader', model: done % 2 === 0 ? 'small' : 'large' });
    agent.end({ outcome: done % 10 === 0 ? 'failed' : 'completed' });
    done++;
  }
  process.stdout.write(`${done}\n`);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
