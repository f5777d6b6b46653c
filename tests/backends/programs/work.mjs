/**
 * A tree of short processes.
 *   node work.mjs tree <children> <at once>   starts that many children of each way to end, in turn
 *   node work.mjs child <way to end>
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const [what, ...args] = process.argv.slice(2);
const WAYS = ['end', 'exit', 'kill', 'kill at once'];

if (what === 'tree') {
  const [children, atOnce] = args.map(Number);
  let next = 0;
  const worker = async () => {
    while (next < children) {
      const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'child', WAYS[next++ % WAYS.length]], { stdio: 'ignore' });
      await once(child, 'close');
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
} else {
  spawnSync('true');
  spawnSync('false');
  if (args[0] === 'exit') process.exit(3);
  if (args[0] === 'kill at once') process.kill(process.pid, 'SIGKILL');
  // Longer than the interval of the numbers: what was counted is written.
  if (args[0] === 'kill') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 400);
}
