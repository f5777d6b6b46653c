// @ts-check
/** Where the shipping rows send to: a server on loopback, or the collector that `SPOOR_COLLECTOR` names (a URL). */
import { withBackend } from './backend.js';

/**
 * @template T
 * @param {typeof import('./backend.js').BACKENDS[number]} kind
 * @param {(url: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withCollector(kind, work) {
  const given = process.env.SPOOR_COLLECTOR;
  if (kind === 'answering' && given) return work(given);
  return withBackend(kind, (port) => work(`http://127.0.0.1:${port}`));
}
