/** Which CI this is, and what it says of the run, the job and the commit. */
import type { PublishContext } from './manifest.ts';

export function ciContext(_env: NodeJS.ProcessEnv = process.env): PublishContext {
  return { ci: null };
}
