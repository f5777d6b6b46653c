/** The action: run as GitHub's runner runs it, with the token that only actions get. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { ROOT, type Result, run, temporaryDirectory } from '../support/program.ts';
import { github } from './github-service.ts';
import { sha256 } from './providers.ts';

const ACTION = parse(readFileSync(join(ROOT, 'action/action.yml'), 'utf8')) as { inputs: Record<string, { default?: string; description: string }>; outputs: Record<string, object>; runs: { using: string; main: string } };
let workspace: string;
beforeEach(() => {
  workspace = temporaryDirectory();
  mkdirSync(join(workspace, 'reports'));
  writeFileSync(join(workspace, 'reports/unit.html'), '<p>\n');
  writeFileSync(join(workspace, 'reports/e2e.html'), '<b>\n');
});

/** Inputs as variables, defaults filled in; the workspace is the working directory. */
function runAction(inputs: Record<string, string>, env: NodeJS.ProcessEnv): Promise<Result> {
  const given = Object.fromEntries(Object.entries(ACTION.inputs).map(([name, { default: standard = '' }]) => [`INPUT_${name.toUpperCase()}`, inputs[name] ?? standard]));
  return run(process.execPath, [join(ROOT, 'action', ACTION.runs.main)], {
    cwd: workspace,
    env: { ...env, ...given, SPOOR_DIR: join(workspace, '.spoor'), GITHUB_WORKSPACE: workspace, RUNNER_TEMP: join(workspace, 'temp'), GITHUB_OUTPUT: join(workspace, 'output'), GITHUB_STEP_SUMMARY: join(workspace, 'summary.md') },
  });
}

/** As the runner reads the file. */
function outputs(): Record<string, string> {
  const text = readFileSync(join(workspace, 'output'), 'utf8');
  return Object.fromEntries([...text.matchAll(/^(\S+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]));
}

it('uploads to the artifact service, tells what came of it, and adds to the summary', async () => {
  const { env, stored } = await github();
  const result = await runAction({ files: 'reports\n', name: 'html', type: 'report' }, env);
  expect(result, result.stderr).toMatchObject({ code: 0 });
  expect([...stored.keys()]).toEqual(['html-unit-2']);
  expect(stored.get('html-unit-2')!.hash).toBe(`sha256:${sha256(stored.get('html-unit-2')!.bytes)}`);
  const { manifest, ...rest } = outputs();
  expect(rest).toEqual({ written: '2', failed: '0', skipped: '0', url: 'https://github.com/o/r/actions/runs/99/artifacts/4711' });
  expect(JSON.parse(readFileSync(manifest!, 'utf8'))).toMatchObject({ name: 'html', context: { ci: 'GitHub Actions' }, artifacts: [{ name: 'e2e.html', type: 'report' }, { name: 'unit.html' }] });
  expect(readFileSync(join(workspace, 'summary.md'), 'utf8')).toContain('✅ written');
  expect(`${result.stdout}${result.stderr}`).not.toContain('secret-signature');
});

it('falls back, several chains a line each, and fails the step only when asked', async () => {
  const { env } = await github(() => 403);
  const green = await runAction({ files: 'reports/*.html\nnone*', to: 'github,dir:out\ndir:copy' }, env);
  expect(green, green.stderr).toMatchObject({ code: 0, stderr: expect.stringContaining('none*: no files found') });
  expect(readFileSync(join(workspace, 'copy/unit.html'), 'utf8')).toBe(readFileSync(join(workspace, 'out/unit.html'), 'utf8'));
  expect(outputs()).toMatchObject({ written: '4', failed: '2' });
  const red = await runAction({ files: 'reports', to: 'github', require: 'all' }, env);
  expect([red.code, red.stdout]).toEqual([1, expect.stringMatching(/^::error title=spoor export::what was required did not land/m)]);
  expect((await runAction({ files: 'reports', to: 'nowhere' }, env)).code).toBe(2);
});

it.each([['last', true], ['last', false], ['new/', false]])('the manifest may be named by its folder: %s, there already: %j', async (folder, isThere) => {
  if (isThere) mkdirSync(join(workspace, folder));
  const result = await runAction({ files: 'reports', to: 'dir:out', manifest: folder }, {});
  expect([result.code, result.stderr]).toEqual([0, '']);
  const path = join(workspace, folder, isThere || folder.endsWith('/') ? 'manifest.json' : '');
  expect([outputs().manifest, outputs().written]).toEqual([path, '2']);
  expect(JSON.parse(readFileSync(path, 'utf8')).counts.written).toBe(2);
});

it('a working directory that is not there is said, once', async () => {
  const { code, stdout, stderr } = await runAction({ files: 'reports', to: 'dir:out', 'working-directory': 'nosuch' }, {});
  expect([code, stdout, stderr]).toEqual([1, `::error title=spoor export::the working-directory ${join(workspace, 'nosuch')} is not there; make it in a step before, or correct the input\n`, '']);
});

it('where no manifest was written, none is named, nor told the outputs of: not of an earlier publish either', async () => {
  await runAction({ files: 'reports', to: 'dir:out', manifest: 'last' }, {});
  rmSync(join(workspace, 'output'));
  for (const manifest of ['', 'last']) {
    const { code, stdout } = await runAction({ files: 'none*', to: 'dir:out', manifest, 'if-no-files-found': 'error' }, {});
    expect([code, stdout]).toEqual([1, '::error title=spoor export::what was required did not land; see above\n']);
    expect(existsSync(join(workspace, 'output'))).toBe(false);
  }
});

it('a job that is cancelled: the publish ends in order, and nothing of it is left running', async () => {
  writeFileSync(join(workspace, 'slow'), `#!/bin/sh\necho $$ $PPID > pids\nkill -INT $(ps -o ppid= -p $PPID)\nexec sleep 300\n`, { mode: 0o755 });
  const { code, stdout } = await runAction({ files: 'reports/unit.html', to: 'command:slow' }, { SPOOR_EXPORT_COMMANDS: '{"slow":["./slow"]}' });
  expect([code, stdout.split('\n').filter((line) => line.startsWith('::'))]).toEqual([1, ['::error title=spoor export::spoor export was ended by SIGINT']]);
  expect(outputs()).toMatchObject({ written: '0', failed: '1' });
  expect(JSON.parse(readFileSync(outputs().manifest!, 'utf8'))).toMatchObject({ state: 'complete', artifacts: [{ results: [{ errorCode: 'cancelled' }] }] });
  for (const pid of readFileSync(join(workspace, 'pids'), 'utf8').trim().split(' ')) await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH'), { timeout: 10_000 });
});

it('every input reaches the command line, and every output is set', async () => {
  const { env } = await github();
  await runAction({ files: 'reports', to: 'dir:out' }, env);
  expect(Object.keys(outputs()).sort()).toEqual(Object.keys(ACTION.outputs).sort());
  const source = readFileSync(join(ROOT, 'action/main.js'), 'utf8');
  expect(Object.keys(ACTION.inputs).filter((name) => !source.includes(`'${name}'`))).toEqual([]);
  expect(ACTION.runs).toEqual({ using: 'node24', main: 'main.js' });
});
