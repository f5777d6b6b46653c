/** A signal ends a publish in order: commands are ended, the manifest is completed. The second ends it at once. */
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
