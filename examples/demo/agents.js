/** The orchestrator's agents: each one is a child process, and a spawn that says what it was for and what came of it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { spawns } from 'spoor';
import { say } from './say.js';

const agent = fileURLToPath(new URL('agent.js', import.meta.url));
const BLOCKED = 75;

/** Who chose the model, and why, is what one wants to compare later: it is recorded with each decision. */
const TASKS = [
  { role: 'planner', model: 'large', source: 'caste-default', does: 'plan', task: 'Order the modules by size' },
  { role: 'builder', model: 'small', source: 'task-routing', does: 'document', task: 'List what the modules export' },
  { role: 'builder', model: 'small', source: 'task-routing', does: 'shrink', task: 'Compress all modules to a hundredth of their size' },
  { role: 'reviewer', model: 'large', source: 'caste-default', does: 'verify', task: 'Check that every relative import leads somewhere' },
  { role: 'publisher', model: 'small', source: 'user-override', does: 'publish', task: 'Publish what was approved' },
];

function ask({ does, ...options }) {
  const spawn = spawns.start({ ...options, agentName: does });
  return new Promise((resolve) => {
    // Within the agent's context: the process that it runs in, and all that starts there, is part of it.
    spawn.with(() =>
      execFile(process.execPath, [agent, does], (error, stdout) => {
        const { said, input, output, tools } = JSON.parse(stdout);
        spawn.tokenUsage({ input, output });
        spawn.toolUsage(tools);
        const outcome = error === null ? 'completed' : error.code === BLOCKED ? 'blocked' : 'failed';
        spawn.end({ outcome, ...(outcome === 'failed' && { error: 'impossible' }) });
        say(options.role, `${outcome}: ${said}`);
        resolve();
      }),
    );
  });
}

export async function delegate() {
  const [plan, ...rest] = TASKS;
  await ask(plan);
  for (const task of rest) await ask(task);
}
