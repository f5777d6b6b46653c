import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withLock } from '../../src/store/lock.ts';
import { ROOT, cleanEnvironment, temporaryDirectory } from '../support/program.ts';

/** A process that has the lock, for so many milliseconds each time, and never leaves it free until `end` ms are over. */
async function held(path: string, each: number, end: number): Promise<{ over: Promise<unknown> }> {
  const program = `
    import { renameSync, symlinkSync, unlinkSync } from 'node:fs';
    import { processIdentity } from ${JSON.stringify(`${ROOT}/dist/src/store/process-identity.js`)};
    const [path, began] = [${JSON.stringify(path)}, performance.now()];
    for (let turn = 0; performance.now() - began < ${end}; turn++) {
      symlinkSync(processIdentity() + ':turn' + turn, path + '.next');
      renameSync(path + '.next', path);
      if (turn === 0) process.stdout.write('held');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${each});
    }
    unlinkSync(path);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
  const over = once(child, 'close');
  await once(child.stdout, 'data');
  return { over };
}

test('a lock that one holder keeps is given up; one that goes from holder to holder is waited for longer', async () => {
  const directory = temporaryDirectory();
  const [kept, crowded, endless] = await Promise.all([held(`${directory}/kept`, 2_000, 2_000), held(`${directory}/crowded`, 5, 2_500), held(`${directory}/endless`, 5, 4_000)]);
  expect(() => withLock(`${directory}/kept`, () => {}, 200)).toThrow(/held by another process/);
  // What is there and nobody's.
  mkdirSync(`${directory}/folder`);
  expect(() => withLock(`${directory}/folder`, () => {}, 100)).toThrow(/held by another process/);
  expect(() => withLock(`${directory}/endless`, () => {}, 100)).toThrow(/held by another process/);
  expect(withLock(`${directory}/crowded`, () => 'mine', 1_500)).toBe('mine');
  await Promise.all([kept.over, crowded.over, endless.over]);
});
