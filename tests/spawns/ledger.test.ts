import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ledger from '../../src/spawns/ledger.ts';
import { ROOT, cleanEnvironment, run, temporaryDirectory } from '../support/program.ts';

const ENTRY = join(ROOT, 'dist/src/spawns/ledger.js');
const fileOf = (repo: string): string => join(repo, '.spoor/telemetry.json');
const onDisk = (repo: string): any => JSON.parse(readFileSync(fileOf(repo), 'utf8'));
const record = (repo: string, more: object = {}): string => {
  const result = ledger.recordSpawnTelemetry(repo, { task: 't', caste: 'builder', model: 'm', ...more });
  if (!result.success) throw new Error(result.error);
  return result.decision_id;
};

test('a decision and its outcome are in the file when the calls return', () => {
  const repo = temporaryDirectory();
  const id = record(repo, { timestamp: '2026-11-21T10:00:00.000Z' });
  expect(id).toBe('2026-11-21T10:00:00.000Z');
  expect(onDisk(repo).routing_decisions).toEqual([{ id, timestamp: id, task: 't', caste: 'builder', selected_model: 'm', source: 'caste-default' }]);
  expect(ledger.updateSpawnOutcome(repo, id, 'completed')).toBe(true);
  expect(ledger.updateSpawnOutcome(repo, id, 'failed')).toBe(false);
  expect(ledger.updateToolUsage(repo, id, 'read', 2)).toBe(true);
  expect(ledger.updateToolUsage(repo, id, { bash: 1, read: 1 })).toBe(true);
  expect(ledger.updateTokenUsage(repo, id, 10) && ledger.updateTokenUsage(repo, id, 5)).toBe(true);
  expect(onDisk(repo).routing_decisions[0]).toMatchObject({ outcome: 'completed', tools: { read: 3, grep: 0, edit: 0, bash: 1 }, tokens: 15 });
  expect(onDisk(repo).models.m).toEqual({
    total_spawns: 1,
    successful_completions: 1,
    failed_completions: 0,
    blocked: 0,
    by_caste: { builder: { spawns: 1, success: 1, failures: 0, blocked: 0 } },
  });
  expect(statSync(fileOf(repo)).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(repo, '.spoor')).sort()).toEqual(['.gitignore', 'id', 'telemetry.json']);
});

test('the same timestamp twice: two ids, and each outcome goes to its own', () => {
  const repo = temporaryDirectory();
  const ids = [record(repo, { timestamp: 'T', model: 'a' }), record(repo, { timestamp: 'T', model: 'b' })];
  expect(new Set(ids).size).toBe(2);
  expect(ids[0]).toBe('T');
  ledger.updateSpawnOutcome(repo, ids[1]!, 'failed');
  expect(onDisk(repo).models.a.failed_completions).toBe(0);
  expect(onDisk(repo).models.b.failed_completions).toBe(1);
});

test('abandoned is an outcome without a counter; unknown ones, spawns and models change nothing', () => {
  const repo = temporaryDirectory();
  expect(ledger.updateSpawnOutcome(repo, 'x', 'completed')).toBe(false);
  expect(existsSync(join(repo, '.spoor'))).toBe(false);
  const id = record(repo);
  const before = readFileSync(fileOf(repo), 'utf8');
  for (const outcome of ['won', 'constructor', '', undefined] as any[]) expect(ledger.updateSpawnOutcome(repo, id, outcome)).toBe(false);
  expect(ledger.updateSpawnOutcome(repo, 'x', 'completed')).toBe(false);
  expect(readFileSync(fileOf(repo), 'utf8')).toBe(before);
  const { models } = onDisk(repo);
  expect(ledger.updateSpawnOutcome(repo, id, 'abandoned')).toBe(true);
  expect(onDisk(repo).models).toEqual(models);
  expect(onDisk(repo).routing_decisions[0].outcome).toBe('abandoned');
});

