/** How a child process ended, as `error.type` and attributes: few values, and none that holds what the app said. */
import type { Attributes } from '@opentelemetry/api';
import { ATTR } from '../conventions.ts';
import type { Operation, OperationEnd } from '../operation.ts';

/** `execFile` and its kin cut off a child that says too much. */
export const MAX_BUFFER = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';

export interface Outcome {
  /** None where no process came to be. */
  readonly pid?: number | undefined;
  readonly exitCode?: number | null | undefined;
  readonly signal?: string | null | undefined;
  /** Known to be the reason, whatever the exit code: `timeout`, `aborted`, ENOENT … */
  readonly reason?: string | undefined;
}

/** What prepares an operation's call. It ends here where that fails: nobody else would end it. */
export function orEnd<T>(operation: Operation, prepare: () => T): T {
  try {
    return prepare();
  } catch (error) {
    operation.end();
    throw error;
  }
}

/** The end of an operation. `succeeded` says which exit codes are none of an error. */
export function operationEnd({ pid, exitCode, signal, reason }: Outcome, succeeded: (exitCode: number) => boolean): OperationEnd {
  const attributes: Attributes = {};
  if (pid) attributes[ATTR.PROCESS_PID] = pid;
  if (typeof exitCode === 'number' && exitCode >= 0) attributes[ATTR.PROCESS_EXIT_CODE] = exitCode;
  if (signal) attributes[ATTR.SPAWN_SIGNAL] = signal;
  const type = reason ?? (signal ? `signal:${signal}` : typeof exitCode === 'number' && !succeeded(exitCode) ? 'exit_code' : undefined);
  return { attributes, ...(type !== undefined && { error: { type } }) };
}

/** `error.type` of an error: its code, where that is one of Node's or the system's, else its class. Never throws: an app may throw and emit anything. */
export function errorType(error: unknown): string {
  try {
    const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
    if (code === 'ABORT_ERR') return 'aborted';
    if (code === 'ETIMEDOUT') return 'timeout';
    if (code === 'ENOBUFS') return MAX_BUFFER;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code)) return code;
    if (typeof name === 'string' && /^[A-Za-z_$][\w$]{0,63}$/.test(name)) return name;
  } catch {
    // A getter of the app's, or a proxy.
  }
  return '_OTHER';
}

/** How a synchronous call ended: `spawnSync`'s result, what the others throw, or what they return on success. */
export function syncOutcome(value: unknown): Outcome {
  const { pid, status, signal, error, code } = (value ?? {}) as { pid?: number; status?: number | null; signal?: string | null; error?: unknown; code?: unknown };
  // Never the message: it has the whole command, and stderr.
  const reason = error !== undefined ? errorType(error) : code !== undefined ? errorType(value) : undefined;
  return { pid, exitCode: status, signal, reason };
}
