/** Where standard output cannot be written: a device that is full is there without a disk that is. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLI, type Result, run, temporaryDirectory } from '../support/program.ts';

const SAID = 'spoor: standard output cannot be written: ENOSPC\n';

/** In a folder with one file in it. */
function spoor(line: string, cwd = temporaryDirectory()): Promise<Result> {
  writeFileSync(join(cwd, 'file'), 'content');
  mkdirSync(join(cwd, 'tmp'), { recursive: true });
  return run('sh', ['-c', `"$NODE" "$CLI" ${line}`], { cwd, env: { NODE: process.execPath, CLI, TMPDIR: join(cwd, 'tmp') } });
}

describe.runIf(existsSync('/dev/full'))('standard output is full', () => {
  test.each(['report', 'report --json', 'traces', 'doctor', '--help', 'report --help', '-V', 'init laptop --dry-run', 'spawn list', 'export file --to dir:out'])('spoor %s says so in one line, and exits 1', async (command) => {
    expect(await spoor(`${command} > /dev/full`)).toEqual({ code: 1, signal: null, stdout: '', stderr: SAID });
  });

  test('what was begun comes to its end: nothing is left behind', async () => {
    const cwd = temporaryDirectory();
    expect(await spoor('export --from rollups --to dir:out > /dev/full', cwd)).toMatchObject({ code: 1, stderr: SAID });
    expect([readdirSync(join(cwd, 'out')), readdirSync(join(cwd, 'tmp'))]).toEqual([['spoor-rollups.json'], []]);
  });

  test.each(['', ' --json'])('a spawn whose id nobody has is not open: start%s', async (json) => {
    const cwd = temporaryDirectory();
    expect(await spoor(`spawn start --role builder --model m${json} > /dev/full`, cwd)).toMatchObject({ code: 1, stderr: SAID });
    expect((await spoor('spawn list', cwd)).stdout).toBe('No agent is open.\n');
    expect(JSON.parse((await spoor('report --json', cwd)).stdout).spawns).toMatchObject([{ role: 'builder', failed: 1, running: 0, errors: { ENOSPC: 1 } }]);
  });

  test('nor where standard error is full too', async () => {
    expect(await spoor('report > /dev/full 2>&1')).toEqual({ code: 1, signal: null, stdout: '', stderr: '' });
  });
});