test('names that every object inherits are only names', () => {
  const repo = temporaryDirectory();
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const id = record(repo, { model: name, caste: name, source: name });
    expect(ledger.updateSpawnOutcome(repo, id, 'completed')).toBe(true);
    expect(ledger.updateToolUsage(repo, id, name, 1)).toBe(true);
    expect(ledger.getModelPerformance(repo, name)).toMatchObject({ model: name, total_spawns: 1, success_rate: 1 });
  }
  expect(({} as any).total_spawns).toBeUndefined();
  expect(Object.keys(ledger.loadTelemetry(repo).models)).toEqual(['__proto__', 'constructor', 'toString']);
  expect(Object.entries(ledger.getRoutingStats(repo).by_model)).toEqual([['__proto__', 1], ['constructor', 1], ['toString', 1]]);
  expect(ledger.getModelPerformance(repo, 'valueOf')).toBeNull();
});

test('the last 1,000 decisions are kept and the counters go on', () => {
  const repo = temporaryDirectory();
  expect(ledger.saveTelemetry(repo, { ...ledger.loadTelemetry(repo), routing_decisions: Array.from({ length: 999 }, (_, i) => ({ timestamp: `t${i}`, task: `${i}`, caste: 'c', selected_model: 'm', source: 's' })) })).toBe(true);
  for (let i = 0; i < 3; i++) record(repo, { task: `new ${i}` });
  const { routing_decisions: decisions, models } = onDisk(repo);
  expect([decisions.length, decisions[0].task, decisions.at(-1).task, models.m.total_spawns]).toEqual([1000, '2', 'new 2', 3]);
  expect(ledger.getTelemetrySummary(repo).recent_decisions).toHaveLength(10);
});

test('queries: rates with pending ones, days, caste, range', () => {
  const repo = temporaryDirectory();
  const old = record(repo, { timestamp: '2020-01-01T00:00:00Z', source: 's1' });
  record(repo, { model: 'n', caste: 'scout' });
  record(repo);
  record(repo);
  ledger.updateSpawnOutcome(repo, old, 'completed');
  expect(ledger.getTelemetrySummary(repo)).toMatchObject({ total_spawns: 4, total_models: 2, models: { m: { total_spawns: 3, success_rate: 0.33 } } });
  expect(ledger.getRoutingStats(repo)).toMatchObject({ total_decisions: 4, by_source: { s1: 1, 'caste-default': 3 }, date_range: { earliest: old } });
  expect(ledger.getRoutingStats(repo, { days: 1 }).total_decisions).toBe(3);
  expect(ledger.getRoutingStats(repo, { caste: 'scout' }).by_model).toEqual({ n: 1 });
  expect(ledger.getRoutingStats(repo, { caste: 'none' }).date_range).toBeNull();
  // One that is no time is not the earliest, and makes no other so.
  record(repo, { timestamp: 'some day', caste: 'odd' });
  record(repo, { timestamp: '2019-01-01T00:00:00Z' });
  expect(ledger.getRoutingStats(repo).date_range!.earliest).toBe('2019-01-01T00:00:00Z');
  expect(ledger.getRoutingStats(repo, { caste: 'odd' }).date_range).toEqual({ earliest: 'some day', latest: 'some day' });
});

test('a file cut at any byte is set aside, kept as it was, and recording goes on', () => {
  const source = temporaryDirectory();
  record(source);
  const whole = readFileSync(fileOf(source));
  const repo = temporaryDirectory();
  mkdirSync(join(repo, '.spoor'));
  // The last byte is a line break.
  for (let length = 0; length < whole.length - 1; length++) {
    writeFileSync(fileOf(repo), whole.subarray(0, length));
    const before = new Set(readdirSync(join(repo, '.spoor')));
    if (length % 2 === 0) expect(ledger.loadTelemetry(repo).routing_decisions).toEqual([]);
    record(repo);
    expect(onDisk(repo).routing_decisions).toHaveLength(1);
    const aside = readdirSync(join(repo, '.spoor')).filter((name) => name.includes('.corrupt-') && !before.has(name));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(repo, '.spoor', aside[0]!))).toEqual(whole.subarray(0, length));
  }
});

const NESTED = `${'['.repeat(5000)}${']'.repeat(5000)}`;

/** Newer Nodes write what older ones find too deep. */
function isTooDeep(text: string): boolean {
  try {
    JSON.stringify(JSON.parse(text));
    return false;
  } catch {
    return true;
  }
}

