/**
 * The guest of this thread, for the code that cannot import it: other copies of the package, the source that
 * a load hook appends to, and the runtime. It hangs on a registered symbol, as the runtime does.
 */
import type * as Api from '@opentelemetry/api';
import type { ContextManager, TextMapPropagator } from '@opentelemetry/api';

/** What the guest needs of a copy of `@opentelemetry/api`: all of it is there since 1.4. */
export type ApiCopy = Pick<typeof Api, 'trace' | 'context' | 'propagation' | 'ROOT_CONTEXT' | 'ProxyTracerProvider' | 'defaultTextMapSetter' | 'defaultTextMapGetter'>;

export interface Guest {
  /** Makes spoor the guest of a copy of the API. Never throws; a copy that was adopted before is left as it is. */
  adopt(api: ApiCopy): void;
  /** Ours, where the app has none; undefined before a copy was adopted. For the copies in our own bundles. */
  readonly context: ContextManager | undefined;
  readonly propagation: TextMapPropagator | undefined;
  /** What was found and done in this thread, for the log. */
  describe(): string;
}

const KEY = Symbol.for('spoor.guest');
type Slot = { [KEY]?: Guest };

/** The expression by which source code of another module hands over an API copy named `api`. */
export const HAND_OVER = (api: string): string => `globalThis[Symbol.for('spoor.guest')]?.adopt(${api})`;

export function guest(): Guest | undefined {
  return (globalThis as Slot)[KEY];
}

/** Claims this thread. False when a copy of the package has done so before. */
export function settle(guest: Guest): boolean {
  if ((globalThis as Slot)[KEY] !== undefined) return false;
  Object.defineProperty(globalThis, KEY, { value: guest, configurable: true });
  return true;
}
