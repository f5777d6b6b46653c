/** Buildkite, Azure and GitLab: agents that behave as the real ones, through a whole publish. */
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { azureArtifactName } from '../../src/exports/providers/azure.ts';
import { buildkiteName } from '../../src/exports/providers/buildkite.ts';
import { allowCiCommands, azureCommand, githubCommand } from '../../src/exports/providers/ci-commands.ts';
import { ciSafeJson } from '../../src/cli/terminal.ts';
import { clean } from '../../src/report/words.ts';
import { exports, type ManifestResult, type PublishOptions } from '../../src/exports/exports.ts';
import { ROOT, run, temporaryDirectory } from '../support/program.ts';
import { sha256 } from './providers.ts';

let folder: string;
let commands: string[];
beforeEach(() => {
  folder = temporaryDirectory();
  commands = [];
  vi.stubEnv('OTEL_LOG_LEVEL', 'none');
  for (const name of ['TF_BUILD', 'AGENT_TEMPDIRECTORY', 'GITLAB_CI', 'CI_PROJECT_DIR', 'CI_JOB_URL', 'BUILD_ARTIFACTSTAGINGDIRECTORY']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  allowCiCommands(undefined as never);
});

async function publish(to: string, files: Readonly<Record<string, string>>, more: Partial<PublishOptions> = {}): Promise<{ results: ManifestResult[]; byName: Record<string, ManifestResult[]> }> {
  const { manifest } = await exports.publish(Object.entries(files).map(([name, content]) => ({ name, content: Buffer.from(content) })), { to, manifest: join(folder, 'run/manifest.json'), cwd: folder, ...more });
  return { results: manifest.artifacts.flatMap(({ results }) => results), byName: Object.fromEntries(manifest.artifacts.map(({ name, results }) => [name, [...results]])) };
}

/** Takes patterns separated by semicolons, relative to its working directory; exits with 0 when nothing matched, and says so. */
const AGENT = `#!${process.execPath}
const { globSync } = require('${ROOT}node_modules/tinyglobby');
const { cpSync, appendFileSync, existsSync } = require('node:fs');
const [group, action, paths, destination] = process.argv.slice(2);
if (group !== 'artifact' || action !== 'upload' || !paths) { console.error('unknown command'); process.exit(1); }
if (destination) { console.error('fatal: invalid upload destination: ' + destination); process.exit(1); }
if (!process.env.BUILDKITE_JOB_ID) { console.error('fatal: missing required value: job'); process.exit(1); }
appendFileSync(process.env.STORE + '.calls', JSON.stringify({ paths, traceparent: process.env.TRACEPARENT }) + '\\n');
const found = [...new Set(paths.split(';').map((p) => p.trim()).filter(Boolean).flatMap((p) => (/[*?[{!]/.test(p) ? globSync(p, { dot: true, expandDirectories: false }) : existsSync(p) ? [p] : [])))];
if (found.length === 0) { console.error('INFO   No files matched paths: ' + paths); process.exit(0); }
console.error('INFO   Found ' + found.length + ' files that match "' + paths + '"');
if (process.env.AGENT_FAILS) { console.error('fatal: failed to upload artifacts: 401 Unauthorized'); process.exit(1); }
for (const path of found) cpSync(path, process.env.STORE + '/' + path, { recursive: true });
`;

function buildkite(): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'buildkite-agent'), AGENT);
  chmodSync(join(bin, 'buildkite-agent'), 0o755);
  vi.stubEnv('PATH', [bin, process.env.PATH].join(delimiter));
  vi.stubEnv('STORE', join(folder, 'store'));
  vi.stubEnv('BUILDKITE_JOB_ID', 'j');
  return join(folder, 'store');
}

const stored = (root: string): string[] => (existsSync(root) ? readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort() : []);

it('buildkite: every artifact arrives under its name, in one call, whatever the name is', async () => {
  const store = buildkite();
  const files = { 'a.txt': 'a', 'deep/er/b c.txt': 'b', '.hidden': 'h', 'x[1].txt': 'x', 'y;z.txt': 'yz', 'y,z.txt': 'y,z', '*': 'star', '-rf': 'option', '$(touch pwned)': 'no shell' };
  const { results } = await publish('buildkite,dir:out', files);
  expect(results.map(({ writer, status }) => [writer, status])).toEqual(Object.keys(files).map(() => ['buildkite', 'written']));
  expect(stored(store)).toEqual(['$(touch pwned)', '.hidden', '2-y_z.txt', '_', '_-rf', 'a.txt', 'deep/er/b c.txt', 'x_1_.txt', 'y_z.txt'].sort());
  expect(readFileSync(join(store, 'y_z.txt'), 'utf8') + readFileSync(join(store, '2-y_z.txt'), 'utf8')).toBe('yzy,z');
  expect(readFileSync(`${store}.calls`, 'utf8').trim().split('\n')).toHaveLength(1);
});