test.each([
  `{"version":"1.0","models":{},"routing_decisions":[{"timestamp":"a","x":${NESTED}}]}`,
  `{"version":"1.0","models":{"m":{"by_caste":{"c":${NESTED}}}},"routing_decisions":[]}`,
])('a file that cannot be written again, nested too deep, is set aside, and no call throws (%#)', (text) => {
  const repo = temporaryDirectory();
  mkdirSync(join(repo, '.spoor'));
  writeFileSync(fileOf(repo), text);
  expect(ledger.loadTelemetry(repo)).toMatchObject({ models: {}, routing_decisions: [] });
  expect(ledger.getTelemetrySummary(repo)).toMatchObject({ total_spawns: 0, recent_decisions: [] });
  expect(ledger.getModelPerformance(repo, 'm')).toBeNull();
  expect(ledger.getRoutingStats(repo).by_model).toBeTypeOf('object');
  record(repo);
  record(repo);
  expect(onDisk(repo).models.m.total_spawns).toBe(2);
  const aside = readdirSync(join(repo, '.spoor')).filter((name) => name.includes('.corrupt-'));
  expect(aside.map((name) => readFileSync(join(repo, '.spoor', name), 'utf8'))).toEqual(isTooDeep(text) ? [text] : []);
});

test('a file of the earlier system is read without loss', () => {
  const repo = temporaryDirectory();
  mkdirSync(join(repo, '.spoor'));
  const decision = { timestamp: 'T', task: 'old', caste: 'c', selected_model: 'm', source: 's', extra: [1] };
  writeFileSync(fileOf(repo), JSON.stringify({ version: '1.0', routing_decisions: [decision, null], models: { m: { total_spawns: 7, note: 'x' } }, more: { a: 1 } }, null, 2), { mode: 0o640 });
  chmodSync(fileOf(repo), 0o640);
  record(repo);
  expect(ledger.updateSpawnOutcome(repo, 'T', 'completed')).toBe(true);
  const after = onDisk(repo);
  expect(after.routing_decisions.slice(0, 2)).toEqual([{ ...decision, outcome: 'completed' }, null]);
  expect(after.models.m).toMatchObject({ total_spawns: 8, note: 'x', successful_completions: 1 });
  expect(after.more).toEqual({ a: 1 });
  expect(statSync(fileOf(repo)).mode & 0o777).toBe(0o640);
});

test('bad calls and bad places are told, and never thrown', () => {
  const repo = temporaryDirectory();
  writeFileSync(join(repo, '.spoor'), 'a file where the directory should be');
  expect(ledger.recordSpawnTelemetry(repo, { task: 't', caste: 'c', model: 'm' })).toEqual({ success: false, decision_id: null, error: expect.any(String) });
  for (const bad of [undefined, null, 3, ''] as any[]) {
    expect(ledger.recordSpawnTelemetry(bad, { task: 't', caste: 'c', model: 'm' }).success).toBe(false);
    expect(ledger.recordSpawnTelemetry(temporaryDirectory(), bad).success).toBe(false);
    expect(ledger.updateSpawnOutcome(bad, bad, bad)).toBe(false);
    expect(ledger.saveTelemetry(temporaryDirectory(), bad)).toBe(false);
    expect(ledger.loadTelemetry(bad).routing_decisions).toEqual([]);
  }
  const throws = (): never => {
    throw Object.create(null);
  };
  for (const bad of [Object.create(null), { toString: throws }] as any[]) expect(ledger.getModelPerformance(temporaryDirectory(), bad)).toBeNull();
  expect(ledger.getRoutingStats(temporaryDirectory(), { get days(): number { return throws(); } })).toEqual({ total_decisions: 0, by_source: {}, by_model: {}, date_range: null });
});

test('what is no whole ledger takes the place of none', () => {
  const repo = temporaryDirectory();
  record(repo);
  for (const bad of [{}, { models: {} }, { routing_decisions: [] }, { models: [], routing_decisions: [] }] as any[]) expect(ledger.saveTelemetry(repo, bad)).toBe(false);
  expect(onDisk(repo).routing_decisions).toHaveLength(1);
  expect(ledger.saveTelemetry(repo, { models: {}, routing_decisions: [] } as any)).toBe(true);
});

