// @ts-check
/** Writes the same bytes as artifacts, by spoor's publish or plainly: `<how> <folder> <artifacts> <writers>`. */
import { mkdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { exports, start } from '../../dist/src/index.js';
import { contestant } from '../harness/contestant.js';

const [, , how = '', folder = '', artifacts = '1', writers = '1'] = process.argv;
const CONCURRENCY = 8;
const content = Buffer.alloc(10_240, 'an artifact of ten kilobytes, more or less. ');
const names = Array.from({ length: Number(artifacts) }, (_, i) => `artifact-${i}.txt`);
/** Of this turn: into new folders, as a publish usually is. @type {string[]} */
let targets = [];
let turn = 0;

function newTargets() {
  targets = Array.from({ length: Number(writers) }, (_, i) => join(folder, `${turn}/to-${i}`));
  turn++;
  for (const target of targets) mkdirSync(target, { recursive: true });
}

/** @type {Record<string, () => Promise<unknown>>} */
const ways = {
  async publish() {
    const { manifest } = await exports.publish(names.map((name) => ({ name, content })), { to: targets.map((target) => `dir:${target}`), concurrency: CONCURRENCY });
    if (manifest.counts.written !== names.length * targets.length) throw new Error('not all was written');
  },
  renamed: () => plain(async (path) => {
    await writeFile(`${path}.tmp`, content);
    await rename(`${path}.tmp`, path);
  }),
  written: () => plain((path) => writeFile(path, content)),
};

/** @param {(path: string) => Promise<void>} write */
function plain(write) {
  const limit = pLimit(CONCURRENCY);
  return Promise.all(targets.flatMap((target) => names.map((name) => limit(() => write(join(target, name))))));
}

if (how === 'publish') start({ directory: join(folder, '.spoor') });
contestant(async (count) => {
  for (let i = 0; i < count; i++) {
    newTargets();
    await ways[how]?.();
  }
});
