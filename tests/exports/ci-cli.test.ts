/** `spoor export` in CI: the trace that it continues, the step summary, Azure's commands; and what `--from` publishes. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeEach, expect, it } from 'vitest';
import type { ExportFormat, ExportSource } from '../../src/cli/export.ts';
import { withRecorded } from '../../src/cli/export-from.ts';
import { exportView } from '../../src/cli/report-export.ts';
import { colors } from '../../src/cli/terminal.ts';
import type { Manifest } from '../../src/exports/manifest.ts';
import { hourFiles } from '../../src/store/layout.ts';
import { CLI, ROOT, cleanEnvironment, type Result, run, runRegistered, spans, temporaryDirectory } from '../support/program.ts';

let folder: string;
let store: string;
beforeEach(() => {
  folder = temporaryDirectory();
  store = join(folder, '.spoor');
});

/** Whatever CI runs these tests is not the one that they are about. */
const NO_CI = Object.fromEntries(Object.keys(cleanEnvironment()).filter((name) => /^(CI$|CI_|BUILD_|GITHUB_|GITLAB_|TF_BUILD|RUN_ID|CONTINUOUS)/.test(name)).map((name) => [name, undefined]));
const GITHUB = { GITHUB_ACTIONS: 'true', GITHUB_WORKFLOW: 'build', GITHUB_RUN_ID: '7', GITHUB_JOB: 'unit', GITHUB_SHA: 'abc', GITHUB_REPOSITORY: 'o/r' };

