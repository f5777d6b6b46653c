/** What the demo works on: spoor's own compiled modules, which are there once it is built. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../dist/src/', import.meta.url));

/** Absolute paths, in the order of their names. */
export const sources = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => join(folder, name));

export const read = (path) => readFileSync(path, 'utf8');
export const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
