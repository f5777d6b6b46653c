/** The fingerprints that this process knows: one table for all drivers and engines, of the directory that spoor writes to. */
import { atExit } from '../listeners.ts';
import { log } from '../log.ts';
import { runtime } from '../runtime.ts';
import type { Fingerprint } from './fingerprint.ts';
import { KnownFingerprints } from './known-fingerprints.ts';

let ofProcess: { readonly directory: string | undefined; readonly known: KnownFingerprints } | undefined;

/**
 * Compares a find of this process with those before, and keeps it. `selector` is what it is known by: its name,
 * else its hash with the positions in it; never its text. Returns 0 to 1, undefined when there is nothing to compare with. Never throws.
 */
export function observeFingerprint(selector: string, fingerprint: Fingerprint): number | undefined {
  try {
    const config = runtime()?.config;
    const directory = config?.files === true ? config.directory : undefined;
    if (ofProcess === undefined || ofProcess.directory !== directory) {
      saveLast();
      ofProcess = { directory, known: new KnownFingerprints({ directory, onFault, onSetAside }) };
    }
    if (directory !== undefined) atExit(saveLast);
    return ofProcess.known.observe(selector.slice(0, 256), fingerprint);
  } catch (error) {
    onFault(error);
    return undefined;
  }
}

function saveLast(): void {
  ofProcess?.known.save({ last: true });
}

function onFault(error: unknown): void {
  const { code = 'failed', message } = error as NodeJS.ErrnoException;
  log('warn', 'selectors', 'fingerprints_not_kept', `the fingerprints of selectors: ${message}; drift is compared with what this process has seen`);
  runtime()?.dropped(`fingerprints_${code}`);
}

function onSetAside(name: string): void {
  log('warn', 'selectors', 'fingerprints_corrupt', `the fingerprints of selectors could not be read: the file is now ${name}, and a new one was begun`);
}
