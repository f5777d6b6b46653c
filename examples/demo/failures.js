/** What goes wrong in every program's life: a command that is not there, and one that never ends. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { say } from './say.js';

const run = promisify(execFile);

export async function tryWhatCannotWork() {
  await run('deploy-to-the-moon').catch((error) => say('deploy', `failed: ${error.code}`));
  await run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeout: 400 }).catch((error) => say('watcher', `stopped after 400 ms by ${error.signal}`));
}