test('SPOOR_LEDGER_FILE and the option name another file; require() works', async () => {
  const repo = temporaryDirectory();
  const script = `const l = require(${JSON.stringify(ENTRY)}); const i = { task: 't', caste: 'c', model: 'm' };
    console.log(l.recordSpawnTelemetry(${JSON.stringify(repo)}, i).success, l.recordSpawnTelemetry(${JSON.stringify(repo)}, i, { file: 'other.json' }).success)`;
  const { stdout } = await run(process.execPath, ['-e', script], { env: { SPOOR_LEDGER_FILE: 'data/l.json' } });
  expect(stdout.trim()).toBe('true true');
  expect(readdirSync(repo).sort()).toEqual(['data', 'other.json']);
});

test('any sequence of calls equals a simple model', () => {
  const step = fc.record({ call: fc.constantFrom('record', 'record', 'outcome', 'tokens'), model: fc.constantFrom('a', 'b', '__proto__'), which: fc.nat(9), outcome: fc.constantFrom('completed', 'failed', 'blocked', 'abandoned', 'x'), tokens: fc.integer({ min: -1, max: 9 }), stamp: fc.constantFrom('T', 'U', undefined) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const repo = temporaryDirectory();
      const decisions: { id: string; model: string; outcome?: string; tokens: number }[] = [];
      for (const { call, model, which, outcome, tokens, stamp } of steps) {
        const target = decisions[which % (decisions.length || 1)];
        if (call === 'record') decisions.push({ id: record(repo, { model, timestamp: stamp }), model, tokens: 0 });
        else if (target !== undefined && call === 'outcome') {
          const counts = target.outcome === undefined && outcome !== 'x';
          expect(ledger.updateSpawnOutcome(repo, target.id, outcome as any)).toBe(counts);
          if (counts) target.outcome = outcome;
        } else if (target !== undefined) {
          expect(ledger.updateTokenUsage(repo, target.id, tokens)).toBe(tokens >= 0);
          target.tokens += Math.max(0, tokens);
        }
      }
      if (decisions.length === 0) return;
      const read = onDisk(repo);
      expect(ledger.loadTelemetry(repo)).toEqual(read);
      expect(read.routing_decisions.map((d: any) => [d.id, d.selected_model, d.outcome, d.tokens ?? 0])).toEqual(decisions.map((d) => [d.id, d.model, d.outcome, d.tokens]));
      for (const [model, stats] of Object.entries<any>(read.models)) {
        const of = decisions.filter((d) => d.model === model);
        const count = (outcome: string): number => of.filter((d) => d.outcome === outcome).length;
        expect([stats.total_spawns, stats.successful_completions, stats.failed_completions, stats.blocked]).toEqual([of.length, count('completed'), count('failed'), count('blocked')]);
      }
    }),
    { numRuns: 40 },
  );
});

const writer = (repo: string, count: number, ...others: readonly string[]): string =>
  `import { recordSpawnTelemetry } from ${JSON.stringify(ENTRY)};
   const repos = ${JSON.stringify([repo, ...others])};
   for (let i = 0; i < ${count}; i++) {
     const r = recordSpawnTelemetry(repos[i % repos.length], { task: String(i), caste: 'c', model: 'm' });
     process.stdout.write((r.success ? r.decision_id : 'ERROR ' + r.error) + '\\n');
   }`;

test('8 processes, 200 records each: all are counted, and the file parses at every read', async () => {
  const repo = temporaryDirectory();
  let running = 8;
  const all = Promise.all(Array.from({ length: 8 }, () => run(process.execPath, ['--input-type=module', '-e', writer(repo, 200)]).finally(() => running--)));
  let reads = 0;
  while (running > 0) {
    if (existsSync(fileOf(repo))) reads += onDisk(repo).version === '1.0' ? 1 : 0;
    await new Promise(setImmediate);
  }
  expect((await all).map(({ stdout }) => stdout.match(/ERROR.*/)?.[0])).toEqual(Array(8).fill(undefined));
  expect(onDisk(repo).models.m.total_spawns).toBe(1600);
  expect(onDisk(repo).routing_decisions).toHaveLength(1000);
  expect(new Set(onDisk(repo).routing_decisions.map((d: any) => d.id)).size).toBe(1000);
  expect(reads).toBeGreaterThan(0);
});

