/** The build: a child process that has children of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { say } from './say.js';

export async function build() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('build.js', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  const [code] = await once(child, 'close');
  say('build', code === 0 ? said.trim() : `failed with exit code ${code}`);
}
