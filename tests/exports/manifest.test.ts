/** What a publish leaves: the journal of a killed one, results that others add, sums, and whether files are as they were. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Manifest, type PublishOptions, type PublishResult, type WriteResult, exports } from '../../src/exports/exports.ts';
import { appendTo } from '../../src/exports/journal.ts';
import { dropOldRuns } from '../../src/exports/old-runs.ts';
import { sumLine } from '../../src/exports/sums.ts';
import { verify } from '../../src/exports/verify.ts';
import { CLI, ROOT, run, temporaryDirectory } from '../support/program.ts';

process.env.OTEL_LOG_LEVEL = 'none';

const schema = JSON.parse(readFileSync(join(ROOT, 'spoor.manifest.schema.json'), 'utf8'));
const isManifest = new Ajv({ strict: false }).compile<Manifest>(schema);
const read = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8'));

/** Three files and the manifest in one folder. */
async function published(options: Partial<PublishOptions> = {}): Promise<string> {
  const cwd = temporaryDirectory();
  await exports.publish(['a', 'sub/b', 'c'].map((name) => ({ name: `${name}.txt`, content: name })), { to: 'dir:.', manifest: 'manifest.json', ...options, cwd });
  return cwd;
}

test('a manifest is what the shipped schema says, whatever came of it', async () => {
  const answers: WriteResult[] = [
    { status: 'written', url: 'https://x/1', remoteId: '1', bytes: 3, sha256: 'a'.repeat(64), attempts: 2, output: 'x' },
    { status: 'failed', errorCode: 'E', exitCode: 3, error: 'x'.repeat(9_000) },
    { status: 'skipped', skippedReason: 'command_not_found', exitCode: 127 },
    { status: 'handed_over' },
  ];
  const cwd = temporaryDirectory();
  const to = ['dir:out', 'nosuch', ...answers.map((answer, i) => ({ id: `w${i}`, write: () => answer }))];
  const artifacts = [{ name: 'a', content: '', metadata: { n: 1, s: 's', b: true, z: null, o: { x: 1 } as unknown as string } }, { name: '../b', content: '' }, { name: '', content: '' }, { name: 'é\n::error::x', content: '' }];
  for (const dryRun of [false, true]) {
    const { manifest } = await exports.publish(artifacts, { to, cwd, manifest: 'run/manifest.json', dryRun, budgets: { failures: 0 } });
    expect([isManifest(manifest), isManifest.errors]).toEqual([true, null]);
  }
  expect(isManifest({ ...read(join(cwd, 'run/manifest.json')), more: 1 })).toBe(false);
});

test('a publish that is killed says what it had done', async () => {
  const cwd = temporaryDirectory();
  const program = `import { exports } from ${JSON.stringify(join(ROOT, 'dist/src/index.js'))};
    const hangs = { id: 'hangs', write: ({ name }) => name === 'a' ? { status: 'written' } : new Promise(() => {}) };
    exports.on('written', () => process.kill(process.pid, 'SIGKILL'));
    await exports.publish([{ name: 'a', content: 'a' }, { name: 'b', content: 'b' }], { to: [hangs], manifest: 'manifest.json' });`;
  expect((await run(process.execPath, ['--input-type=module', '-e', program], { cwd })).signal).toBe('SIGKILL');
  const manifest = read(join(cwd, 'manifest.json'));
  expect([manifest.state, isManifest(manifest), manifest.artifacts.map(({ name }) => name)]).toEqual(['running', true, ['a', 'b']]);
  const { ok, problems, manifest: folded } = await verify(cwd);
  expect([ok, problems.join()]).toEqual([false, expect.stringContaining('incomplete')]);
  expect(folded!.artifacts.map(({ results }) => results.map(({ status }) => status))).toEqual([['written'], []]);
});

test('one that is killed in its first moment is told by its journal; an older manifest does not pass for its', async () => {
  const cwd = await published();
  const program = `import { exports } from ${JSON.stringify(join(ROOT, 'dist/src/index.js'))};
    const kills = { id: 'kills', write: () => process.kill(process.pid, 'SIGKILL') };
    await exports.publish([{ name: 'a', content: 'a' }], { to: [kills], manifest: 'manifest.json' });`;
  const kill = async (at: string): Promise<Manifest> => {
    expect((await run(process.execPath, ['--input-type=module', '-e', program], { cwd: at })).signal).toBe('SIGKILL');
    return (await verify(at)).manifest!;
  };
  expect(await kill(temporaryDirectory())).toMatchObject({ state: 'running', chains: [['kills']], artifacts: [{ name: 'a', results: [] }] });
  expect(await kill(cwd)).toMatchObject({ state: 'running', chains: [['kills']] });
});

