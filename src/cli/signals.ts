/** Passing signals on to the one child of a wrapper. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** Not SIGPROF: where V8's profiler runs (`--cpu-prof`), it gets one with each sample. */
const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR', 'SIGCONT', 'SIGBREAK'] as const;
/** What a terminal sends to its whole foreground group by itself, and so to the child. */
const FROM_KEYBOARD: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGBREAK']);

/** Installs the handlers. Call what is returned when the child has ended. */
export function forwardSignals(child: () => ChildProcess | undefined): () => void {
  const installed = FORWARDED.flatMap((signal) => {
    const handler = (): void => {
      if (FROM_KEYBOARD.has(signal) && isForeground()) return;
      child()?.kill(signal);
    };
    try {
      process.on(signal, handler);
      return [{ signal, handler }];
    } catch {
      // Not on this platform.
      return [];
    }
  });
  return () => {
    for (const { signal, handler } of installed) process.removeListener(signal, handler);
  };
}

/**
 * Whether this process belongs to the foreground group of a terminal, whose Ctrl-C has then reached the child
 * too. Looked at when the signal comes: a shell may have moved the job since.
 */
function isForeground(): boolean {
  try {
    // After the name in parentheses: state, ppid, pgrp, session, tty_nr, tpgid.
    const fields = readFileSync('/proc/self/stat', 'latin1').replace(/^.*\) /s, '').split(' ');
    return fields[4] !== '0' && fields[2] === fields[5];
  } catch {
    return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  }
}

/** Ends this process as its child ended. */
export function endLike(code: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) {
    process.exit(code ?? 1);
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The first process of a container does not die by a signal; then the shell's convention has to do. Not at
  // once: a signal may take its time.
  setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 500);
}