function spoor(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> {
  return run(process.execPath, [CLI, ...args], { cwd: folder, env: { ...NO_CI, SPOOR_DIR: store, ...env } });
}

const published = (manifest: string): Manifest => JSON.parse(readFileSync(join(folder, manifest), 'utf8')) as Manifest;

it('continues the trace of the CI job, whose ids are on the spans and in the manifest', async () => {
  writeFileSync(join(folder, 'a.txt'), 'a\n');
  const traceId = 'a'.repeat(32);
  const { code } = await spoor(['export', 'a.txt', '--to', 'dir:out', '--manifest', 'run/manifest.json'], { ...GITHUB, TRACEPARENT: `00-${traceId}-${'b'.repeat(16)}-01` });
  expect(code).toBe(0);
  const publish = spans(store).find(({ name }) => name === 'publish artifacts')!;
  expect([publish.traceId, publish.parentSpanId]).toEqual([traceId, 'b'.repeat(16)]);
  const ids = { 'cicd.pipeline.name': 'build', 'cicd.pipeline.run.id': '7', 'cicd.pipeline.task.name': 'unit', 'vcs.ref.head.revision': 'abc', 'vcs.repository.url.full': 'https://github.com/o/r' };
  expect(publish.attributes).toMatchObject(ids);
  expect(published('run/manifest.json')).toMatchObject({ traceId, context: { ci: 'GitHub Actions', ...ids } });
});

it('adds each publish to the step summary; recurring commands that are not found are counted from manifest to manifest', async () => {
  writeFileSync(join(folder, 'a|b.txt'), 'a\n');
  const env = { ...GITHUB, GITHUB_STEP_SUMMARY: join(folder, 'summary.md'), PATH: '/nowhere' };
  for (const [i, more] of [[], ['--previous-manifest', 'run0/manifest.json']].entries()) {
    const { code, stdout } = await spoor(['export', 'a|b.txt', '--to', 'buildkite,dir:out', '--manifest', `run${i}/manifest.json`, ...more], { ...env, SPOOR_DIR: join(folder, `spoor${i}`) });
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 artifact')]);
  }
  const summary = readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8');
  expect(summary.match(/### Exports: artifacts/g)).toHaveLength(2);
  expect(summary).toContain('| buildkite | 1 | 1 | first time |');
  expect(summary).toContain('| buildkite | 1 | 1 | ⚠️ **2 publishes in a row** |');
  expect(summary).toContain('| a\\|b.txt | 2 B | dir\\:out | ✅ written |  |');
  await spoor(['export', 'a|b.txt', '--to', 'dir:out', '--no-summary'], env);
  expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toBe(summary);
});

it('the manifests of several shards make one summary', async () => {
  writeFileSync(join(folder, 'a.txt'), 'a\n');
  for (const job of ['one', 'two']) await spoor(['export', 'a.txt', '--to', 'dir:out', '--manifest', `${job}/manifest.json`], { ...GITHUB, GITHUB_JOB: job });
  const { code, stdout } = await spoor(['export', 'summary', 'one', 'two/manifest.json']);
  expect(code).toBe(0);
  expect(stdout).toContain('2 artifacts · 2 written · from 2 manifests');
  expect(stdout).toContain('| one | a.txt | 2 B |');
  appendFileSync(join(folder, 'all.md'), 'before');
  await spoor(['export', 'summary', 'one', 'two', '--to', 'all.md']);
  expect(readFileSync(join(folder, 'all.md'), 'utf8')).toBe(`before\n${stdout}`);
  expect(await spoor(['export', 'summary', 'none'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('none') });
});

it("azure: the CLI's output has its commands, and no others whatever the names are", async () => {
  mkdirSync(join(folder, 'agent'));
  const name = '##vso[task.complete result=Failed]::error::.txt';
  writeFileSync(join(folder, name), 'a\n');
  const env = { TF_BUILD: 'True', AGENT_TEMPDIRECTORY: join(folder, 'agent'), SYSTEM_JOBNAME: 'unit', SYSTEM_JOBATTEMPT: '1', BUILD_BUILDID: '7' };
  const { code, stdout, stderr } = await spoor(['export', name, 'no-such##vso[x]', '--to', 'azure', '--to', 'gitlab', '--require', 'all'], env);
  expect(code).toBe(1);
  const commands = [...`${stdout}${stderr}`.matchAll(/##(?:vso)?\[([^\]]*)\](.*)/g)].map(([, command, data]) => [command, data]);
  expect(commands.map(([command]) => command)).toEqual(['artifact.upload containerfolder=artifacts-unit-1;artifactname=artifacts-unit-1', 'task.uploadsummary']);
  expect(readFileSync(join(commands[0]![1]!, name), 'utf8')).toBe('a\n');
  expect(readFileSync(commands[1]![1]!, 'utf8')).toContain('📤 handed over');
  const json = await spoor(['export', name, '--to', 'azure', '--json'], env);
  expect(json.stdout).not.toMatch(/##(vso)?\[/);
  expect((JSON.parse(json.stdout) as Manifest).artifacts[0]!.name).toBe(name);
  expect(json.stderr).toMatch(/^##vso\[artifact\.upload/m);
});

it('--from: rollups, traces and the ledger, in every format', async () => {
  const code = `
    import { execFileSync } from 'node:child_process';
    import { spawns } from '${ROOT}dist/src/index.js';
    for (const model of ['=big', 'small']) spawns.run({ role: 'builder', model, task: 'a, b|c', source: 's' }, () => execFileSync(process.execPath, ['--version']));`;
  await runRegistered(store, ['--input-type=module', '-e', code], { cwd: folder });
  const result = await spoor(['export', '--from', 'rollups', '--format', 'csv', '--to', 'dir:out', '--manifest', 'run/manifest.json']);
  expect(result, result.stderr).toMatchObject({ code: 0, stderr: '' });
  expect(published('run/manifest.json').artifacts).toMatchObject([{ name: 'spoor-rollups.csv', type: 'rollups', metadata: { rows: expect.any(Number) }, results: [{ status: 'written' }] }]);
  const content = (from: ExportSource, format: ExportFormat): Promise<string> => withRecorded(from, { format, since: 0, dir: store, metadata: {} }, ({ file }) => readFileSync(file, 'utf8'));
  const rollups = JSON.parse(await content('rollups', 'json')) as Record<string, any>[];
  const spawned = rollups.filter(({ metric, attributes }) => metric === 'spoor.spawn.duration' && attributes['spoor.spawn.kind'] === 'execFileSync');
  expect(spawned).toMatchObject([{ count: 2, unit: 's', p50: expect.any(Number) }]);
  const csv = parse(readFileSync(join(folder, 'out/spoor-rollups.csv'), 'utf8'), { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
  expect(csv.find(({ metric, attributes }) => metric === 'spoor.spawn.duration' && attributes!.includes('execFileSync'))).toMatchObject({ count: '2', max: String(spawned[0]!.max) });
  const lines = (await content('rollups', 'influx')).trimEnd().split('\n');
  const counts = lines.filter((line) => line.startsWith('spoor.spawn.duration,') && line.includes('spoor.spawn.kind=execFileSync')).map((line) => Number(/count=(\d+)i/.exec(line)![1]));
  expect(counts.reduce((a, b) => a + b)).toBe(2);

  const own = spans(store);
  // As who writes at least once may leave them.
  for (const { path } of hourFiles(store, 'traces')) appendFileSync(path, readFileSync(path));
  const traces = JSON.parse(await content('traces', 'json')) as Record<string, unknown>[];
  expect(traces.map(({ span_id: id }) => id).sort()).toEqual(own.map(({ spanId }) => spanId).sort());
  for (const span of traces) expect(own.some(({ spanId, traceId, name, attributes }) => spanId === span.span_id && traceId === span.trace_id && name === span.name && attributes['spoor.spawn.kind'] === (span.attributes as Record<string, unknown>)['spoor.spawn.kind'])).toBe(true);
  expect(traces.map(({ name }) => name).filter((name) => name === 'invoke_agent builder')).toHaveLength(2);
  expect(parse(await content('traces', 'csv'), { columns: true })).toHaveLength(traces.length);
  expect(await content('traces', 'markdown')).toContain('| invoke\\_agent builder |');

  expect(JSON.parse(await content('ledger', 'json'))).toMatchObject([{ selected_model: '=big', task: 'a, b|c', outcome: 'completed' }, { selected_model: 'small' }]);
  expect((parse(await content('ledger', 'csv'), { columns: true }) as Record<string, string>[]).map(({ selected_model }) => selected_model)).toEqual(["'=big", 'small']);
  expect(await content('ledger', 'markdown')).toContain('| a, b\\|c | builder | =big |');

  await expect(content('traces', 'influx')).rejects.toThrow(/line protocol holds numbers/);
  const wrong = [['--from', 'rollups', 'a.txt'], [], ['--from', 'nothing']].map((args) => spoor(['export', ...args, '--to', 'dir:x']));
  for (const { code: exitCode, stdout } of await Promise.all(wrong)) expect([exitCode, stdout]).toEqual([2, '']);
});

it('spoor report --kind export: by writer, with what did not land and why', async () => {
  for (const name of ['a.txt', 'b.txt']) writeFileSync(join(folder, name), 'a\n');
  await spoor(['export', 'a.txt', 'b.txt', '--to', 'buildkite,dir:out', '--type', 'report'], { PATH: '/nowhere' });
  await spoor(['export', 'a.txt', '--to', 'command:no', '--command', 'no=["false"]']);
  const { code, stdout } = await spoor(['report', '--kind', 'export', '--json']);
  expect(code).toBe(0);
  const view = exportView({ directory: store, since: 0, now: Date.now(), top: 5, onBytes: () => {} });
  const [csv, markdown, text] = [view.csv(), view.markdown(), view.text(colors({}))];
  const { publishes, writes, last_failures: failures } = JSON.parse(stdout) as { publishes: object; writes: object[]; last_failures: object[] };
  expect(publishes).toMatchObject({ count: 2, written: 1, failed: 1, reasons: { not_landed: 1 } });
  expect(writes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ writer: 'filesystem', artifact_type: 'report', count: 2, written: 2, artifacts: 2, bytes: 4 }),
      expect.objectContaining({ writer: 'buildkite', artifact_type: 'report', skipped: 1, written: 0, reasons: { command_not_found: 1 } }),
      expect.objectContaining({ writer: 'command', artifact_type: 'file', failed: 1, reasons: { exit_code: 1 } }),
    ]),
  );
  expect(failures).toMatchObject([{ writer: 'command', artifact: 'a.txt', outcome: 'failed', reason: 'exit_code' }, { writer: 'buildkite', outcome: 'skipped', reason: 'command_not_found' }]);
  expect((parse(csv, { columns: true }) as Record<string, string>[]).map(({ writer }) => writer)).toEqual(['(publish)', 'filesystem', 'buildkite', 'command']);
  for (const shown of ['2 publishes', '1 failed', '  1 command_not_found  ']) expect(text).toContain(shown);
  expect(text).toMatch(/\nLast that did not land\n20.* UTC  command    a\.txt  exit_code          [0-9a-f]{32}\n20.* UTC  buildkite  /);
  expect(markdown).toContain('1 command\\_not\\_found');
  expect(csv).toContain(',1 exit_code,');
});

it('--from rollups: the spawns of a process that was killed before it wrote its numbers are in it, once', async () => {
  const code = (end: string): string => `
    const { execFileSync } = require('node:child_process');
    for (let i = 0; i < 3; i++) try { execFileSync(process.execPath, ['-e', 'process.exit(' + i + ')'], { stdio: 'ignore' }); } catch {}
    ${end}`;
  for (const end of ["process.kill(process.pid, 'SIGKILL');", '']) await runRegistered(store, ['-e', code(end)], { env: { SPOOR_FLUSH_INTERVAL: '1h' } });
  const text = await withRecorded('rollups', { format: 'json', since: 0, dir: store, metadata: {} }, ({ file }) => readFileSync(file, 'utf8'));
  const rows = (JSON.parse(text) as Record<string, any>[]).filter(({ metric, attributes }) => metric === 'spoor.spawn.duration' && attributes['spoor.spawn.kind'] === 'execFileSync');
  expect(rows.map(({ attributes, count }) => [attributes['error.type'], count])).toEqual(expect.arrayContaining([[undefined, 2], ['exit_code', 4]]));
  expect(rows).toHaveLength(2);
});
