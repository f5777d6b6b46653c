/** spoor/vitest in a whole run of vitest: what it publishes, what it says of failing tests, and that it changes no status. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type aroundEach, expect, it } from 'vitest';
import type { Reporter } from 'vitest/node';
import SpoorReporter, { traced } from '../../src/runners/vitest.ts';
import type { Manifest } from '../../src/exports/manifest.ts';
import { REGISTER, ROOT, type Result, run, spans, temporaryDirectory } from '../support/program.ts';

const TESTS = `
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
describe('cart', () => {
  it('adds | an item', () => { execFileSync(process.execPath, ['--version']); });
  it('fails', () => { execFileSync(process.execPath, ['--version']); expect(1, 'secret-message').toBe(2); });
  it('fails once', { retry: 1 }, ({ task }) => { expect(task.result?.retryCount ?? 0).toBe(1); });
  it.skip('is skipped', () => {});
  it.fails('fails as it should', () => { throw new Error('expected'); });
  it.fails('should have failed', () => {});
});
`;

/** A project as docs/test-runners.md has it, in which spoor is installed. */
function project(tests: string, change: (config: string) => string = (config) => config): string {
  const folder = temporaryDirectory();
  for (const name of ['vitest', '@opentelemetry']) {
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  symlinkSync(ROOT, join(folder, 'node_modules/spoor'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'cart.test.js'), tests);
  const page = readFileSync(join(ROOT, 'docs/test-runners.md'), 'utf8');
  for (const name of ['vitest.config.js', 'traced.js']) {
    const [, source] = new RegExp(`^\`\`\`js file=${name.replaceAll('.', '\\.')}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(page)!;
    writeFileSync(join(folder, name), name === 'vitest.config.js' ? change(source!) : source!);
  }
  return folder;
}

/** What vitest's own types say of a reporter and of a hook. */
void ((): [Reporter, Parameters<typeof aroundEach>[0]] => [new SpoorReporter({ to: 'dir:out' }), traced]);

function vitest(folder: string, env: NodeJS.ProcessEnv = {}): Promise<Result> {
  return run(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder], {
    cwd: folder,
    env: { SPOOR_DIR: join(folder, '.spoor'), NODE_OPTIONS: `--require ${JSON.stringify(REGISTER)}`, GITHUB_STEP_SUMMARY: join(folder, 'step.md'), ...env },
  });
}

it('publishes the run: outcome, failing traces, what was spawned, and files', async () => {
  // Another reporter, which takes its time: its file is there all the same.
  const late = "{ async onTestRunEnd() { await new Promise((done) => setTimeout(done, 1_500)); (await import('node:fs')).writeFileSync('reports/late.txt', 'late'); } }";
  const folder = project(TESTS, (config) => config.replace("reporters: ['default',", `reporters: ['default', ${late},`));
  const result = await vitest(folder);
  expect(result.code, result.stderr).toBe(1);
  const published = JSON.parse(readFileSync(join(folder, 'out/spoor-run.json'), 'utf8'));
  expect(published).toMatchObject({
    runner: 'vitest', status: 'failed', counts: { passed: 2, failed: 2, flaky: 1, skipped: 1 },
    failed: [{ title: 'cart › fails', status: 'failed', file: 'cart.test.js' }, { title: 'cart › fails once', status: 'flaky' }, { title: 'cart › should have failed' }],
    spawns: expect.arrayContaining([expect.objectContaining({ executable: 'node' })]),
  });
  const recorded = spans(join(folder, '.spoor'));
  const test = (title: string, retry = 0) => recorded.find(({ attributes }) => attributes['test.case.name'] === title && (attributes['spoor.test.retry'] ?? 0) === retry)!;
  expect(published.traces).toMatchObject([{ test: 'cart › fails', traceId: test('cart › fails').traceId, errorType: 'test_failed' }, { test: 'cart › fails once', retry: 0 }, { test: 'cart › should have failed', errorType: 'unexpected_pass' }]);
  // What a test starts is in its trace, and each test has one of its own.
  expect(recorded.filter(({ traceId }) => traceId === test('cart › fails').traceId).map(({ name }) => name).sort()).toEqual(['node', 'test fails']);
  expect(test('cart › adds | an item').attributes).toMatchObject({ 'test.case.result.status': 'pass', 'spoor.test.status': 'passed' });
  expect(test('cart › fails once', 1).attributes['test.case.result.status']).toBe('pass');
  expect(test('cart › fails as it should').attributes).toMatchObject({ 'test.case.result.status': 'pass', 'spoor.test.status': 'failed' });
  const markdown = readFileSync(join(folder, 'out/spoor-run.md'), 'utf8');
  expect(markdown).toContain('# vitest: failed\n\n2 passed · 2 failed · 1 flaky · 1 skipped');
  expect(markdown).toContain(`\`${test('cart › fails').traceId}\``);
  expect(readFileSync(join(folder, 'out/reports/late.txt'), 'utf8')).toBe('late');
  // Messages may hold anything; they are in vitest's own report.
  expect(JSON.stringify(published) + markdown).not.toContain('secret-message');
  expect(readFileSync(join(folder, 'step.md'), 'utf8')).toContain('### Exports: vitest');
  const report = JSON.parse(readFileSync(join(folder, 'out/reports/vitest.json'), 'utf8'));
  expect(report).toMatchObject({ numFailedTests: 2, numPassedTests: 3 });
  expect(report.testResults[0].assertionResults.map(({ failureMessages }: any) => failureMessages.length)).toEqual([0, 1, 1, 0, 0, 1]);
  // vitest's own reports name the trace.
  expect(report.testResults[0].assertionResults[1].meta).toEqual({ spoor: { traceId: test('cart › fails').traceId } });
  expect(result.stdout + result.stderr).toContain(`spoor traces ${test('cart › fails').traceId}`);
});

it("changes no status: without spoor, and with options that are none", async () => {
  const passing = "import { it } from 'vitest';\nit('passes', () => {});\n";
  const plain = project(passing);
  const broken = project(passing, (config) => config.replace("{ to: 'github,dir:out', files: 'reports/**' }", '{ to: 7, files: [null] }'));
  const results = await Promise.all([vitest(plain, { NODE_OPTIONS: '' }), vitest(broken)]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(results[1]!.stderr).toMatch(/could not be published|nothing was published/);
  const manifest = JSON.parse(readFileSync(join(plain, 'out/spoor-run.json'), 'utf8')) as Manifest & { counts: object };
  expect(manifest.counts).toEqual({ passed: 1, failed: 0, flaky: 0, skipped: 0 });
});
