/** A signal ends a publish in order: commands are ended, the manifest is completed. The second ends it at once. */
import { endLike } from './signals.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Signals {
  readonly aborted: AbortSignal;
  /** The signal that came, if one did. Removes the handlers. */
  stop(): NodeJS.Signals | undefined;
}

export function onSignal(): Signals {
  const controller = new AbortController();
  let came: NodeJS.Signals | undefined;
  const handlers = SIGNALS.map((signal) => {
    const handler = (): void => {
      came = signal;
      controller.abort();
      stop();
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  const stop = (): NodeJS.Signals | undefined => {
    for (const [signal, handler] of handlers) process.removeListener(signal, handler);
    return came;
  };
  return { aborted: controller.signal, stop };
}

/** Ends this process by the signal once nothing is left to do: commands that have to be killed are alive for two seconds. */
export function endBy(signal: NodeJS.Signals): void {
  const end = (): void => endLike(null, signal);
  process.once('beforeExit', end);
  // Whatever else goes on is not waited for.
  setTimeout(end, 3_000).unref();
}
