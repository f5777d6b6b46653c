/** Programs in other languages: git when it is there, and a shell. */
import { exec, execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { say } from './say.js';

export async function runCommands() {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version']);
    const changed = execFileSync('git', ['--no-optional-locks', 'status', '--porcelain'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    say('git', `${stdout.trim()}, ${changed.split('\n').length - 1} changed files here`);
  } catch (error) {
    say('git', `not to be had here (${error.code ?? error.status})`);
  }
  // The shell is handed the trace in its environment, as any program in any language is.
  const { stdout } = await promisify(exec)(process.platform === 'win32' ? 'echo %TRACEPARENT%' : 'echo "$TRACEPARENT"');
  say('shell', `was handed TRACEPARENT=${stdout.trim()}`);
}
