/** Waits for the end of one asynchronous child, without changing what the app sees of it. */
import type { ChildProcess } from 'node:child_process';
import { errorMonitor } from 'node:events';
import { steady } from '../clock.ts';
import { ATTR } from '../conventions.ts';
import { ensureListener, makeRoom } from '../listeners.ts';
import type { Operation, OperationEnd } from '../operation.ts';
import { limiting } from './listener-limit.ts';
import { ALL, type Events } from './listening-again.ts';
import { MAX_BUFFER, errorType, operationEnd } from './outcome.ts';
import { endWithProcess } from './unreferenced.ts';
import type { Call } from './wrap.ts';

/** What the app asked for, and Node does not say again when the child ends. */
export interface Asked {
  readonly kind: string;
  /** Milliseconds; 0 for none. */
  readonly timeout: number;
  /** Bytes of each of stdout and stderr. */
  readonly maxBuffer: number;
}

export interface WatchOptions {
  readonly detached: boolean;
  readonly succeeded: (exitCode: number) => boolean;
}

/** Timers may fire this much early by the clock that measures them, in milliseconds. */
const TIMER_TOLERANCE = 2;

/** Those that run. */
const watches = new WeakMap<object, ChildWatch>();

export class ChildWatch {
  /** Of a child that runs. */
  static of(child: object): ChildWatch | undefined {
    return watches.get(child);
  }

  static begin(child: ChildProcess, operation: Operation, asked: Asked, options: WatchOptions): void {
    watches.set(child, new ChildWatch(child, operation, asked, options));
  }

  readonly #child: ChildProcess;
  readonly #operation: Operation;
  readonly #asked: Asked;
  readonly #options: WatchOptions;
  readonly #started = steady();
  #reason: string | undefined;

  private constructor(child: ChildProcess, operation: Operation, asked: Asked, options: WatchOptions) {
    this.#child = child;
    this.#operation = operation;
    this.#asked = asked;
    this.#options = options;
    makeRoom(child);
    this.listen(ALL);
  }

  listen(to: Events): void {
    if (this.#operation.ended) return;
    // Not `error`: a listener there would take away the crash of an error that nobody handles.
    if (to(errorMonitor)) ensureListener(this.#child, errorMonitor, onError);
    // `close` waits for whoever holds the child's stdio, a grandchild perhaps, so it is only for when `exit`
    // did not come: it was made an `error` (cross-spawn does that). Not where Node makes its error in `close`:
    // a second listener is another line of `events` in that error's stack.
    if (to('exit')) ensureListener(this.#child, 'exit', onEnd);
    if (to('close') && (this.#asked.kind === 'spawn' || this.#asked.kind === 'fork')) ensureListener(this.#child, 'close', onEnd);
  }

  /** The parent no longer waits for it. */
  unref(): void {
    if (this.#operation.ended) return;
    if (this.#options.detached) this.#letGo();
    else endWithProcess(this.#operation, () => this.#letGo());
  }

  #letGo(): void {
    this.#over({ attributes: { [ATTR.SPAWN_DETACHED]: true, ...(this.#child.pid !== undefined && { [ATTR.PROCESS_PID]: this.#child.pid }) } });
  }

  error(error: unknown): void {
    const type = errorType(error);
    // Without a pid it never ran: there will be no `exit`. An error of `kill` or `send` is not its end.
    if (this.#child.pid === undefined) this.#over({ error: { type } });
    else if (type === 'aborted') this.#reason = type;
  }

  end(exitCode: number | null, signal: NodeJS.Signals | null): void {
    if (this.#operation.ended) return;
    const reason = this.#reason ?? this.#cutOff(exitCode);
    this.#over(operationEnd({ pid: this.#child.pid, exitCode, signal, reason }, this.#options.succeeded));
  }

  #over(end: OperationEnd): void {
    this.#operation.end(end);
    watches.delete(this.#child);
  }

  /** Why Node killed it, which only `execFile`'s callback is told. */
  #cutOff(exitCode: number | null): string | undefined {
    const { killed, stdout, stderr } = this.#child;
    if (!killed) return undefined;
    const read = Math.max((stdout as { bytesRead?: number } | null)?.bytesRead ?? 0, (stderr as { bytesRead?: number } | null)?.bytesRead ?? 0);
    if (read > this.#asked.maxBuffer) return MAX_BUFFER;
    // A child that takes its time's end for a reason to end well has ended well; Node says so too.
    const { timeout } = this.#asked;
    return exitCode !== 0 && timeout > 0 && steady() - this.#started >= timeout - TIMER_TOLERANCE ? 'timeout' : undefined;
  }
}

// The same functions for all children. A closure that is stored in an object by code that is not optimized yet outlives
// the collections of the young generation (V8 11 to 13), with all that hangs on it: some KB a child.
function onError(this: ChildProcess, error: unknown): void {
  ChildWatch.of(this)?.error(error);
}

function onEnd(this: ChildProcess, exitCode: number | null, signal: NodeJS.Signals | null): void {
  ChildWatch.of(this)?.end(exitCode, signal);
}

export function limitingChild(sets: boolean, child: ChildProcess, args: unknown[]): Call | undefined {
  return limiting(sets, child, args, 'exit', onEnd);
}
