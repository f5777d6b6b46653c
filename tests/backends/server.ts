/** Servers as children of the tests, each on a loopback address of its own, so that their usual ports are free. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cleanEnvironment } from '../support/program.ts';

/** A folder until `stop`. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'spoor-backends-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** An address of 127/8 on which nobody listens: all of them are this machine's on Linux. */
export async function freeAddress(): Promise<string> {
  for (;;) {
    const byte = (): number => 1 + Math.floor(Math.random() * 253);
    const address = `127.${byte()}.${byte()}.${byte()}`;
    const probe = createServer();
    try {
      await once(probe.listen(4318, address), 'listening');
      return address;
    } catch {
      // Taken; the next one is not.
    } finally {
      probe.close();
    }
  }
}

export interface ServerOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Answers 2xx when the server is ready. */
  readonly ready: string;
}

/** One server. It is killed hard and started again on the same ports and files. */
export class Server {
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #said = '';

  constructor(command: string, args: readonly string[], options: ServerOptions) {
    this.#command = command;
    this.#args = args;
    this.#options = options;
  }

  async start(): Promise<this> {
    const { env, cwd, ready } = this.#options;
    const child = spawn(this.#command, this.#args, { cwd, env: { ...cleanEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (this.#said = (this.#said + text).slice(-20_000)));
    await until(`${this.#command} answers at ${ready}`, async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${this.#command} ended:\n${this.#said}`);
      return fetch(ready).then(({ ok }) => ok, () => false);
    }, 60_000);
    return this;
  }

  /** What it has written last, for who looks into a failure. */
  get said(): string {
    return this.#said;
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
}

/** Waits until a condition holds; looks again and again, and says at the end what it last saw. */
export async function until<T>(what: string, condition: () => Promise<T | false | undefined>, milliseconds = 30_000): Promise<T> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const result = await condition();
    if (result !== false && result !== undefined) return result;
    if (performance.now() > end) throw new Error(`not within ${milliseconds / 1000} s: ${what}`);
    await wait(100);
  }
}

/** Waits until what is seen is as expected; gives the last that was seen, for the caller's own assertion. */
export async function eventually<T>(look: () => Promise<T>, isExpected: (seen: T) => boolean, milliseconds = 30_000): Promise<T> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const seen = await look();
    if (isExpected(seen) || performance.now() > end) return seen;
    await wait(200);
  }
}