test('a journal that is cut anywhere is read up to there', async () => {
  const cwd = await published();
  const journal = readFileSync(join(cwd, 'journal.jsonl'));
  const running = { ...read(join(cwd, 'manifest.json')), state: 'running', endedAt: undefined };
  writeFileSync(join(cwd, 'manifest.json'), JSON.stringify(running));
  let least = 0;
  for (let length = journal.indexOf('\n') + 1; length <= journal.length; length += 23) {
    writeFileSync(join(cwd, 'journal.jsonl'), journal.subarray(0, length));
    const written = (await verify(cwd)).manifest!.counts.written;
    expect(written).toBeGreaterThanOrEqual(least);
    least = written;
  }
  expect(least).toBeGreaterThanOrEqual(2);
});

test('ten that append at once, while it runs and after: every result is there once', async () => {
  const cwd = temporaryDirectory();
  const append = (i: number): Promise<unknown> => run(process.execPath, [CLI, 'export', 'append', '--run', join(cwd, 'run'), '--artifact', 'a', '--writer', `own-${i}`, '--status', i % 2 ? 'written' : 'failed'], { cwd });
  const ten = (from: number): Promise<unknown> => Promise.all(Array.from({ length: 5 }, (_, i) => append(from + i)));
  const slow = { id: 'slow', write: async (): Promise<WriteResult> => (await ten(0), { status: 'written' }) };
  const publishing = exports.publish([{ name: 'a', content: '' }], { to: [slow], cwd, manifest: 'run/manifest.json' });
  const { manifest } = await publishing;
  expect(manifest.artifacts[0]!.results.map(({ writer }) => writer).sort()).toEqual(['own-0', 'own-1', 'own-2', 'own-3', 'own-4', 'slow']);
  await Promise.all(Array.from({ length: 10 }, (_, i) => append(10 + i)));
  const after = read(join(cwd, 'run/manifest.json'));
  expect([after.state, isManifest(after), after.counts]).toEqual(['complete', true, { attempted: 1, written: 8, failed: 8, skipped: 0, handedOver: 0 }]);
  expect(new Set(after.artifacts[0]!.results.map(({ writer }) => writer)).size).toBe(16);
});

