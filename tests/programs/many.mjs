// 100,000 operations of as many executables; prints by how many MB the heap grew after the first thousand.
import { startOperation } from '../../dist/src/operation.js';
import { PROCESS_SPAWN } from '../../dist/src/conventions.js';

const operations = (from, to) => {
  for (let i = from; i < to; i++) {
    const name = `program-${i}`;
    startOperation(PROCESS_SPAWN, name, { attributes: { 'process.executable.name': name, 'spoor.spawn.kind': 'spawn' } }).end();
  }
};
operations(0, 1000);
globalThis.gc();
const before = process.memoryUsage().heapUsed;
operations(1000, 100_000);
globalThis.gc();
console.log(Math.round((process.memoryUsage().heapUsed - before) / 1e6));
