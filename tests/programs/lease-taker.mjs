// Takes and gives back a lease as often as it can for a while; says when two held it at once.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
const [, , module, directory, milliseconds] = process.argv;
const { Lease } = await import(module);
const lease = new Lease(directory);
const inside = join(directory, 'inside');
let taken = 0;
const until = Date.now() + Number(milliseconds);
while (Date.now() < until) {
  if (!lease.take()) continue;
  taken++;
  try {
    writeFileSync(inside, '', { flag: 'wx' });
  } catch {
    process.stdout.write('two at once\n');
  }
  if (!lease.held) process.stdout.write('lost\n');
  rmSync(inside, { force: true });
  lease.release();
}
process.stdout.write(`taken ${taken}\n`);
