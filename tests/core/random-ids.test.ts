import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { randomIds, randomUuid } from '../../src/random-ids.ts';
import { ROOT, run, runRegistered, temporaryDirectory } from '../support/program.ts';

it('ids are digits of their length, and no two alike', () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => (i % 2 ? randomIds.generateTraceId() : randomIds.generateSpanId()));
  expect(ids.filter((id, i) => !(i % 2 ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{16}$/).test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

it('UUIDs are of version 4', () => {
  const uuids = Array.from({ length: 1_000 }, randomUuid);
  expect(uuids.filter((uuid) => !/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid))).toEqual([]);
  expect(new Set(uuids).size).toBe(1_000);
});

it('where the system has no such file, or it says too little, Node is asked', async () => {
  const broken = {
    absent: "fs.openSync = (path, ...rest) => { if (path === '/dev/urandom') throw new Error('ENOENT'); return open(path, ...rest); };",
    short: 'fs.openSync = (path, ...rest) => (path === "/dev/urandom" ? -1 : open(path, ...rest)); fs.readSync = (file, ...rest) => (file === -1 ? 0 : read(file, ...rest)); fs.closeSync = (file) => file === -1 || close(file);',
  };
  const directory = temporaryDirectory();
  for (const [name, how] of Object.entries(broken)) {
    // A file: with `-e` Node loads `crypto` itself. Only that one file is broken: Node reads modules by `fs` too.
    writeFileSync(
      `${directory}/${name}.mjs`,
      `import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { openSync: open, readSync: read, closeSync: close } = fs;
      ${how}
      syncBuiltinESMExports();
      const { randomIds } = await import(${JSON.stringify(`${ROOT}/dist/src/random-ids.js`)});
      const isLoaded = () => process.moduleLoadList.includes('NativeModule crypto');
      const before = isLoaded();
      console.log(new Set(Array.from({ length: 1_000 }, randomIds.generateTraceId)).size, before, isLoaded());`,
    );
    const { stdout, stderr } = await run(process.execPath, [`${directory}/${name}.mjs`]);
    expect(stdout, `${name}: ${stderr}`).toBe('1000 false true\n');
  }
});

it.skipIf(process.platform === 'win32')('a process that spawns does not load node:crypto for it', async () => {
  const directory = temporaryDirectory();
  // A file: with `-e` Node loads it itself.
  writeFileSync(`${directory}/spawns.cjs`, "require('node:child_process').spawnSync('true'); console.log(process.moduleLoadList.includes('NativeModule crypto'));");
  const spawns = () => runRegistered(`${directory}/.spoor`, [`${directory}/spawns.cjs`]);
  // The first of all gives the directory its id.
  await spawns();
  const { stdout, stderr } = await spawns();
  expect(stdout, stderr).toBe('false\n');
});
