/** The step summary: what it says, that it fits, and that names do not become Markdown. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { marked, type Tokens } from 'marked';
import { expect, it } from 'vitest';
import type { Manifest, ManifestArtifact, ManifestResult } from '../../src/exports/manifest.ts';
import { manifestPathOf, readManifest } from '../../src/exports/manifest-file.ts';
import { appendSummary, MAX_SUMMARY_BYTES } from '../../src/exports/summary-file.ts';
import { exportSummary } from '../../src/exports/summary.ts';
import { CLI, run, temporaryDirectory } from '../support/program.ts';

function result(status: ManifestResult['status'], more: Partial<ManifestResult> = {}): ManifestResult {
  return { writer: 'filesystem', target: 'dir:out', chain: 0, status, startedAt: '2026-11-21T00:00:00.000Z', durationMs: 1, attempts: 1, ...more };
}

function artifact(name: string, ...results: ManifestResult[]): ManifestArtifact {
  return { name, type: 'file', mediaType: 'text/plain', size: 1_500, metadata: {}, results };
}

function manifest(artifacts: readonly ManifestArtifact[], more: Partial<Manifest> = {}): Manifest {
  const count = (status: string): number => artifacts.flatMap(({ results }) => results).filter((one) => one.status === status).length;
  return {
    schemaVersion: 1, runId: 'run1', name: 'nightly', state: 'complete', startedAt: '2026-11-21T00:00:00.000Z', tool: { name: 'spoor', version: '0' }, context: { ci: null }, chains: [['dir:out']], artifacts,
    counts: { attempted: artifacts.length, written: count('written'), failed: count('failed'), skipped: count('skipped'), handedOver: count('handed_over') }, fallbackSummary: {}, budgets: [], ...more,
  };
}

const tables = (text: string): Tokens.Table[] => marked.lexer(text).filter((token): token is Tokens.Table => token.type === 'table');
const table = (text: string): string[][] => tables(text).at(-1)!.rows.map((cells) => cells.map((cell) => cell.text));

it('says what came of each, what did not land first', () => {
  const { text, cut } = exportSummary([manifest([artifact('a.txt', result('written')), artifact('b.txt', result('failed', { errorCode: 'exit_code', exitCode: 3, error: 'it broke' }), result('handed_over', { target: 'gitlab:x', url: 'https://x.y/a' }))])], 10_000);
  expect(cut).toBe(0);
  expect(text).toContain('### Exports: nightly\n\n2 artifacts · 1 written · 1 handed over to an agent that uploads later · **1 failed**\n');
  expect(table(text)).toEqual([
    ['b.txt', '1.5 KB', 'dir\\:out', '❌ failed', 'exit\\_code\\: exit 3\\: it broke'],
    ['[b.txt](<https://x.y/a>)', '1.5 KB', 'gitlab\\:x', '📤 handed over', ''],
    ['a.txt', '1.5 KB', 'dir\\:out', '✅ written', ''],
  ]);
});

it('commands that are not found recur, over shards too; budgets that are exceeded', () => {
  const summary = (inARow: number) => ({ buildkite: { attempted: 2, written: 0, failed: 0, skipped: 2, handedOver: 0, commandNotFound: 2, commandNotFoundInARow: inARow, fellBack: 1 } });
  const shard = (job: string, inARow: number) => manifest([artifact('a.txt', result('written'))], { fallbackSummary: summary(inARow), context: { ci: 'x', 'cicd.pipeline.task.name': job }, budgets: [{ name: 'duration', limit: 1, actual: 2.5, exceeded: job === 'two' }] });
  const [missing, over, outcomes] = tables(exportSummary([shard('one', 1), shard('two', 4)], 10_000).text).map(({ rows }) => rows.map((cells) => cells.map((cell) => cell.text)));
  expect(missing).toEqual([['buildkite', '4', '2', '⚠️ **4 publishes in a row**']]);
  expect(over).toEqual([['⚠️ duration', '1 s', '2.5 s', 'two']]);
  expect(outcomes!.map(([job]) => job)).toEqual(['one', 'two']);
  expect(exportSummary([shard('one', 1)], 10_000).text).toContain('first time');
});

it('is cut by whole rows, and the rest is counted', () => {
  const many = manifest(Array.from({ length: 500 }, (_, i) => artifact(`ü${i}.txt`, result(i === 499 ? 'failed' : 'written'))));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60_000 }), (max) => {
      const { text, cut } = exportSummary([many], max);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max);
      if (text === '') return;
      const rows = cut === 500 ? [] : table(text);
      expect(rows.length + cut).toBe(500);
      if (rows.length > 0) expect(rows[0]![0]).toBe('ü499.txt');
      expect(text.includes(`… and ${cut} more, all in the manifest.`)).toBe(cut > 0);
    }),
  );
});

it('appends, counts what is in the file already, and stays under the limit', () => {
  const path = join(temporaryDirectory(), 'summary.md');
  const many = manifest(Array.from({ length: 20_000 }, (_, i) => artifact(`artifact-${i}.txt`, result('written'))));
  expect(appendSummary(path, [manifest([artifact('first.txt', result('written'))])])).toBe(0);
  writeFileSync(path, `${readFileSync(path, 'utf8')}${'x'.repeat(100_000)}`);
  expect(appendSummary(path, [many])).toBeGreaterThan(0);
  const text = readFileSync(path, 'utf8');
  expect(Buffer.byteLength(text)).toBeLessThan(MAX_SUMMARY_BYTES);
  expect(Buffer.byteLength(text)).toBeGreaterThan(MAX_SUMMARY_BYTES - 200);
  expect(text).toContain('first.txt');
  // There is no place any more: nothing is written rather than too much.
  const before = Buffer.byteLength(text);
  expect(appendSummary(path, [many])).toBe(20_000);
  expect(Buffer.byteLength(readFileSync(path, 'utf8'))).toBe(before);
});

it('a name is shown as it is, and is nothing else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('| a |\n| b |', '<img src=x onerror=alert(1)>', '[x](javascript:alert(1))', '```', '# x', '<!-- ', '@everyone')), (name) => {
      const { text } = exportSummary([manifest([artifact(name, result('failed', { error: name, target: name, url: `javascript:${name}` }))], { name })], 100_000);
      const tokens = marked.lexer(text);
      expect(tokens.map(({ type }) => type).filter((type) => type !== 'space')).toEqual(['heading', 'paragraph', 'table']);
      expect(table(text)).toHaveLength(1);
      const html = marked.parser(tokens);
      expect(html).not.toMatch(/<(?!\/?(?:h3|p|table|thead|tbody|tr|th|td|br|strong)\b)/);
    }),
  );
});

it('reads a manifest or its folder, and says what is none', async () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest([artifact('a', result('written'))])));
  expect(await readManifest(await manifestPathOf(folder))).toEqual(await readManifest(join(folder, 'manifest.json')));
  // Through a pipe, with what a newer version or a pipeline has added.
  const more = JSON.stringify({ ...manifest([artifact('a', result('written'))]), reviewedBy: 'me' });
  expect((await run('/bin/sh', ['-c', `cat | "${process.execPath}" "${CLI}" export summary /dev/stdin`], { cwd: folder, input: more })).stdout).toContain('1 written');
  for (const bad of ['{', 'null', '{}', '{"schemaVersion":9,"artifacts":[],"counts":{}}', '{"schemaVersion":1,"artifacts":[],"counts":{}}']) {
    writeFileSync(join(folder, 'bad.json'), bad);
    await expect(readManifest(join(folder, 'bad.json'))).rejects.toMatchObject({ code: 'no_manifest' });
    const { code, stdout, stderr } = await run(process.execPath, [CLI, 'export', 'summary', 'bad.json'], { cwd: folder });
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^spoor: summary: bad\.json: it is (not JSON|no manifest by the schema: .*)\n$/)]);
  }
});