it('buildkite: an agent that refuses, finds nothing, or is not there starts the next in the chain', async () => {
  const store = buildkite();
  vi.stubEnv('AGENT_FAILS', '1');
  const refused = await publish('buildkite,dir:out', { 'a.txt': 'a' });
  expect(refused.byName['a.txt']).toMatchObject([{ writer: 'buildkite', status: 'failed', errorCode: 'exit_code', exitCode: 1, output: expect.stringContaining('401') }, { writer: 'filesystem', status: 'written' }]);
  writeFileSync(join(folder, 'bin/buildkite-agent'), AGENT.replace('const found = ', 'const found = [];'));
  expect((await publish('buildkite,dir:out2', { 'a.txt': 'a' })).results).toMatchObject([{ status: 'failed', errorCode: 'incomplete' }, { status: 'written' }]);
  vi.stubEnv('PATH', folder);
  expect((await publish('buildkite,dir:out3', { 'a.txt': 'a', 'b.txt': 'b' })).results).toMatchObject([{ status: 'skipped', skippedReason: 'command_not_found', exitCode: 127 }, { status: 'written' }, { status: 'skipped' }, { status: 'written' }]);
  expect(stored(store)).toEqual([]);
});

it('buildkite: more names than one argument can hold are several calls', async () => {
  const store = buildkite();
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`${'long'.repeat(50)}-${i}.txt`, String(i)]));
  expect((await publish('buildkite', files)).results.every(({ status }) => status === 'written')).toBe(true);
  expect(stored(store)).toHaveLength(400);
  expect(readFileSync(`${store}.calls`, 'utf8').trim().split('\n')).toHaveLength(2);
});

it('names for buildkite are no patterns, no options, and stay below their folder', () => {
  const part = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('*', '-x', '~', ' ', '{a,b}', '!')).map((text) => text.replaceAll('/', '_')).filter((text) => text !== '.' && text !== '..');
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      const name = buildkiteName(parts.join('/'));
      expect(name).not.toMatch(/[*?[\]{};,\\!~]|^-|^\//);
      expect(name.split('/')).toHaveLength(parts.length);
      expect(name.split('/').every((one) => one.trim() === one && one !== '')).toBe(true);
    }),
  );
});

/** As azure-pipelines-agent reads a line: what is between the brackets, then the data. */
function readAzure(line: string): { name: string; properties: Record<string, string>; data: string } | undefined {
  const start = line.indexOf('##vso[');
  const end = line.indexOf(']', start);
  if (start < 0 || end < 0) return undefined;
  const unescaped = (text: string): string => text.replaceAll('%3B', ';').replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%5D', ']').replaceAll('%AZP25', '%');
  const inside = line.slice(start + 6, end);
  const space = inside.indexOf(' ');
  const properties = (space < 0 ? '' : inside.slice(space + 1)).split(';').filter(Boolean).map((pair) => [pair.slice(0, pair.indexOf('=')), unescaped(pair.slice(pair.indexOf('=') + 1))]);
  return { name: space < 0 ? inside : inside.slice(0, space), properties: Object.fromEntries(properties), data: unescaped(line.slice(end + 1)) };
}

it('azure: one command hands the folder over, where it stays until the end of the job', async () => {
  vi.stubEnv('TF_BUILD', 'True');
  vi.stubEnv('AGENT_TEMPDIRECTORY', join(folder, 'agent temp;]%0A'));
  vi.stubEnv('SYSTEM_JOBNAME', 'unit/tests');
  vi.stubEnv('SYSTEM_JOBATTEMPT', '2');
  expect((await publish('azure,dir:out', { 'a.txt': 'a' })).results).toMatchObject([{ writer: 'azure', status: 'skipped', skippedReason: 'unavailable', error: expect.stringContaining('spoor export') }, { writer: 'filesystem', status: 'written' }]);
  allowCiCommands((line) => commands.push(line));
  const { results } = await publish('azure:night]ly', { 'a.txt': 'a', 'deep/##vso[task.complete result=Failed;]': 'b' });
  expect(results).toMatchObject([{ status: 'handed_over' }, { status: 'handed_over' }]);
  expect(commands).toHaveLength(1);
  const command = readAzure(commands[0]!)!;
  expect([command.name, command.properties]).toEqual(['artifact.upload', { containerfolder: 'night]ly-unit_tests-2', artifactname: 'night]ly-unit_tests-2' }]);
  expect(stored(command.data)).toEqual(['a.txt', 'deep/##vso[task.complete result=Failed;]']);
});

