/** What an app's own engine may listen to. A hook that throws or rejects harms nobody: it is one line in the log. */
import type { Context } from '@opentelemetry/api';
import { log, messageOf } from '../log.ts';

export interface SelectorStarted {
  readonly name: string;
  readonly operation: string;
  readonly driver: string;
  /** Holds the operation's span. */
  readonly context: Context;
}

export interface AttemptStarted {
  readonly name: string;
  readonly strategy: string;
  /** 1 is the first. */
  readonly index: number;
  readonly context: Context;
}

export interface FallbackTaken {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** `error.type` of the attempt that failed. */
  readonly because: string;
}

export interface Validated {
  readonly name: string;
  readonly strategy: string | undefined;
  readonly passed: boolean;
}

export interface SelectorEnded {
  readonly name: string;
  readonly operation: string;
  readonly outcome: 'completed' | 'failed';
  /** The strategy that found it. */
  readonly strategy: string | undefined;
  readonly errorType: string | undefined;
  readonly attempts: number;
  readonly retries: number;
  readonly fallback: boolean;
  readonly confidence: number | undefined;
  readonly confidenceSource: 'reported' | 'estimated' | undefined;
  /** 0 to 1; above 0.5: found, but something else. */
  readonly drift: number | undefined;
}

/** Called synchronously, in the order in which it happens. What a hook returns is not looked at. */
export interface SelectorHooks {
  readonly start?: ((event: SelectorStarted) => unknown) | undefined;
  readonly attempt?: ((event: AttemptStarted) => unknown) | undefined;
  readonly fallback?: ((event: FallbackTaken) => unknown) | undefined;
  readonly validate?: ((event: Validated) => unknown) | undefined;
  readonly end?: ((event: SelectorEnded) => unknown) | undefined;
}

type Events = { start: SelectorStarted; attempt: AttemptStarted; fallback: FallbackTaken; validate: Validated; end: SelectorEnded };

/** A new list with each change, so that one that is gone through stays as it is. */
let listening: readonly { readonly hooks: SelectorHooks }[] = [];

/** Makes `hooks` listen. Returns what ends that. */
export function addHooks(hooks: SelectorHooks): () => void {
  const own = { hooks };
  if (typeof hooks === 'object' && hooks !== null) listening = [...listening, own];
  return () => {
    listening = listening.filter((one) => one !== own);
  };
}

/** Whether anybody listens: else there is no event to be made. */
export function hasHooks(): boolean {
  return listening.length > 0;
}

export function callHooks<Name extends keyof Events>(name: Name, event: Events[Name]): void {
  for (const { hooks } of listening) {
    try {
      const hook = hooks[name] as ((event: Events[Name]) => unknown) | undefined;
      const returned = hook?.call(hooks, event);
      if (typeof (returned as Partial<Promise<unknown>> | undefined)?.then === 'function') void Promise.resolve(returned).catch((error: unknown) => complain(name, error));
    } catch (error) {
      complain(name, error);
    }
  }
}

function complain(name: string, error: unknown): void {
  log('warn', 'selectors', `hook_${name}`, `a hook of selectors.use() failed at "${name}": ${messageOf(error)}; the operation goes on`);
}
