import { type Config, loadConfig } from '../config.ts';
import { runtime } from '../runtime.ts';

let loaded: Config | undefined;

/** The runtime's configuration; where nothing was started, what it would be. */
export function exportSettings(): Config {
  return runtime()?.config ?? (loaded ??= loadConfig().config);
}
