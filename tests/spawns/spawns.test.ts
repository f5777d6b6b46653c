import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI, ROOT, lines, run, runRegistered, spans, temporaryDirectory, totals } from '../support/program.ts';

const PACKAGE = join(ROOT, 'dist/src/index.js');
const decisions = (directory: string): any[] => JSON.parse(readFileSync(join(directory, 'telemetry.json'), 'utf8')).routing_decisions;
const program = (body: string): string[] => ['--input-type=module', '-e', `import { spawns } from ${JSON.stringify(PACKAGE)}; const o = { role: 'builder', model: 'm', task: 't', source: 's' };\n${body}`];

test('one agent: span, numbers and ledger agree; its child continues the trace', async () => {
  const directory = temporaryDirectory();
  const { stdout, stderr } = await runRegistered(directory, program(`
    const a = spawns.start({ ...o, agentName: 'Ada', agentId: '7', provider: 'p', parent: 'other', task: 'x'.repeat(3000) });
    a.toolUsage({ read: 2 }); a.toolUsage({ read: 1, bash: 1 }); a.tokenUsage({ input: 9, output: 3 });
    console.log(a.id, a.environment({}).TRACEPARENT.split('-')[1] === a.traceId, a.end({ outcome: 'completed' }), a.end({ outcome: 'failed' }));`));
  expect(stderr).toBe('');
  const [id, ...rest] = stdout.trim().split(' ');
  expect(rest).toEqual(['true', 'true', 'false']);
  const [span] = spans(directory);
  expect(span).toMatchObject({ name: 'invoke_agent Ada', kind: 1, status: { code: 0 } });
  expect(span!.attributes).toMatchObject({
    'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'Ada', 'gen_ai.agent.id': '7', 'gen_ai.provider.name': 'p', 'gen_ai.request.model': 'm',
    'gen_ai.usage.input_tokens': 9, 'gen_ai.usage.output_tokens': 3, 'spoor.spawn.role': 'builder', 'spoor.spawn.source': 's', 'spoor.spawn.outcome': 'completed',
    'spoor.spawn.id': id, 'spoor.spawn.parent_id': 'other', 'spoor.spawn.task': 'x'.repeat(1024), 'spoor.spawn.tool_usage': '{"read":3,"bash":1}',
  });
  expect(decisions(directory)).toMatchObject([{ id, caste: 'builder', selected_model: 'm', source: 's', outcome: 'completed', tools: { read: 3, bash: 1 }, tokens: 12 }]);
  const counts = Object.entries(totals(directory));
  expect(counts.filter(([name]) => name.startsWith('gen_ai.client.token.usage') && /gen_ai.token.type=(input|output)/.test(name)).map(([, count]) => count)).toEqual([1, 1]);
  expect(counts.find(([name]) => name.startsWith('spoor.spawn.duration'))?.[0]).toContain('spoor.spawn.outcome=completed');
});

test('failed is an error without its message, blocked is none, a pending one is abandoned', async () => {
  const directory = temporaryDirectory();
  const { code, stdout } = await runRegistered(directory, program(`
    const e = Object.assign(new TypeError('token hunter2'), {});
    await spawns.run(o, async () => { throw e; }).catch((x) => console.log(x === e));
    spawns.start(o).end({ outcome: 'blocked' });
    console.log(spawns.run(o, () => 5));
    spawns.start(o);
    process.exit(3);`));
  expect([code, stdout]).toEqual([3, 'true\n5\n']);
  expect(spans(directory).map(({ status, attributes }) => [attributes['spoor.spawn.outcome'], attributes['error.type'], status.code])).toEqual([
    ['failed', 'TypeError', 2], ['blocked', undefined, 0], ['completed', undefined, 0], ['abandoned', undefined, 0],
  ]);
  expect(decisions(directory).map(({ outcome }) => outcome)).toEqual(['failed', 'blocked', 'completed', 'abandoned']);
  expect(JSON.parse(readFileSync(join(directory, 'telemetry.json'), 'utf8')).models.m).toMatchObject({ total_spawns: 4, successful_completions: 1, failed_completions: 1, blocked: 1 });
  expect(JSON.stringify([lines(directory, 'traces'), decisions(directory)])).not.toContain('hunter2');
});

