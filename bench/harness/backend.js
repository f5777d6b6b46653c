// @ts-check
/** What a peer sends to: a backend that answers at once, one that is not there, one that never answers. */
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';

export const BACKENDS = /** @type {const} */ (['answering', 'dead', 'silent']);

/**
 * Runs `work` with the port of such a backend on loopback.
 * @template T
 * @param {typeof BACKENDS[number]} kind
 * @param {(port: number) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withBackend(kind, work) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const server =
    kind === 'silent'
      ? createSocketServer()
      : createServer((request, response) => {
          request.resume();
          request.once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
        });
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => {}));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    });
  if (kind === 'dead') await stop();
  try {
    return await work(port);
  } finally {
    if (kind !== 'dead') await stop();
  }
}
