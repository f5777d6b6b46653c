/** The CI's context, looked up once: a process does not move to another job. */
import { ciContext } from './ci-context.ts';
import type { PublishContext } from './manifest.ts';

let found: PublishContext | undefined;

export function cachedCiContext(): PublishContext {
  try {
    found ??= ciContext(process.env);
  } catch {
    found = { ci: null };
  }
  return found;
}
