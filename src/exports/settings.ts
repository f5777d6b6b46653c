import { type Config, ownConfig } from '../config.ts';
import { runtime } from '../runtime.ts';

/** The runtime's configuration; where nothing was started, what it would be. */
export function exportSettings(): Config {
  return runtime()?.config ?? ownConfig();
}
