import { buildSync } from 'esbuild';
import * as fc from 'fast-check';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Instrument } from '../../src/conventions.ts';
import { compact } from '../../exporters/compact.ts';
import { Merge } from '../../src/rollup/merge.ts';
import { attributesJson, deltaLine } from '../../src/rollup/otlp.ts';
import { parseRequest } from '../../src/rollup/request.ts';
import { Rollup } from '../../src/rollup/rollup.ts';
import { ROOT, run, temporaryDirectory } from '../support/program.ts';

const DURATION: Instrument = { name: 'd', type: 'histogram', unit: 's', description: '', attributes: ['a'] };
const COUNT: Instrument = { name: 'c', type: 'counter', unit: '1', description: '', attributes: ['a'] };
const ACTIVE: Instrument = { name: 'u', type: 'updowncounter', unit: '1', description: '', attributes: [] };

interface Written {
  readonly service: string;
  readonly instance: string;
  readonly values: readonly number[];
  readonly sequence: number;
  readonly final: boolean;
}

let clock = 1_700_000_000_000;
function lineOf({ service, instance, values, sequence, final }: Written): string {
  const rollup = new Rollup({ onDropped: () => {}, now: () => clock++ });
  for (const value of values) {
    rollup.record(DURATION, value, { a: `x${value % 2}` }, { traceId: 't', spanId: `${instance}-${clock}` });
    rollup.record(COUNT, value, {});
    rollup.record(ACTIVE, 1, {});
  }
  const resource = attributesJson({ 'service.name': service, 'service.instance.id': instance, 'process.pid': 7 });
  return deltaLine(rollup.takeDelta(), { resource, sequence, final });
}

/** Everything that a reader makes of a file. */
function meaning(path: string): unknown {
  const merge = new Merge({ keepResourceAttribute: (key) => key === 'service.name' });
  for (const line of readFileSync(path, 'utf8').split('\n')) if (line !== '') try {
    merge.add(parseRequest(line));
  } catch {
    // Set aside.
  }
  const metrics = merge.resources.flatMap(({ attributes, metrics: list }) =>
    list.flatMap(({ name, series }) => series.map(({ attributes: own, value, histogram, latest, greatest, start, end }) => [JSON.stringify([attributes, name, own]), { value, ...histogram?.toPoint(), latest, greatest, start, end }] as const)),
  );
  const runtimes = Array.from(merge.runtimes, ([id, { sequence, final }]) => [id, final ? true : sequence]);
  return { metrics: Object.fromEntries(metrics), runtimes: Object.fromEntries(runtimes) };
}

const written: fc.Arbitrary<Written> = fc
  .record({
    service: fc.constantFrom('app', 'tool'),
    instance: fc.constantFrom('1', '2', '3'),
    values: fc.array(fc.nat(100), { maxLength: 6 }),
    sequence: fc.nat(50),
    final: fc.boolean(),
  })
  .map((one) => ({ ...one, instance: `${one.service} ${one.instance}` }));

test('the same totals, exemplars and runtimes before and after; one line a service; doing it again changes nothing', () => {
  const path = join(temporaryDirectory(), '14.host.jsonl');
  fc.assert(
    fc.property(fc.array(written, { maxLength: 12 }), (all) => {
      writeFileSync(path, all.map((one) => `${lineOf(one)}\n`).join(''));
      const before = meaning(path);
      compact(path);
      expect(meaning(path)).toEqual(before);
      const content = readFileSync(path, 'utf8');
      expect(content.split('\n').filter(Boolean)).toHaveLength(new Set(all.map(({ service }) => service)).size);
      expect(content).not.toContain('process.pid');
      expect(compact(path)).toEqual({ done: false, corrupt: 0 });
      expect(readFileSync(path, 'utf8')).toBe(content);
      // More lines to a compact file.
      const late = { service: 'app', instance: 'app 1', values: [5], sequence: 99, final: false };
      writeFileSync(path, `${lineOf(late)}\n`, { flag: 'a' });
      const more = meaning(path);
      compact(path);
      expect(meaning(path)).toEqual(more);
    }),
    { numRuns: 60 },
  );
});

