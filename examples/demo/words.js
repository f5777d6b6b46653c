/** Two worker threads, each with half of the files. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { say } from './say.js';
import { sources } from './sources.js';

async function count(paths) {
  const worker = new Worker(new URL('words-worker.js', import.meta.url), { workerData: paths });
  const [counts] = await once(worker, 'message');
  return counts;
}

export async function countWords() {
  const paths = sources();
  const half = Math.ceil(paths.length / 2);
  const [first, second] = await Promise.all([count(paths.slice(0, half)), count(paths.slice(half))]);
  for (const [word, times] of second) first.set(word, (first.get(word) ?? 0) + times);
  const [[word, times]] = [...first].sort((a, b) => b[1] - a[1]);
  say('workers', `${first.size} different words, most often "${word}" (${times})`);
}
