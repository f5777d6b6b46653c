/**
 * What all copies of the OpenTelemetry API in this thread share: an object on a registered symbol. It is read raw
 * here. A copy reads only one that was made by its own version or a later one, and writes only into one by its own.
 */
const KEY = Symbol.for('opentelemetry.js.api.1');
type Signal = 'trace' | 'metrics' | 'context' | 'propagation' | 'diag';
type Slot = { readonly [KEY]?: { readonly [S in Signal]?: unknown } };

/** What is registered; undefined: nothing, so that the API does nothing. */
export function registered(signal: Signal): unknown {
  return (globalThis as Slot)[KEY]?.[signal];
}