test('a text that is thrown is no type of an error, also where it is one word; one that is told is', async () => {
  const directory = temporaryDirectory();
  await runRegistered(directory, program(`
    try { spawns.run(o, () => { throw 'hunter2SECRET'; }); } catch {}
    await spawns.run(o, async () => { throw 'hunter2SECRET'; }).catch(() => {});
    spawns.start(o).end({ outcome: 'failed', error: 'rate_limited' });`));
  expect(spans(directory).map(({ attributes }) => attributes['error.type'])).toEqual(['_OTHER', '_OTHER', 'rate_limited']);
  expect(JSON.stringify([lines(directory, 'traces'), lines(directory, 'rollups')])).not.toContain('hunter2');
});

test('a thenable is followed when its caller asks it, once, and stays the object that it is', async () => {
  const directory = temporaryDirectory();
  const { stdout, stderr } = await runRegistered(directory, program(`
    let asked = 0;
    const lazy = (value, error) => ({ value, then(ok, no) { asked++; setTimeout(() => (error ? no(error) : ok(value)), 5); } });
    const failing = lazy(0, new RangeError('late'));
    const same = spawns.run(o, () => failing);
    console.log(same === failing, Object.keys(same).join(), asked);
    await new Promise((ok) => same.then(ok, (e) => ok(console.log(e.message))));
    await Promise.resolve(spawns.run(o, () => lazy(0, new RangeError('late')))).catch((e) => console.log(e.message, asked));
    console.log(await spawns.run(o, () => lazy(7)), asked);
    console.log(typeof spawns.run(o, () => ({ then: 5 })).then);
    class Query { #done = Promise.resolve(1); then(...a) { return this.#done.then(...a); } catch(f) { return this.then(undefined, f); } }
    console.log(await spawns.run(o, () => new Query()).catch(() => {}));`));
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual(['true value,then 0', 'late', 'late 2', '7 3', 'number', '1']);
  expect(decisions(directory).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'completed', 'completed', 'completed']);
  expect(spans(directory).map(({ attributes }) => attributes['error.type'])).toEqual(['RangeError', 'RangeError', undefined, undefined, undefined]);
});

test('a thenable of many runs is watched once, as long as it takes; a Proxy with a then of its own is left alone', async () => {
  const directory = temporaryDirectory();
  const { stdout, stderr } = await runRegistered(directory, program(`
    const own = (ok) => ok('shared');
    const shared = { then: own };
    spawns.run(o, () => shared);
    const { then } = shared;
    spawns.run(o, () => shared);
    console.log(shared.then === then, await shared, shared.then === own);
    console.log(await spawns.run(o, () => shared), shared.then === own);
    const target = {};
    const proxy = new Proxy(target, { get: (_, key) => (key === 'then' ? (ok) => ok('proxied') : undefined) });
    console.log(await spawns.run(o, () => proxy), Object.getOwnPropertyNames(target).length);
    const bound = { then: own };
    await spawns.run(o, () => new Proxy(bound, { get: (from, key) => from[key].bind(from) }));
    console.log(bound.then === own);`));
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual(['true shared true', 'shared true', 'proxied 0', 'true']);
  expect(decisions(directory).map(({ outcome }) => outcome)).toEqual(Array(5).fill('completed'));
});

test('bad input is told once on stderr, and the handle works on', async () => {
  const directory = temporaryDirectory();
  const { code, stdout, stderr } = await runRegistered(directory, program(`
    const bad = spawns.start({ role: 'x' });
    bad.toolUsage({ read: 1 }); bad.tokenUsage({}); bad.environment();
    console.log(bad.with(() => 1), bad.end({ outcome: 'completed' }), spawns.run(undefined, () => 2));
    const good = spawns.start(o);
    good.toolUsage({ read: -1 }); good.tokenUsage({ input: NaN });
    console.log(good.end({ outcome: 'won' }), good.end({ outcome: 'completed' }));`));
  expect([code, stdout]).toEqual([0, '1 false 2\nfalse true\n']);
  expect(stderr.match(/model must be a text/g)).toHaveLength(1);
  expect(decisions(directory)).toHaveLength(1);
});

