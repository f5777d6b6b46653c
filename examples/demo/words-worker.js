/** Run as a worker thread: how often each word occurs. */
import { parentPort, workerData } from 'node:worker_threads';
import { read } from './sources.js';

const counts = new Map();
for (const path of workerData) {
  for (const [word] of read(path).matchAll(/[A-Za-z_]{3,}/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
}
parentPort.postMessage(counts);