test('of two publishes at once with one manifest the later has it; the other has told what it did, and says that it has none', async () => {
  const cwd = temporaryDirectory();
  let later: Promise<PublishResult> | undefined;
  const publish = (name: string, write: () => Promise<unknown>): Promise<PublishResult> =>
    exports.publish([{ name, content: name }], { to: ['dir:out', { id: 'own', write: async (): Promise<WriteResult> => (await write(), { status: 'written' }) }], cwd, manifest: 'run/manifest.json' });
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const begun = (): Promise<void> => new Promise((resolve) => (later = publish('later', async () => (resolve(), held))));
  const first = await publish('first', begun);
  expect([first.manifest.runId === first.runId, first.manifest.counts, first.manifestPath]).toEqual([true, { attempted: 1, written: 2, failed: 0, skipped: 0, handedOver: 0 }, undefined]);
  expect(first.problems).toEqual([expect.stringMatching(/run\/manifest\.json is another publish's, which began later; give each a manifest of its own$/)]);
  release();
  const { runId, manifestPath, manifest, problems } = await later!;
  expect([manifestPath, problems, manifest.artifacts.map(({ name, results }) => [name, results.length])]).toEqual([join(cwd, 'run/manifest.json'), [], [['later', 2]]]);
  expect(read(join(cwd, 'run/manifest.json'))).toEqual(manifest);
  expect(readFileSync(join(cwd, 'run/journal.jsonl'), 'utf8').split('"runId"')).toHaveLength(2);
  expect(readFileSync(join(cwd, 'run/journal.jsonl'), 'utf8')).toContain(runId);
});

test('a line of the journal that is damaged is left out, and takes no other with it', async () => {
  const cwd = await published();
  const journal = readFileSync(join(cwd, 'journal.jsonl'), 'utf8').split('\n');
  const at = journal.findIndex((line) => line.startsWith('{"type":"result"'));
  for (const damaged of [journal[at]!.replace('"result":{', '"resulu":{'), journal[at]!.replace('"written"', '"writtem"'), journal[at]!.replace('"artifact":', '"artifacu":'), 'null', '{"type":"x"}']) {
    writeFileSync(join(cwd, 'journal.jsonl'), journal.with(at, damaged).join('\n'));
    appendTo(join(cwd, 'manifest.json'), []);
    const { counts, artifacts } = read(join(cwd, 'manifest.json'));
    expect([counts.attempted, counts.written, isManifest(read(join(cwd, 'manifest.json'))), artifacts.every(({ results }) => results.every((result) => result !== undefined))]).toEqual([journal.filter((line) => line.startsWith('{"type":"artifact"')).length, journal.filter((line) => line.startsWith('{"type":"result"')).length - 1, true, true]);
  }
});

test('a script adds the file that it wrote, and it is checked as any other', async () => {
  const cwd = await published();
  writeFileSync(join(cwd, 'own'), 'own');
  const append = (...args: string[]): Promise<{ code: number | null; stderr: string }> => run(process.execPath, [CLI, 'export', 'append', ...args], { cwd, env: { SPOOR_EXPORT_RUN: cwd } });
  expect(await append('--artifact', 'own', '--writer', 'script', '--status', 'written', '--file', 'own')).toMatchObject({ code: 0, stderr: '' });
  expect((await verify(cwd)).findings.map(({ where, verdict }) => [where, verdict])).toContainEqual(['script own', 'ok']);
  expect(readFileSync(join(cwd, 'SHA256SUMS'), 'utf8')).toContain('  own\n');
  expect((await append('--artifact', './a', '--writer', 'w', '--status', 'handed_over')).code).toBe(0);
  expect(read(join(cwd, 'manifest.json')).artifacts.filter(({ name }) => name.endsWith('a')).map(({ name }) => name)).toEqual(['a']);
  expect((await append('--artifact', '../x', '--writer', 'w', '--status', 'written')).code).toBe(2);
  expect((await append('--artifact', 'x', '--writer', 'w', '--status', 'won')).code).toBe(2);
  for (const option of ['--url', '--remote-id']) expect(await append('--artifact', 'x', '--writer', 'w', '--status', 'written', option, 'x'.repeat(16_385))).toMatchObject({ code: 2, stderr: expect.stringMatching(/^spoor: append: --[\w-]+ has 16385 characters; a manifest holds at most 16384\n$/) });
  expect(await append('--run', join(cwd, 'nosuch'), '--artifact', 'x', '--writer', 'w', '--status', 'written')).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no publish at') });
});

test('counts in a row of commands that are not found go on from the manifest before', async () => {
  const cwd = temporaryDirectory();
  const once = async (options: Partial<PublishOptions> = {}): Promise<number> => {
    const { manifest } = await exports.publish([{ name: 'a', content: '' }], { to: 'command:c,dir:out', commands: { c: ['no-such-program-here'] }, cwd, manifest: 'run/manifest.json', ...options });
    return manifest.fallbackSummary['command']!.commandNotFoundInARow;
  };
  expect(await once()).toBe(1);
  for (const expected of [2, 3]) {
    renameSync(join(cwd, 'run/manifest.json'), join(cwd, 'before.json'));
    expect(await once({ previousManifest: 'before.json' })).toBe(expected);
  }
  expect(await once({ previousManifest: 'before.json', commands: { c: ['true'] } })).toBe(0);
});

test('verify: files as they were, and each way in which they are not', async () => {
  const good = await published();
  expect(await verify(good)).toMatchObject({ ok: true, findings: [{ verdict: 'ok' }, { verdict: 'ok' }, { verdict: 'ok' }] });
  const after = async (change: (cwd: string) => void): Promise<unknown> => {
    const cwd = temporaryDirectory();
    cpSync(good, cwd, { recursive: true });
    change(cwd);
    const { ok, findings } = await verify(cwd);
    return ok ? 'ok' : findings.filter(({ verdict }) => verdict === 'bad').map(({ artifact, reason }) => `${artifact}: ${reason}`).join();
  };
  expect(await after(() => {})).toBe('ok');
  expect(await after((cwd) => writeFileSync(join(cwd, 'a.txt'), 'b\n'))).toMatch(/^a.txt: its SHA-256 is/);
  expect(await after((cwd) => truncateSync(join(cwd, 'a.txt'), 1))).toBe('a.txt: it has 1 bytes, the manifest says 2');
  expect(await after((cwd) => rmSync(join(cwd, 'a.txt')))).toBe('a.txt: it is not there');
  expect(await after((cwd) => (rmSync(join(cwd, 'a.txt')), mkdirSync(join(cwd, 'a.txt'))))).toBe('a.txt: it is not a regular file');
  expect(await after((cwd) => (renameSync(join(cwd, 'a.txt'), join(cwd, 'x')), symlinkSync('x', join(cwd, 'a.txt'))))).toBe('a.txt: it is a symbolic link');
  const elsewhere = temporaryDirectory();
  writeFileSync(join(elsewhere, 'b.txt'), 'sub/b\n');
  expect(await after((cwd) => (rmSync(join(cwd, 'sub'), { recursive: true }), symlinkSync(elsewhere, join(cwd, 'sub'))))).toMatch(/^sub\/b.txt: it is outside of/);
  expect(await after((cwd) => linkSync(join(cwd, 'a.txt'), join(cwd, 'hard')))).toBe('ok');
});

test('verify: a hostile manifest is refused, and reads nothing outside', async () => {
  const good = await published();
  /** A manifest that is changed, or a text in its place. */
  const hostile = async (change: ((manifest: any) => unknown) | string): Promise<string> => {
    const manifest = read(join(good, 'manifest.json'));
    if (typeof change !== 'string') change(manifest);
    const cwd = temporaryDirectory();
    cpSync(good, cwd, { recursive: true });
    writeFileSync(join(cwd, 'manifest.json'), typeof change === 'string' ? change : JSON.stringify(manifest));
    const { ok, problems, findings } = await verify(cwd);
    return ok ? 'ok' : [...problems, ...findings.flatMap(({ verdict, reason }) => (verdict === 'bad' ? (reason ?? []) : []))].join();
  };
  const firstResult = (manifest: any): any => manifest.artifacts[0].results[0];
  expect(await hostile(() => {})).toBe('ok');
  for (const path of ['/etc/passwd', '../../../../../../../../etc/passwd', 'sub/../../../../../../../etc/passwd']) {
    expect(await hostile((manifest) => (firstResult(manifest).path = path))).toContain('it is outside of');
  }
  expect(await hostile((manifest) => (firstResult(manifest).path = 'c.txt'))).toContain('same file');
  expect(await hostile((manifest) => (manifest.artifacts[1].name = 'A.TXT'))).toContain('two artifacts have the same name');
  expect(await hostile((manifest) => delete manifest.artifacts[0].digest && delete firstResult(manifest).sha256)).toContain('no size and digest');
  expect(await hostile((manifest) => (firstResult(manifest).sha256 = 'x'))).toContain('no manifest by the schema');
  expect(await hostile((manifest) => (firstResult(manifest).path = 'nul\0'))).not.toBe('ok');
  expect(await hostile((manifest) => (manifest.artifacts = [null]))).toContain('no manifest by the schema');
  expect(await hostile('[]')).toContain('no manifest by the schema');
  expect(await hostile('{"a":')).toBe('it is not JSON');
  expect(await hostile('['.repeat(200_000))).toBe('it is not JSON');
  expect(await hostile('{"__proto__": {"ok": true}, "schemaVersion": 1}')).toContain('no manifest by the schema');
  expect(await hostile((manifest) => (manifest.artifacts[0].digest.sha256 = '0'.repeat(64)))).toContain('another size or SHA-256 for the artifact');
  expect(await hostile((manifest) => (manifest.artifacts[0].size = 999))).toContain('another size or SHA-256 for the artifact');
  truncateSync(join(good, 'manifest.json'), 300 * 1_048_576);
  await expect(verify(good)).rejects.toMatchObject({ code: 'too_large' });
});

test('verify: whatever is where a manifest or a journal should be, it is not waited for nor read without end', async () => {
  const good = await published();
  const large = join(temporaryDirectory(), 'large');
  writeFileSync(large, '');
  truncateSync(large, 300 * 1_048_576);
  const pipe = join(temporaryDirectory(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const [name, target, code] of [['manifest.json', large, 'too_large'], ['manifest.json', pipe, 'not_a_file'], ['journal.jsonl', large, 'too_large'], ['journal.jsonl', pipe, 'not_a_file'], ['manifest.json', 'manifest.json', 'ELOOP']] as const) {
    const cwd = temporaryDirectory();
    cpSync(good, cwd, { recursive: true });
    writeFileSync(join(cwd, 'manifest.json'), JSON.stringify({ ...read(join(good, 'manifest.json')), state: 'running' }));
    rmSync(join(cwd, name));
    symlinkSync(target, join(cwd, name));
    await expect(verify(cwd)).rejects.toMatchObject({ code });
  }
  await expect(verify(pipe)).rejects.toMatchObject({ code: 'not_a_file' });
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'journal.jsonl'), readFileSync(join(good, 'journal.jsonl'), 'utf8').replaceAll('"startedAt":"', '$&x'));
  expect(await verify(cwd)).toMatchObject({ ok: false, findings: [], problems: [expect.stringContaining('its journal tells no manifest by the schema')] });
});

test('verify: what is intact is so, by whatever name and however often it came to the same place', async () => {
  const cwd = await published({ to: ['dir:.', 'gitlab,dir:.'] });
  const link = join(temporaryDirectory(), 'latest');
  symlinkSync(cwd, link);
  for (const path of [cwd, link, join(link, 'manifest.json')]) expect(await verify(path)).toMatchObject({ ok: true, problems: [], findings: Array.from({ length: 6 }, () => ({ verdict: 'ok' })) });
  // The folder of spoor itself may be a link, and the artifacts beside it.
  const app = temporaryDirectory();
  mkdirSync(join(app, 'deep/er'), { recursive: true });
  symlinkSync('deep/er', join(app, '.spoor'));
  writeFileSync(join(app, 'mine.txt'), 'mine');
  for (const manifest of ['.spoor/exports/run/manifest.json', '.spoor/manifest.json']) {
    await exports.publish([{ name: 'a.txt', content: 'a' }], { to: 'dir:out', manifest, cwd: app });
    await run(process.execPath, [CLI, 'export', 'append', '--run', manifest, '--artifact', 'mine.txt', '--writer', 'own', '--status', 'written', '--file', 'mine.txt'], { cwd: app });
    for (const folder of ['.spoor', 'deep/er']) {
      const path = join(app, manifest.replace('.spoor', folder));
      expect(await verify(path, manifest.includes('exports') && folder === '.spoor' ? undefined : app), path).toMatchObject({ ok: true, findings: [{ verdict: 'ok' }, { verdict: 'ok' }] });
    }
  }
  const archive = { id: 'archive', write: async (): Promise<WriteResult> => ({ status: 'written', path: join(cwd, 'c.txt'), bytes: 2, sha256: createHash('sha256').update('c\n').digest('hex') }) };
  const made = join(cwd, 'made');
  await exports.publish([{ name: 'c.gz', content: 'more' }], { to: archive, manifest: join(made, 'manifest.json') });
  expect(await verify(made, cwd)).toMatchObject({ ok: true, findings: [{ verdict: 'ok' }] });
});

test('sha256sum takes the sums, whatever a file is called', async () => {
  const cwd = temporaryDirectory();
  const names = ['a b', '-x', '-', 'new\nline', 'carriage\rreturn', 'é', '::set-output name=x::y', '##vso[task.complete]', '*star', '#hash', ' space '];
  const { allLanded } = await exports.publish(names.map((name) => ({ name, content: name })), { to: 'dir:.', cwd, manifest: 'manifest.json' });
  const check = await run('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd });
  expect([allLanded, check.code, check.stdout.match(/: OK$/gm)?.length]).toEqual([true, 0, names.length]);
  expect(readdirSync(cwd).length).toBe(names.length + 3);
  fc.assert(fc.property(fc.string(), (name) => sumLine('0'.repeat(64), name).indexOf('\n') === sumLine('0'.repeat(64), name).length - 1));
});

test('old manifests are dropped, and the oldest when there are too many', async () => {
  const directory = temporaryDirectory();
  const folder = join(directory, 'exports');
  const now = Date.parse('2026-11-21T12:00:00Z');
  const id = (time: number, i = 0): string => `${new Date(time).toISOString().replaceAll(/[-:.]/g, '')}-${i.toString(16).padStart(8, '0')}`;
  for (const name of [id(now - 3 * 86_400_000), id(now - 60_000), 'theirs']) mkdirSync(join(folder, name), { recursive: true });
  await dropOldRuns(directory, 2 * 86_400_000, { now });
  expect(readdirSync(folder).sort()).toEqual([id(now - 60_000), 'theirs']);
  for (let i = 0; i < 25; i++) mkdirSync(join(folder, id(now - 30_000 + i, i)));
  await dropOldRuns(directory, 2 * 86_400_000, { now, most: 20 });
  const left = readdirSync(folder).sort();
  expect([left.length, left[0]]).toEqual([21, id(now - 30_000 + 5, 5)]);
});
