// Does the same work, then ends in the way that is asked for. Says `ready` when only the end is left.
const { spawn, spawnSync } = require('node:child_process');
const { Worker } = require('node:worker_threads');

const how = process.argv[2];
const ready = () => process.stdout.write('ready\n');
spawnSync('true');
const child = spawn('sh', ['-c', 'exit 3']);
// Not from within the event: whether `exit` or the last pipe brings it is a race of Node's own.
child.on('close', () => setImmediate(end));

function end() {
  if (how === 'natural') return ready();
  if (how === 'exit') {
    ready();
    process.exit(5);
  }
  if (how === 'throw') {
    ready();
    throw new Error('as asked');
  }
  if (how === 'reject') {
    ready();
    return void Promise.reject(new Error('as asked'));
  }
  if (how === 'loop') {
    // No timer ever runs here.
    for (let i = 0; i < 60; i++) spawnSync('true');
    ready();
    for (;;);
  }
  if (how === 'signal') {
    // Still running when the signal comes: shown as abandoned.
    const sleeper = spawn('sleep', ['30'], { stdio: 'ignore' });
    sleeper.on('spawn', () => process.stdout.write(`sleeper ${sleeper.pid}\nready\n`));
    return setInterval(() => {}, 1000);
  }
  if (how === 'worker') {
    const worker = new Worker(`require('node:child_process').spawnSync('true'); require('node:worker_threads').parentPort.postMessage('done'); setInterval(() => {}, 1000);`, { eval: true });
    worker.on('message', () => worker.terminate().then(ready));
  }
}
