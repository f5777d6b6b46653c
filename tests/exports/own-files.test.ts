/** A publish writes its manifest, journal and sums where it is told to: no artifact and no file of somebody else's is lost to them. */
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Manifest, type PublishResult, exports } from '../../src/exports/exports.ts';
import { verify } from '../../src/exports/verify.ts';
import { CLI, type Result, run, temporaryDirectory } from '../support/program.ts';

process.env.OTEL_LOG_LEVEL = 'none';

const publish = (cwd: string, manifest: string): Promise<PublishResult> => exports.publish([{ name: 'a.txt', content: 'a' }], { to: 'dir:out', manifest, cwd });
const cli = (cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> => run(process.execPath, [CLI, 'export', ...args], { cwd, env });
const text = (...path: string[]): string => readFileSync(join(...path), 'utf8');
const manifestOf = (result: Result): Manifest => JSON.parse(result.stdout) as Manifest;

function project(files: Readonly<Record<string, string>>): string {
  const cwd = temporaryDirectory();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(cwd, dirname(path)), { recursive: true });
    writeFileSync(join(cwd, path), content);
  }
  return cwd;
}

test.each([
  ['dir:site', {}, 'site/manifest.json', 'site'],
  ['dir:link', {}, 'site/manifest.json', 'link'],
  ['gitlab:site', { GITLAB_CI: 'true' }, 'site/manifest.json', 'site'],
  ['dir:.', {}, 'site/manifest.json', 'site/..'],
] as const)('%s: an artifact that would be a file of the publish itself is refused, and said', async (to, env, manifest, folder) => {
  const own = ['.lock', 'journal.jsonl', 'manifest.json', 'SHA256SUMS'];
  const at = to === 'dir:.' ? 'dist/site' : 'dist';
  const cwd = project({ 'dist/ok': 'ok', 'dist/sub/manifest.json': 'theirs', 'site/old': '', ...Object.fromEntries(own.map((name) => [`${at}/${name}`, 'theirs'])), 'dist/x': '' });
  symlinkSync('site', join(cwd, 'link'));
  const result = await cli(cwd, ['dist', '--to', to, '--manifest', manifest, '--require', 'all', '--include-hidden', '--json'], { ...env, CI_PROJECT_DIR: cwd });
  const came = Object.fromEntries(manifestOf(result).artifacts.map(({ name, results: [first] }) => [name, first!.errorCode ?? 'there']));
  const prefix = to === 'dir:.' ? 'site/' : '';
  expect([result.code, came]).toEqual([1, { ok: 'there', x: 'there', 'sub/manifest.json': 'there', ...Object.fromEntries(own.map((name) => [prefix + name, 'reserved_name'])) }]);
  expect(manifestOf(result).artifacts.find(({ name }) => name.endsWith('SHA256SUMS'))!.results[0]!.error).toContain('is written by the publish itself');
  expect([text(cwd, folder, 'sub/manifest.json'), JSON.parse(text(cwd, 'site/manifest.json')).state]).toEqual(['theirs', 'complete']);
  if (to.startsWith('dir:')) expect(await cli(cwd, ['verify', 'site', '--root', '.'])).toMatchObject({ code: 0 });
});

test('a folder where a file of the publish is to be is in its way too; elsewhere any name is free', async () => {
  const cwd = project({ 'dist/.lock/x': 'x', 'dist/Manifest.JSON': 'x' });
  const args = ['dist', '--to', 'dir:site', '--include-hidden', '--json'];
  expect(manifestOf(await cli(cwd, [...args, '--manifest', 'site/manifest.json'])).artifacts.map(({ results: [first] }) => first!.errorCode)).toEqual(['reserved_name', 'reserved_name']);
  expect(manifestOf(await cli(cwd, [...args, '--manifest', 'run/manifest.json'])).counts.written).toBe(2);
});

