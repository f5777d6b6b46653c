// @ts-check
/** A backend that keeps the trace requests it takes as files of a folder. Argument: folder. Says its port. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const folder = process.argv[2] ?? '';
mkdirSync(folder, { recursive: true });
let taken = 0;
const server = createServer((request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.once('end', () => {
    if (request.url === '/v1/traces') writeFileSync(join(folder, String(taken++).padStart(6, '0')), Buffer.concat(chunks));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
}).listen(0, '127.0.0.1', () => process.stdout.write(`${/** @type {import('node:net').AddressInfo} */ (server.address()).port}\n`));
process.stdin.resume().once('end', () => process.exit(0));
