/** Drivers say the selector in their messages, and not always in quotes. */

/** What is recorded of an error, by option: its message without the selector, and its stack. */
export function withoutSelector(error: unknown, selector: string | undefined): unknown {
  if (!selector || typeof error !== 'object' || error === null) return error;
  return {
    get message() {
      const { message } = error as Error;
      return typeof message === 'string' ? message.replaceAll(selector, '"…"').replaceAll(JSON.stringify(selector).slice(1, -1), '…') : undefined;
    },
    // Reading the stack has effects: only who needs it does.
    get stack() {
      return (error as Error).stack;
    },
  };
}