/** Repositories whose ledgers are links to one file. */
function sharing(link: string): { repos: string[]; file: string } {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, 'shared'));
  const repos = ['w1', 'w2'].map((name) => join(folder, name));
  for (const repo of repos) {
    mkdirSync(join(repo, '.spoor'), { recursive: true });
    symlinkSync(link, fileOf(repo));
  }
  return { repos, file: join(folder, 'shared/telemetry.json') };
}

test('a ledger that several repositories share by links: all records of all are counted, and the links stay', async () => {
  const { repos, file } = sharing('../../shared/telemetry.json');
  writeFileSync(file, '{"version":"1.0","models":{},"routing_decisions":[]}');
  const all = await Promise.all([0, 1, 2, 3].map(() => run(process.execPath, ['--input-type=module', '-e', writer(repos[0]!, 200, repos[1]!)])));
  expect(all.map(({ stdout }) => stdout.match(/ERROR.*/)?.[0])).toEqual(Array(4).fill(undefined));
  expect(onDisk(repos[0]!).models.m.total_spawns).toBe(800);
  expect(repos.map((repo) => lstatSync(fileOf(repo)).isSymbolicLink())).toEqual([true, true]);
  expect(readdirSync(join(file, '..'))).toEqual(['telemetry.json']);
});

test('a link to a file that is not there yet, or was set aside: the file is made where it leads', () => {
  const { repos, file } = sharing('../../shared/telemetry.json');
  for (const repo of repos) expect([ledger.loadTelemetry(repo).routing_decisions, ledger.updateSpawnOutcome(repo, 'x', 'completed')]).toEqual([[], false]);
  for (const repo of repos) record(repo);
  expect(JSON.parse(readFileSync(file, 'utf8')).models.m.total_spawns).toBe(2);
  writeFileSync(file, 'cut');
  for (const repo of repos) expect(ledger.loadTelemetry(repo).routing_decisions).toEqual([]);
  for (const repo of repos) record(repo);
  expect(JSON.parse(readFileSync(file, 'utf8')).models.m.total_spawns).toBe(2);
  expect(repos.map((repo) => lstatSync(fileOf(repo)).isSymbolicLink())).toEqual([true, true]);
  expect(readdirSync(join(file, '..')).map((name) => name.replace(/-.*/, ''))).toEqual(['telemetry.json', 'telemetry.json.corrupt']);
});

test('a link that leads to itself is told, and not thrown', () => {
  const { repos: [repo] } = sharing('telemetry.json');
  expect(ledger.recordSpawnTelemetry(repo!, { task: 't', caste: 'c', model: 'm' })).toEqual({ success: false, decision_id: null, error: expect.stringContaining('ELOOP') });
  expect(ledger.loadTelemetry(repo!).routing_decisions).toEqual([]);
});

test('SIGKILL of writers at random moments loses no acknowledged record and leaves no lock', async () => {
  const repo = temporaryDirectory();
  const acknowledged: string[] = [];
  for (let round = 0; round < 12; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer(repo, 100_000)], { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.length > 24 * (5 + round * 7)) child.kill('SIGKILL');
    });
    await once(child, 'close');
    acknowledged.push(...said.split('\n').slice(0, -1));
    onDisk(repo);
  }
  expect(acknowledged.filter((id) => id.startsWith('ERROR'))).toEqual([]);
  record(repo);
  const { routing_decisions: decisions, models } = onDisk(repo);
  expect(models.m.total_spawns).toBeGreaterThanOrEqual(acknowledged.length + 1);
  const ids = new Set(decisions.map((d: any) => d.id));
  expect(acknowledged.slice(-500).filter((id) => !ids.has(id))).toEqual([]);
  expect(readdirSync(join(repo, '.spoor')).sort()).toEqual(['.gitignore', 'id', 'telemetry.json']);
});

test('a change made by another process is seen', () => {
  const repo = temporaryDirectory();
  record(repo);
  execFileSync(process.execPath, ['--input-type=module', '-e', writer(repo, 2)], { env: cleanEnvironment(), stdio: 'ignore' });
  expect(ledger.getTelemetrySummary(repo).total_spawns).toBe(3);
  record(repo);
  expect(onDisk(repo).models.m.total_spawns).toBe(4);
});
