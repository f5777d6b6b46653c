/** Spawns `true` as often as it is asked: one after the other with `spawnSync`, or four at once with `spawn`. */
const { spawn, spawnSync } = require('node:child_process');

const AT_ONCE = 4;

function inSync(count) {
  for (let i = 0; i < count; i++) spawnSync('true');
}

async function atOnce(count) {
  let left = count;
  const next = () => (left-- > 0 ? new Promise((resolve) => spawn('true', { stdio: 'ignore' }).once('close', resolve)).then(next) : undefined);
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, next));
}

const megabytes = () => ({ rss: process.memoryUsage().rss / 1e6 });
// oxlint-disable-next-line promise/prefer-await-to-then
import('../harness/contestant.js').then(({ contestant }) => contestant(process.argv[2] === 'sync' ? inSync : atOnce, megabytes));