test('what cannot be read is thrown into no app, and what the app throws comes to it as it was', async () => {
  const directory = temporaryDirectory();
  const { code, stdout, stderr } = await runRegistered(directory, program(`
    const trap = { get() { throw new Error('trap'); } };
    const hostile = new Proxy(new Error('mine'), trap);
    try { spawns.run(o, () => { throw hostile; }); } catch (e) { console.log(e === hostile); }
    await spawns.run(o, async () => { throw hostile; }).catch((e) => console.log(e === hostile));
    const spawn = spawns.start(o);
    spawn.tokenUsage(new Proxy({}, trap)); spawn.toolUsage({ get read() { throw new Error('trap'); } });
    console.log(spawn.end(new Proxy({}, trap)), spawn.end({ outcome: 'failed', error: hostile }));
    const [{ promisify }, cp] = await Promise.all([import('node:util'), import('node:child_process')]);
    const running = spawns.run(o, () => promisify(cp.exec)('echo out'));
    console.log(running.child.pid > 0, (await running).stdout);`));
  expect([code, stdout]).toEqual([0, 'true\ntrue\nfalse true\ntrue out\n\n']);
  expect(stderr.match(/nothing is recorded/g)).toHaveLength(3);
  expect(decisions(directory).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'completed']);
});

test('without anything started: the ledger alone', async () => {
  const directory = temporaryDirectory();
  const { stderr } = await run(process.execPath, program(`spawns.start(o).end({ outcome: 'completed' });`), { env: { SPOOR_DIR: directory } });
  expect(stderr).toBe('');
  expect(decisions(directory)).toMatchObject([{ outcome: 'completed' }]);
});