test('lines that do not add up stay as they are; corrupt and torn ones are set aside, byte for byte', () => {
  const directory = temporaryDirectory();
  const path = join(directory, '14.host.jsonl');
  const good = lineOf({ service: 'app', instance: 'i', values: [1], sequence: 1, final: true });
  const gauge = '{"resourceMetrics":[{"resource":{"attributes":[]},"scopeMetrics":[{"scope":{"name":"x"},"metrics":[{"name":"g","gauge":{"dataPoints":[{"asDouble":1}]}}]}]}]}';
  const torn = Buffer.concat([Buffer.from('{"resourceMetrics":[{"res'), Buffer.from([0xff, 0xfe])]);
  const cut = good.slice(0, 40);
  writeFileSync(path, Buffer.concat([Buffer.from(`${good}\n\n`), torn, Buffer.from(`\n${gauge}\n${good}\n${cut}`)]));
  expect(compact(path)).toEqual({ done: true, corrupt: 2 });
  expect(readFileSync(`${path}.corrupt`)).toEqual(Buffer.concat([torn, Buffer.from(`\n${cut}\n`)]));
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toBe(gauge);
  expect(readdirSync(directory).sort()).toEqual(['14.host.jsonl', '14.host.jsonl.corrupt']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

/** Runs `compact` in a child in which `hook` sees each call of `node:fs` before it is made. */
async function compactIn(directory: string, path: string, hook: string): Promise<{ signal: NodeJS.Signals | null; stderr: string }> {
  const module = join(directory, 'compact.mjs');
  if (!existsSync(module)) buildSync({ entryPoints: [join(ROOT, 'exporters/compact.ts')], bundle: true, platform: 'node', format: 'esm', outfile: module });
  const main = join(directory, 'main.cjs');
  writeFileSync(
    main,
    `const fs = require('node:fs');
    const real = { ...fs };
    const path = ${JSON.stringify(path)};
    let calls = 0;
    ${hook}
    import(${JSON.stringify(module)}).then(({ compact }) => {
      for (const name of Object.keys(fs)) if (/Sync$/.test(name) && typeof fs[name] === 'function') fs[name] = (...args) => { before(name, args); return real[name](...args); };
      require('node:module').syncBuiltinESMExports();
      compact(path);
    });`,
  );
  return run(process.execPath, [main]);
}

test('killed before any of its calls to the file system: the next time finishes, and the totals are the same', async () => {
  const directory = temporaryDirectory();
  const hours = join(directory, 'hours');
  const late = lineOf({ service: 'app', instance: 'late', values: [3], sequence: 1, final: false });
  let steps = 0;
  for (let step = 1; ; step++) {
    rmSync(hours, { recursive: true, force: true });
    mkdirSync(hours);
    const path = join(hours, '14.host.jsonl');
    const expected = join(directory, 'expected.jsonl');
    const lines = [1, 2, 3].map((n) => `${lineOf({ service: 'app', instance: `i${n}`, values: [n, n], sequence: 2, final: n !== 2 })}\n`).join('');
    writeFileSync(path, `${lines}{"torn\n`);
    // A writer that still has the old file appends just before it is replaced.
    const hook = `const old = fs.openSync(path, 'a');
      function before(name, args) {
        if (++calls === ${step}) process.kill(process.pid, 'SIGKILL');
        if (name === 'renameSync' && args[1] === path) { real.writeSync(old, ${JSON.stringify(`${late}\n`)}); real.writeFileSync(path + '.was-late', ''); }
      }`;
    const { signal, stderr } = await compactIn(directory, path, hook);
    expect(stderr).toBe('');
    const wasLate = existsSync(`${path}.was-late`);
    rmSync(`${path}.was-late`, { force: true });
    writeFileSync(expected, lines + (wasLate ? `${late}\n` : ''));
    compact(path);
    compact(path);
    expect(meaning(path), `killed before call ${step}`).toEqual(meaning(expected));
    expect(readFileSync(`${path}.corrupt`, 'utf8')).toBe('{"torn\n');
    const left = readdirSync(hours).sort();
    expect(left.filter((name) => !/\.(compacting|new)$/.test(name))).toEqual(['14.host.jsonl', '14.host.jsonl.corrupt']);
    if (signal === null) {
      steps = step;
      break;
    }
  }
  expect(steps).toBeGreaterThan(15);
});

test('what a writer appends to the old file after it was replaced is rescued', () => {
  const directory = temporaryDirectory();
  const path = join(directory, '14.host.jsonl');
  const [first, second] = [1, 2].map((n) => `${lineOf({ service: 'app', instance: `i${n}`, values: [n], sequence: 1, final: true })}\n`);
  // As after a kill: the old file under its second name, with a late line, and the new one in its place.
  const old = `${path}.old-${Buffer.byteLength(first!)}`;
  writeFileSync(old, first!);
  writeFileSync(path, first!);
  const descriptor = openSync(old, 'a');
  writeSync(descriptor, second!);
  closeSync(descriptor);
  const expected = join(directory, 'expected');
  writeFileSync(expected, first! + second!);
  compact(path);
  expect(meaning(path)).toEqual(meaning(expected));
  expect(existsSync(old)).toBe(false);
});

test('who has not read the whole file leaves it as it is', () => {
  const path = join(temporaryDirectory(), '12.host.jsonl');
  writeFileSync(path, `${'{"resourceMetrics":[]}\n'.repeat(3)}`);
  const before = readFileSync(path);
  expect(compact(path, { bytes: before.length - 1 })).toEqual({ done: false, corrupt: 0 });
  expect(readFileSync(path)).toEqual(before);
  expect(compact(path, { bytes: before.length }).done).toBe(true);
});

test('only one at a time; the lock of one that is gone is broken', async () => {
  const directory = temporaryDirectory();
  const path = join(directory, '14.host.jsonl');
  const content = [1, 2].map((n) => `${lineOf({ service: 'app', instance: `i${n}`, values: [n], sequence: 1, final: true })}\n`).join('');
  writeFileSync(path, content);
  const code = `
    import { readSync, writeSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(join(ROOT, 'dist/src/store/lock.js'))};
    withLock(${JSON.stringify(`${path}.lock`)}, () => { writeSync(1, 'held'); readSync(0, Buffer.alloc(1)); });`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  expect(compact(path).done).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe(content);
  holder.kill('SIGKILL');
  await once(holder, 'close');
  expect(compact(path).done).toBe(true);
});
