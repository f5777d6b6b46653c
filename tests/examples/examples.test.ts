/** The examples and the demo run as they are, and leave what they say. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, run, spans, temporaryDirectory, totals } from '../support/program.ts';

it.each(['pino', 'winston'])('%s: the record has the ids of the span', async (name) => {
  const directory = temporaryDirectory();
  const result = await run(process.execPath, [`examples/${name}.js`], { cwd: ROOT, env: { SPOOR_DIR: directory } });
  expect([result.code, result.stderr]).toEqual([0, '']);
  const [span] = spans(directory);
  expect(span).toMatchObject({ name: 'invoke_agent builder', attributes: { 'spoor.correlation.id': 'order-42' } });
  expect(JSON.parse(result.stdout)).toMatchObject({ correlation_id: 'order-42', trace_id: span!.traceId, span_id: span!.spanId });
});

it("own-sdk: spans and numbers of one's own SDK are in the same files", async () => {
  const directory = temporaryDirectory();
  const result = await run(process.execPath, ['examples/own-sdk.js'], { cwd: ROOT, env: { SPOOR_DIR: directory } });
  expect(result).toMatchObject({ code: 0, stdout: `a child said ${process.version}\n`, stderr: '' });
  const [child, parent] = spans(directory);
  expect([child!.name, parent!.name, child!.parentSpanId]).toEqual(['node', 'release', parent!.spanId]);
  expect(child!.attributes['spoor.correlation.id']).toBe(parent!.traceId);
  expect(Object.entries(totals(directory)).filter(([name]) => name.startsWith('spoor.spawn.duration')).map(([, count]) => count)).toEqual([1]);
});

it('the demo: three processes deep, with what failed and what was blocked', async () => {
  const temporary = temporaryDirectory();
  const result = await run(process.execPath, ['examples/demo.js'], { cwd: ROOT, env: { TMPDIR: temporary, DEMO_BROWSER: 'none' } });
  expect(result.code).toBe(0);
  const directory = /plain files in (\S+)/.exec(result.stdout)![1]!;
  const all = spans(directory);
  // That it publishes its report is a trace of its own.
  const { traceId: main } = all.find(({ name }) => name === 'invoke_agent shrink')!;
  const recorded = all.filter(({ traceId }) => traceId === main);
  expect(all.map(({ name }) => name).filter((name) => /^(publish|write) /.test(name))).toEqual(['write buildkite', 'write filesystem', 'publish artifacts']);
  expect(readFileSync(join(directory, '../published/report.md'), 'utf8')).toContain('| deploy-to-the-moon |');
  expect([...new Set(all.map(({ traceId }) => traceId))]).toHaveLength(2);
  const byId = new Map(recorded.map((span) => [span.spanId, span]));
  const processes = (id: string | undefined): number => {
    const span = id === undefined ? undefined : byId.get(id);
    return span === undefined ? 0 : processes(span.parentSpanId) + (span.kind === 3 ? 1 : 0);
  };
  // The orchestrator, its build, the build's compressors.
  expect(Math.max(...recorded.map(({ spanId }) => processes(spanId)))).toBe(3);
  const failures = recorded.map(({ attributes }) => attributes['error.type']).filter((type) => type !== undefined);
  expect(failures.sort()).toEqual(['ENOENT', 'exit_code', 'exit_code', 'impossible', 'timeout']);
  const outcomes = recorded.map(({ attributes }) => attributes['spoor.spawn.outcome']).filter((outcome) => outcome !== undefined);
  expect(outcomes.sort()).toEqual(['blocked', 'completed', 'completed', 'completed', 'failed']);
  expect(JSON.parse(readFileSync(join(directory, 'telemetry.json'), 'utf8')).routing_decisions).toHaveLength(5);
  for (const shown of ['$ spoor run', '$ spoor report', '$ spoor traces demo', 'invoke_agent shrink']) expect(result.stdout).toContain(shown);
});

it.runIf(process.platform === 'linux')('the demo finds a browser in the PATH, and says how to get one when there is none', async () => {
  const folder = temporaryDirectory();
  const find = async (env: NodeJS.ProcessEnv): Promise<string> => {
    const code = `import(${JSON.stringify(join(ROOT, 'examples/demo/find-browser.js'))}).then(async ({ findBrowser, HOW_TO_GET_ONE }) => console.log((await findBrowser()) ?? HOW_TO_GET_ONE))`;
    return (await run(process.execPath, ['-e', code], { env: { PLAYWRIGHT_BROWSERS_PATH: folder, CHROMIUM_PATH: '', PATH: folder, ...env } })).stdout.trim();
  };
  expect(await find({})).toContain('npx playwright-core install');
  writeFileSync(join(folder, 'chromium'), '');
  expect(await find({})).toContain('npx playwright-core install');
  chmodSync(join(folder, 'chromium'), 0o755);
  expect(await find({})).toBe(join(folder, 'chromium'));
  expect(await find({ CHROMIUM_PATH: '/elsewhere/chrome' })).toBe('/elsewhere/chrome');
});
