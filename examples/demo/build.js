/** Run as a child: deals the sources out to three compressors, which are its own children. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { kilobytes, sources } from './sources.js';

const compressor = fileURLToPath(new URL('compress.js', import.meta.url));
const paths = sources();
const COMPRESSORS = 3;

async function compress(share) {
  const child = fork(compressor);
  const exited = once(child, 'exit');
  child.send(share);
  const [sizes] = await once(child, 'message');
  await exited;
  return sizes;
}

const shares = Array.from({ length: COMPRESSORS }, (_, n) => paths.filter((_path, index) => index % COMPRESSORS === n));
const all = await Promise.all(shares.map(compress));
const sum = (name) => all.reduce((total, sizes) => total + sizes[name], 0);
console.log(`${paths.length} modules, ${kilobytes(sum('before'))} → ${kilobytes(sum('after'))} gzip, by ${COMPRESSORS} children of a child`);
