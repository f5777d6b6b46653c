/** The manual API: agents that are child processes, one that fails, one that is told of step by step. */
import { execFileSync } from 'node:child_process';
import { spawns, start } from 'spoor';

start();

const built = spawns.run({ role: 'builder', model: 'large', task: 'write the parser', source: 'task-based' }, (agent) => {
  agent.toolUsage({ read: 2, edit: 1 });
  agent.tokenUsage({ input: 900, output: 120 });
  // The child continues the agent's trace.
  return execFileSync(process.execPath, ['-p', 'process.env.TRACEPARENT'], { env: agent.environment(), encoding: 'utf8' }).trim();
});
console.log(`builder ran in trace ${built.split('-')[1]}`);

try {
  await spawns.run({ role: 'scout', model: 'small', task: 'find the call sites' }, async () => {
    throw new RangeError('nothing found');
  });
} catch (error) {
  console.log(`scout failed: ${error.message}`);
}

const reviewer = spawns.start({ role: 'reviewer', model: 'large', task: 'review the change' });
reviewer.end({ outcome: 'blocked' });