it('what a symbolic link leads to goes up, not the link', async () => {
  const store = buildkite();
  vi.stubEnv('TF_BUILD', 'True');
  vi.stubEnv('AGENT_TEMPDIRECTORY', join(folder, 'agent'));
  allowCiCommands((line) => commands.push(line));
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real/a.txt'), 'a\n');
  symlinkSync('real/a.txt', join(folder, 'link.txt'));
  const { allLanded } = await exports.publish([{ name: 'link.txt', file: 'link.txt' }], { to: ['buildkite', 'azure'], manifest: join(folder, 'run/manifest.json'), cwd: folder });
  expect([allLanded, stored(store), stored(readAzure(commands[0]!)!.data)]).toEqual([true, ['link.txt'], ['link.txt']]);
});

it('azure: outside of it, it is unavailable', async () => {
  allowCiCommands((line) => commands.push(line));
  expect((await publish('azure', { a: 'a' })).results).toMatchObject([{ status: 'skipped', skippedReason: 'unavailable' }]);
  expect(commands).toEqual([]);
});

it('gitlab: files are in the folder that the job declares, and nowhere else', async () => {
  vi.stubEnv('GITLAB_CI', 'true');
  vi.stubEnv('CI_PROJECT_DIR', join(folder, 'project'));
  vi.stubEnv('CI_JOB_URL', 'https://gitlab.example/g/p/-/jobs/70');
  const { results } = await publish('gitlab', { 'deep/a b.txt': 'a' });
  expect(results).toMatchObject([{ writer: 'gitlab', status: 'handed_over', sha256: sha256('a'), url: 'https://gitlab.example/g/p/-/jobs/70/artifacts/file/spoor-exports/deep/a%20b.txt' }]);
  expect(stored(join(folder, 'project'))).toEqual(['spoor-exports/deep/a b.txt']);
  expect((await publish('gitlab:reports', { a: 'a' })).results).toMatchObject([{ status: 'handed_over' }]);
  expect(stored(join(folder, 'project'))).toContain('reports/a');
  for (const outside of ['../x', '/tmp/x']) expect((await publish(`gitlab:${outside}`, { a: 'a' })).results).toMatchObject([{ status: 'failed', errorCode: 'bad_destination' }]);
  vi.stubEnv('GITLAB_CI', undefined);
  expect((await publish('gitlab,dir:out', { a: 'a' })).results).toMatchObject([{ status: 'skipped', skippedReason: 'unavailable' }, { status: 'written' }]);
  expect(existsSync(dirname(join(folder, 'out/a')))).toBe(true);
});

it('commands hold whatever they are given, and other texts begin none', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (value, data) => {
      const tricky = `${value}]##vso[task.complete]::error::\n%0A;${data}`;
      expect(readAzure(azureCommand('task.x', { key: tricky }, tricky))).toEqual({ name: 'task.x', properties: { key: tricky }, data: tricky });
      expect(azureCommand('task.x', { key: tricky }, tricky)).not.toMatch(/[\r\n]/);
      expect(githubCommand('warning', { file: tricky }, tricky)).toMatch(/^::warning file=[^\r\n,:]*::[^\r\n]*$/);
      for (const text of [tricky, `##[error]${data}`, `##VSO[x]`]) {
        expect(clean(text, 10_000)).not.toMatch(/[\r\n]|##vso\[|##\[/i);
        expect(ciSafeJson({ [text]: text })).not.toMatch(/##vso\[|##\[/i);
        expect(JSON.parse(ciSafeJson({ text }))).toEqual({ text });
      }
    }),
  );
  expect(azureArtifactName('a/b:c', {})).toBe('a_b_c');
});

it('a program that is not the CLI writes nothing to its output', async () => {
  const code = `
    import { exports } from '${ROOT}dist/src/exports/exports.js';
    await exports.publish([{ name: '##vso[task.complete]', content: 'a' }, { name: '\\n::error::x', content: 'b' }], { to: ['azure,gitlab,github,buildkite', 'dir:out'], manifest: 'run/manifest.json' });`;
  const result = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, env: { TF_BUILD: 'True', GITHUB_ACTIONS: 'true', AGENT_TEMPDIRECTORY: folder } });
  expect([result.code, result.stdout]).toEqual([0, '']);
  expect(result.stderr).toContain('nothing was published');
  expect(result.stderr).not.toMatch(/##vso\[|^::/m);
});
