/** `node failing.mjs <failures> <successes>`: agents that fail, agents that do not. */
import { spawns, start } from 'spoor';

const [failures, successes] = process.argv.slice(2).map(Number);
start();
for (let i = 0; i < failures; i++) spawns.start({ role: 'builder', model: 'small' }).end({ outcome: 'failed', error: new TypeError('no') });
for (let i = 0; i < successes; i++) spawns.start({ role: 'builder', model: 'small' }).end({ outcome: 'completed' });
