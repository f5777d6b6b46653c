// @ts-check
/** Copies one large file, by spoor's publish (as a file, or as a stream) or in a plain loop: `<how> <folder> <bytes>`. */
import { createReadStream, mkdirSync, openSync, closeSync, ftruncateSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { exports, start } from '../../dist/src/index.js';
import { contestant } from '../harness/contestant.js';

const [, , how = '', folder = '', bytes = '0'] = process.argv;
const out = join(folder, 'out');
const large = sparse('large', Number(bytes));
const small = sparse('small', 1_000_000);
let grown = 0;

/** It reads as zeros, and takes no room. @param {string} name @param {number} size */
function sparse(name, size) {
  const path = join(folder, name);
  const descriptor = openSync(path, 'w');
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
  return path;
}

/** @type {Record<string, (path: string) => Promise<void>>} */
const ways = {
  file: (path) => publish({ name: 'large', file: path }),
  stream: (path) => publish({ name: 'large', stream: createReadStream(path, { highWaterMark: 262_144 }) }),
  async 'plain-stream'(path) {
    const to = await open(join(out, 'large'), 'w');
    for await (const chunk of createReadStream(path, { highWaterMark: 262_144 })) await to.write(chunk);
    await to.close();
  },
  async 'plain-file'(path) {
    const from = await open(path);
    const to = await open(join(out, 'large'), 'w');
    const buffer = Buffer.allocUnsafe(262_144);
    for (;;) {
      const { bytesRead } = await from.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      await to.write(buffer, 0, bytesRead);
    }
    await from.close();
    await to.close();
  },
};

/** @param {import('../../dist/src/index.js').Artifact} artifact */
async function publish(artifact) {
  const { allLanded } = await exports.publish([artifact], { to: `dir:${out}` });
  if (!allLanded) throw new Error('it was not written');
}

if (!how.startsWith('plain')) start({ directory: join(folder, '.spoor') });
contestant(
  async () => {
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out);
    // What is loaded once is not what a gigabyte takes.
    await ways[how]?.(small);
    const before = process.resourceUsage().maxRSS;
    await ways[how]?.(large);
    grown = (process.resourceUsage().maxRSS - before) / 1024;
  },
  () => ({ grown }),
);
