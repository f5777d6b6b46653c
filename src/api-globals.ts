/**
 * What the copies of the OpenTelemetry API in our bundles find: stands there for the API's own `internal/global-utils`.
 * They register nothing, and read what any version of the API has registered: what is read is the same since 1.0.
 */
import { registered } from './guest/registry.ts';
import { guest } from './guest/slot.ts';

export function getGlobal(signal: Parameters<typeof registered>[0]): unknown {
  return registered(signal) ?? (signal === 'context' || signal === 'propagation' ? guest()?.[signal] : undefined);
}

export function registerGlobal(): boolean {
  return false;
}

export function unregisterGlobal(): void {}
