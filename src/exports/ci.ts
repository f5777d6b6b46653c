/** The CI's context, looked up once: a process does not move to another job. */
import type { Attributes } from '@opentelemetry/api';
import { ciContext } from './ci-context.ts';
import type { PublishContext } from './manifest.ts';

/** As the manifest has it, and as a span does. */
export interface FoundContext {
  readonly context: PublishContext;
  readonly attributes: Attributes;
}

let found: FoundContext | undefined;

export function cachedCiContext(): FoundContext {
  found ??= find();
  return found;
}

function find(): FoundContext {
  try {
    const context = ciContext(process.env);
    const { ci: _, ...attributes } = context;
    return { context, attributes };
  } catch {
    return { context: { ci: null }, attributes: {} };
  }
}
