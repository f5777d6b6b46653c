/** Disks that fill or are not there, and files that are larger than memory should get. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT, run, temporaryDirectory } from '../support/program.ts';

const PACKAGE = JSON.stringify(join(ROOT, 'dist/src/index.js'));
const program = (body: string): string[] => ['--input-type=module', '-e', `import { exports } from ${PACKAGE};\n${body}`];
const quiet = { OTEL_LOG_LEVEL: 'none' };

/** A disk of one megabyte, where this user may make one. */
function smallDisk(): string | undefined {
  const at = join(temporaryDirectory(), 'disk');
  mkdirSync(at);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', [at]));
  return at;
}

test('a disk that fills: what does not fit fails, leaves nothing half done, and goes to the next in the chain', async ({ skip }) => {
  const disk = smallDisk() ?? skip('only root can make a small disk');
  const cwd = temporaryDirectory();
  const { stdout } = await run(
    process.execPath,
    program(`async function* stream() { for (let i = 0; i < 20; i++) yield Buffer.alloc(100_000, i); }
      const { manifest } = await exports.publish([{ name: 'a', content: Buffer.alloc(600_000) }, { name: 'b', content: Buffer.alloc(600_000) }, { name: 'c', stream: stream() }], { to: 'dir:${disk},dir:other', concurrency: 1, manifest: 'run/manifest.json' });
      console.log(JSON.stringify(manifest.artifacts.map(({ results }) => results.map(({ errorCode, status }) => errorCode ?? status))));`),
    { cwd, env: quiet },
  );
  expect(JSON.parse(stdout)).toEqual([['written'], ['ENOSPC', 'written'], ['ENOSPC', 'written']]);
  expect([readdirSync(disk), readdirSync(join(cwd, 'other')).sort(), statSync(join(cwd, 'other/c')).size]).toEqual([['a'], ['b', 'c'], 2_000_000]);
});

test('a disk that is too full for the manifest: the artifacts are published all the same', async ({ skip }) => {
  const disk = smallDisk() ?? skip('only root can make a small disk');
  const cwd = temporaryDirectory();
  writeFileSync(join(disk, 'full'), Buffer.alloc(1_040_000));
  const { code, stdout } = await run(
    process.execPath,
    program(`async function* stream() { for (let i = 0; i < 20; i++) yield Buffer.alloc(10_000, i); }
      const artifacts = [...Array.from({ length: 50 }, (_, i) => ({ name: 'a' + i, content: 'x' })), { name: 's', stream: stream() }];
      const { allLanded, problems, manifest } = await exports.publish(artifacts, { to: 'dir:out', manifest: '${disk}/run/manifest.json' });
      console.log(JSON.stringify([manifest.counts.written, problems.length > 0]));`),
    { cwd, env: quiet },
  );
  // The stream is spooled beside the manifest: it is told as failed.
  expect([code, JSON.parse(stdout), readdirSync(join(cwd, 'out')).length]).toEqual([0, [50, true], 50]);
});

test('a limit on the size of files is one failed artifact', async () => {
  const cwd = temporaryDirectory();
  const body = `const { manifest } = await exports.publish([{ name: 'a', content: Buffer.alloc(300_000) }, { name: 'b', content: 'b' }], { to: 'dir:out', manifest: 'run/manifest.json' });
    console.log(JSON.stringify(manifest.artifacts.map(({ results }) => results[0].errorCode ?? results[0].status)));`;
  const { stdout } = await run('bash', ['-c', 'ulimit -f 200; exec "$@"', 'bash', process.execPath, ...program(body)], { cwd, env: quiet });
  expect([JSON.parse(stdout), readdirSync(join(cwd, 'out'))]).toEqual([['EFBIG', 'written'], ['b']]);
});

test('a file of 2 GB goes to a command, is hashed and verified, in bounded memory', async () => {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'big'), '');
  // Sparse: it takes no room, and reading it takes no disk.
  truncateSync(join(cwd, 'big'), 2_147_483_648 + 10);
  const { stdout, stderr } = await run(
    process.execPath,
    program(`const before = process.resourceUsage().maxRSS;
      const reads = { id: 'reads', async write(artifact) { let n = 0; for await (const chunk of artifact.chunks()) n += chunk.length; return { status: 'written', remoteId: String(n) }; } };
      const { manifest } = await exports.publish([{ name: 'big', file: 'big' }], { to: reads, manifest: 'run/manifest.json' });
      console.log(JSON.stringify({ grown: (process.resourceUsage().maxRSS - before) / 1024, result: manifest.artifacts[0] }));`),
    { cwd, env: quiet },
  );
  const { grown, result } = JSON.parse(stdout || stderr);
  expect(result).toMatchObject({ size: 2_147_483_658, results: [{ status: 'written', remoteId: '2147483658' }] });
  expect(result.digest.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(grown).toBeLessThan(64);
  expect(existsSync(join(cwd, 'run/SHA256SUMS'))).toBe(true);
  expect(readFileSync(join(cwd, 'run/SHA256SUMS'), 'utf8')).toBe('');
});

test('a drive that is not there, as Windows says it, is an error and no recursion without end', async () => {
  const layout = JSON.stringify(join(ROOT, 'dist/src/store/layout.js'));
  const body = `import fs from 'node:fs';
    import promises from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const gone = () => Object.assign(new Error('no such file or directory'), { code: 'ENOENT' });
    fs.mkdirSync = () => { throw gone(); };
    promises.mkdir = async () => { throw gone(); };
    syncBuiltinESMExports();
    const { makeDirectory } = await import(${layout});
    const { makeFolder } = await import(${JSON.stringify(join(ROOT, 'dist/src/exports/make-folder.js'))});
    try { makeDirectory('/spoor/exports'); } catch ({ code }) { console.log(code); }
    await makeFolder('/spoor/exports').catch(({ code }) => console.log(code));`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', body]);
  expect([stdout, stderr]).toEqual(['ENOENT\nENOENT\n', '']);
});