const shell = (directory: string, ...args: string[]) => run(process.execPath, [CLI, 'spawn', ...args], { env: { SPOOR_DIR: directory, TRACEPARENT: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` } });

test('spoor spawn list: a table, in which no name is a command to the terminal', async () => {
  const directory = temporaryDirectory();
  expect(await shell(directory, 'list')).toMatchObject({ code: 0, stdout: 'No agent is open.\n' });
  expect((await shell(directory, 'list', '--json')).stdout).toBe('[]\n');
  await shell(directory, 'start', '--role', 'b\u001b[31m', '--model', 'm', '--task', 'a\n task\u0007');
  await shell(directory, 'start', '--role', 'planner', '--model', 'large');
  const rows = (await shell(directory, 'list')).stdout.trimEnd().split('\n').map((line) => line.split(/ {2,}/));
  const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
  const started = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
  expect(rows).toEqual([['id', 'started', 'role', 'model', 'task'], [id, started, 'b\\u001b[31m', 'm', 'a task\\u0007'], [id, started, 'planner', 'large', '–']]);
});

test('spoor spawn start and end: one span with the true times, in the trace of the shell', async () => {
  const directory = temporaryDirectory();
  const before = BigInt(Date.now()) * 1_000_000n;
  const started = await shell(directory, 'start', '--role', 'builder', '--model', 'm', '--task', 'a task', '--source', 's');
  const between = BigInt(Date.now()) * 1_000_000n;
  const id = started.stdout.trim();
  expect([started.code, started.stderr, /^[0-9a-f-]{36}$/.test(id)]).toEqual([0, '', true]);
  expect((await shell(directory, 'list')).stdout).toContain(id);
  expect(JSON.parse((await shell(directory, 'list', '--json')).stdout)).toEqual([{ id, trace_id: 'ab'.repeat(16), started_at: expect.stringMatching(/Z$/), attributes: expect.objectContaining({ 'spoor.spawn.role': 'builder' }) }]);
  expect(spans(directory)).toEqual([]);

  const ends = await Promise.all([0, 1, 2].map(() => shell(directory, 'end', id, '--outcome', 'failed', '--error-type', 'tests', '--input-tokens', '9', '--output-tokens', '3', '--tool', 'read=3', '--tool', 'bash=1')));
  expect(ends.map(({ code }) => code).sort()).toEqual([0, 1, 1]);
  const recorded = spans(directory);
  expect(recorded).toHaveLength(1);
  expect(recorded[0]).toMatchObject({ name: 'invoke_agent builder', traceId: 'ab'.repeat(16), parentSpanId: 'cd'.repeat(8), status: { code: 2 } });
  expect(recorded[0]!.start >= before && recorded[0]!.start <= between && recorded[0]!.end >= between).toBe(true);
  expect(recorded[0]!.spanId).toBe(lines(directory, 'starts')[0].spanId);
  expect(recorded[0]!.attributes).toMatchObject({ 'spoor.spawn.id': id, 'error.type': 'tests', 'gen_ai.usage.input_tokens': 9 });
  expect(decisions(directory)).toMatchObject([{ id, task: 'a task', outcome: 'failed', tools: { read: 3, bash: 1 }, tokens: 12 }]);
  expect(Object.entries(totals(directory)).find(([name]) => name.startsWith('spoor.spawn.duration'))).toEqual([expect.stringContaining('error.type=tests'), 1]);
  expect(Object.entries(totals(directory)).filter(([name]) => name.startsWith('spoor.spawn.active')).reduce((sum, [, value]) => sum + value, 0)).toBe(0);
  const again = await shell(directory, 'end', id, '--outcome', 'completed');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('ended already: failed')]);
  expect(readdirSync(join(directory, 'open'))).toEqual([]);
});

test('spoor spawn start and end, for a program: the names that every command has', async () => {
  const directory = temporaryDirectory();
  const started = JSON.parse((await shell(directory, 'start', '--role', 'r', '--model', 'm', '--json')).stdout);
  expect(started).toEqual({ id: expect.any(String), trace_id: 'ab'.repeat(16), span_id: lines(directory, 'starts')[0].spanId });
  const ended = JSON.parse((await shell(directory, 'end', started.id, '--outcome', 'blocked', '--json')).stdout);
  expect(ended).toEqual({ id: started.id, trace_id: 'ab'.repeat(16), outcome: 'blocked', seconds: expect.any(Number) });
});

test('spoor spawn: unknown ids are 1, wrong usage is 2', async () => {
  const directory = temporaryDirectory();
  const unknown = await shell(directory, 'end', 'nothing', '--outcome', 'completed');
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('no open spawn nothing')]);
  const wrong = [['start', '--role', 'x'], ['end'], ['end', 'x', '--outcome', 'won'], ['end', 'x', '--outcome', 'failed', '--tool', 'read'], ['nope']];
  expect(await Promise.all(wrong.map(async (args) => (await shell(directory, ...args)).code))).toEqual([2, 2, 2, 2, 2]);
});

test('the examples run', async () => {
  const directory = temporaryDirectory();
  const logger = await run(process.execPath, ['examples/spawn-logger.js', directory], { cwd: ROOT });
  expect(logger.stderr).toBe('');
  expect(JSON.parse(logger.stdout.trim().split('\n').at(-1)!).by_source).toEqual({ 'task-based': 1, 'cli-override': 1 });
  const agents = await run(process.execPath, ['examples/agents.js'], { cwd: ROOT, env: { SPOOR_DIR: directory } });
  expect(agents.stderr).toBe('');
  expect(decisions(directory).map(({ caste, outcome }) => [caste, outcome])).toEqual([['builder', 'completed'], ['scout', 'failed'], ['reviewer', 'blocked']]);
  expect(agents.stdout).toContain(spans(directory).find(({ name }) => name === 'invoke_agent builder')!.traceId);
});
