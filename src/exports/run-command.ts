/** Runs a command without a shell, bounded in time and output, and says how it ended in a writer's words. */
import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { withoutSecrets } from '../known-secrets.ts';
import { mayBeThere } from './command-there.ts';
import { errorCode, secretsOf } from './faults.ts';
import type { WriteResult } from './writer.ts';

export interface RunCommandOptions {
  readonly cwd: string;
  readonly env: Record<string, string>;
  /** Ends it: SIGTERM to it and all it started, SIGKILL when it is still there after `grace`. */
  readonly signal: AbortSignal;
  /** Milliseconds. Default: 2,000. */
  readonly grace?: number;
}

/** How much of what it said is kept: the end. */
const OUTPUT_BYTES = 4_096;

/** Commands that are there, or what they started: they end with this process. */
const running = new Set<ChildProcess>();
const endAll = (): void => {
  for (const child of running) kill(child, 'SIGKILL');
};

function hold(child: ChildProcess): void {
  // One listener for all: the app would be warned of a leak.
  if (running.size === 0) process.once('exit', endAll);
  running.add(child);
}

function release(child: ChildProcess): void {
  if (running.delete(child) && running.size === 0) process.removeListener('exit', endAll);
}

/** `written` when it exits with 0. Never rejects. */
export function runCommand([file, ...args]: readonly [string, ...string[]], { cwd, env, signal, grace = 2_000 }: RunCommandOptions): Promise<WriteResult> {
  return new Promise((resolve) => {
    if (!mayBeThere(file, cwd, env.PATH)) return resolve(notStarted(file, cwd, 'ENOENT'));
    const output = new Tail();
    let child: ChildProcess;
    try {
      // A group of its own, so that what it starts ends with it.
      child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32', windowsHide: true });
    } catch (error) {
      return resolve(notStarted(file, cwd, errorCode(error)));
    }
    child.stdout?.on('data', (chunk: Buffer) => output.add(chunk));
    child.stderr?.on('data', (chunk: Buffer) => output.add(chunk));
    hold(child);
    let killer: NodeJS.Timeout | undefined;
    const end = (): void => {
      kill(child, 'SIGTERM');
      killer ??= setTimeout(() => {
        kill(child, 'SIGKILL');
        release(child);
      }, grace);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
    const settle = (result: WriteResult): void => {
      signal.removeEventListener('abort', end);
      // What it started may have outlived it, and has the rest of its time.
      if (killer === undefined || !kill(child, 0)) {
        clearTimeout(killer);
        release(child);
      }
      resolve(result);
    };
    child.once('error', (error) => {
      if (child.pid === undefined) settle(notStarted(file, cwd, errorCode(error)));
    });
    child.once('exit', (code, by) => {
      // What it started may hold the pipes open for ever; what it said itself is there by now.
      const done = (): void => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        settle({ ...outcome(file, code, by), output: output.text() });
      };
      const waiting = setTimeout(done, 100);
      child.once('close', () => {
        clearTimeout(waiting);
        done();
      });
    });
  });
}

function outcome(file: string, code: number | null, by: NodeJS.Signals | null): WriteResult {
  if (code === 0) return { status: 'written', exitCode: 0 };
  if (code === 127) return commandNotFound(file);
  if (code === 126) return notExecutable(file);
  if (by !== null) return { status: 'failed', errorCode: `signal:${by}`, error: `${file} was ended by ${by}` };
  return { status: 'failed', errorCode: 'exit_code', exitCode: code!, error: `${file} exited with ${code}` };
}

/** ENOENT also means a working directory that is not there. */
function notStarted(file: string, cwd: string, code: string): WriteResult {
  if (code === 'EACCES' || code === 'ENOEXEC') return notExecutable(file);
  if (code !== 'ENOENT') return { status: 'failed', errorCode: code, error: `${file} cannot be started: ${code}` };
  const isThere = statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true;
  return isThere ? commandNotFound(file) : { status: 'failed', errorCode: 'no_working_directory', error: `${file} cannot be started: the working directory ${cwd} is not there` };
}

function commandNotFound(file: string): WriteResult {
  return { status: 'skipped', skippedReason: 'command_not_found', exitCode: 127, error: `${file}: command not found; install it, or take it out of the chain` };
}

function notExecutable(file: string): WriteResult {
  return { status: 'failed', errorCode: 'not_executable', exitCode: 126, error: `${file} cannot be executed; is it an executable file?` };
}

/** To it and all it started; false when nobody is there any more. */
function kill(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  const { pid } = child;
  if (pid === undefined) return false;
  try {
    return process.platform === 'win32' ? child.kill(signal) : process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** The last bytes of a stream, without secrets. */
class Tail {
  readonly #secrets = secretsOf();
  /** So much more is kept: the last of it has every secret whole. */
  readonly #most = OUTPUT_BYTES + Math.max(0, ...this.#secrets.map((secret) => Buffer.byteLength(secret)));
  #chunks: Buffer[] = [];
  #size = 0;
  #isCut = false;

  add(chunk: Buffer): void {
    // A copy: a part of a chunk would keep all of it in memory.
    const last = Buffer.from(chunk.subarray(-this.#most));
    this.#isCut ||= this.#size + chunk.length > this.#most;
    this.#chunks.push(last);
    this.#size += last.length;
    while (this.#size - this.#chunks[0]!.length >= this.#most) this.#size -= this.#chunks.shift()!.length;
  }

  text(): string {
    const kept = Buffer.concat(this.#chunks).subarray(-this.#most);
    const safe = withoutSecrets(kept.subarray(this.#isCut ? this.#partOfSecret(kept) : 0).toString(), this.#secrets);
    return Buffer.from(safe).subarray(-OUTPUT_BYTES).toString();
  }

  /** How many bytes at the beginning may be the end of a secret that was cut in two, which looks like none. */
  #partOfSecret(kept: Buffer): number {
    let longest = 0;
    for (const secret of this.#secrets.map((one) => Buffer.from(one))) {
      for (let length = secret.length - 1; length > longest; length--) if (kept.subarray(0, length).equals(secret.subarray(-length))) longest = length;
    }
    return longest;
  }
}