test.each([['run'], ['run/'], ['new/'], ['run/manifest.json']])('--manifest %s is the manifest in that folder', async (at) => {
  const cwd = project({ 'run/other': '', 'SHA256SUMS': 'theirs', 'journal.jsonl': 'theirs' });
  for (let i = 0; i < 2; i++) expect(await publish(cwd, at)).toMatchObject({ problems: [], allLanded: true });
  const folder = at.split('/')[0]!;
  expect(readdirSync(join(cwd, folder)).filter((name) => name !== 'other').sort()).toEqual(['SHA256SUMS', 'journal.jsonl', 'manifest.json']);
  expect([text(cwd, 'SHA256SUMS'), text(cwd, 'journal.jsonl')]).toEqual(['theirs', 'theirs']);
  expect((await verify(join(cwd, folder), cwd)).ok).toBe(true);
});

test.each([
  ['journal.jsonl', '{"type":"result","subtype":"success"}\n'],
  ['journal.jsonl', '{\n"type":"run","runId":"x"'],
  ['manifest.json', '{"name":"an app","icons":[]}'],
  ['SHA256SUMS', 'abc  file\n'],
])("somebody else's %s stays as it is: %s", async (name, content) => {
  const cwd = project({ [`run/${name}`]: content });
  const { allLanded, manifestPath, problems } = await publish(cwd, 'run/manifest.json');
  expect([allLanded, manifestPath, problems]).toEqual([true, undefined, [expect.stringContaining(`the manifest cannot be written: ${join(cwd, 'run', name)} is there already and not of a publish`)]]);
  expect([readdirSync(join(cwd, 'run')), text(cwd, 'run', name), text(cwd, 'out/a.txt')]).toEqual([[name], content, 'a\n']);
  expect((await cli(cwd, ['append', '--run', 'run', '--artifact', 'a', '--writer', 'w', '--status', 'written'])).code).toBe(2);
  expect([readdirSync(join(cwd, 'run')), text(cwd, 'run', name)]).toEqual([[name], content]);
});

test.each([
  ['nothing but empty files', { 'journal.jsonl': '', 'manifest.json': '', SHA256SUMS: '' }],
  ['a journal that is torn', { 'journal.jsonl': '{"type":"ru\n{"type":"artifact"' }],
  ['a journal that a full disk began later', { 'journal.jsonl': '{"type":"result","artifact":"a"', SHA256SUMS: 'x' }],
  ['a manifest that was moved, or written anew', { 'manifest.json': '{\n  "$schema": "x",\n  "schemaVersion": 1,\n  "runId": "x"', SHA256SUMS: 'x' }],
])('what an earlier publish left is replaced: %s', async (_, files) => {
  const cwd = project(Object.fromEntries(Object.entries(files).map(([name, content]) => [`run/${name}`, content])));
  expect(await publish(cwd, 'run/manifest.json')).toMatchObject({ problems: [], allLanded: true });
  expect((await verify(join(cwd, 'run'), cwd)).ok).toBe(true);
});

test('how often in a row goes on where one path is the manifest and the one before, as in the recipe for caches', async () => {
  const cwd = project({ 'a.txt': 'a' });
  for (const expected of [1, 2, 3]) {
    const result = await cli(cwd, ['a.txt', '--to', 'command:c,dir:out', '--command', 'c=["no-such-program"]', '--manifest', 'last/manifest.json', '--previous-manifest', 'last/manifest.json', '--json'], { SPOOR_DIR: join(cwd, `forgets-${expected}`) });
    expect([result.stderr, manifestOf(result).fallbackSummary.command!.commandNotFoundInARow]).toEqual(['', expected]);
  }
  writeFileSync(join(cwd, 'broken.json'), '{');
  const broken = ['a.txt', '--to', 'command:c,dir:out', '--previous-manifest', 'broken.json'];
  expect((await cli(cwd, [...broken, '--command', 'c=["no-such-program"]'])).stderr).toContain('the previous manifest cannot be read');
  expect((await cli(cwd, [...broken, '--command', 'c=["true"]'])).stderr).toBe('');
});
