import { createColors } from 'picocolors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Aside } from '../../src/store/set-aside.ts';
import { rows, traceTree } from '../../src/report/trace-tree.ts';
import type { TraceSpan } from '../../src/report/trace-spans.ts';
import { traceText } from '../../src/report/trace-text.ts';
import { findTraces, latestTraces } from '../../src/report/traces.ts';
import { temporaryDirectory } from '../support/program.ts';
import { HEX, Writer } from './fixture.ts';

const read = (directory: string) => ({ directory, aside: new Aside() });
const plain = createColors(false);

function span(id: number, parent: number | undefined, start = id): TraceSpan {
  return { traceId: HEX(32, 1), spanId: HEX(16, id), parentSpanId: parent === undefined ? undefined : HEX(16, parent), name: `s${id}`, start, end: start + 1, state: 'ended', failed: false, attributes: {}, resource: {} };
}

test('every span stands in the tree exactly once, whatever its parent is', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }), { maxLength: 30 }), (parents) => {
      const spans = parents.map((parent, i) => span(i + 1, parent));
      const shown = [...rows(traceTree(spans))].flatMap(({ node }) => (node.span ? [node.spanId] : []));
      expect(shown.toSorted()).toEqual(spans.map(({ spanId }) => spanId));
    }),
  );
});

test('a chain of a hundred thousand spans is no stack overflow', () => {
  const spans = Array.from({ length: 100_000 }, (_, i) => span(i + 1, i === 0 ? undefined : i));
  let count = 0;
  for (const { node } of rows(traceTree(spans.slice(0, 3000)))) count += node.children.length;
  expect(count).toBe(2999);
  expect(traceTree(spans)).toHaveLength(1);
});

test('a tree across processes: failures, missing parents, running spans', () => {
  const directory = temporaryDirectory();
  // What runs is looked after by the clock, and by when this process began.
  const now = Date.now();
  const parent = new Writer(directory, 'parent');
  const child = new Writer(directory, 'child', { pid: 77 });
  parent.end({ trace: 9, span: 1, name: 'npm', end: now, milliseconds: 100, attributes: { 'process.pid': 77 } });
  child.end({ trace: 9, span: 2, parent: 1, name: 'git', end: now - 10, milliseconds: 20, attributes: { 'error.type': 'exit_code', 'process.exit.code': 128, 'process.pid': 78 } });
  child.end({ trace: 9, span: 3, parent: 99, name: 'lost', end: now - 5, milliseconds: 5 });
  parent.start({ trace: 9, span: 4, parent: 1, name: 'still', end: now - 50 });
  const found = findTraces(read(directory), 0, HEX(32, 9));
  if (!('traces' in found)) throw new Error('ambiguous');
  const text = traceText(found.traces[0]!, plain);
  expect(text.split('\n')).toEqual([
    `trace ${HEX(32, 9)} · 100 ms · 4 spans · 1 failed · ${new Date(now - 100).toISOString().slice(0, 19).replace('T', ' ')} UTC · 1 running`,
    '',
    'npm                                              100 ms      +0 s  pid 77',
    '├─ … still                                      running  +50.0 ms',
    '└─ ✗ git                                        20.0 ms  +70.0 ms  exit_code · exit 128 · pid 78',
    '(parent 0000000000000063 is not recorded here)',
    '└─ lost                                         5.00 ms  +90.0 ms  in pid 77',
    '',
  ]);
});

test('traces are found by id, by its beginning if unique, and by correlation id', () => {
  const directory = temporaryDirectory();
  const writer = new Writer(directory, 'a');
  const ids = [0xab10, 0xab20, 0xcd30].map((id) => id * 2 ** 32);
  ids.forEach((trace, i) => writer.end({ trace, span: i + 1, attributes: { 'spoor.correlation.id': i > 0 ? 'release "42"' : HEX(32, trace) } }));
  const find = (id: string): unknown => {
    const found = findTraces(read(directory), 0, id);
    return 'traces' in found ? found.traces.map(({ traceId }) => traceId) : found;
  };
  const hex = ids.map((id) => HEX(32, id));
  expect(find(hex[1]!)).toEqual([hex[1]]);
  expect(find(hex[0]!.toUpperCase())).toEqual([hex[0]]);
  expect(find(hex[2]!.slice(0, 24))).toEqual([hex[2]]);
  expect(find('0000')).toEqual({ ambiguous: hex });
  expect(find('release "42"')).toEqual([hex[1], hex[2]]);
  expect(find('nothing')).toEqual([]);
});

test('the list: the latest first, limited, failed ones alone on request', () => {
  const directory = temporaryDirectory();
  const now = Date.now();
  const writer = new Writer(directory, 'a');
  for (let i = 1; i <= 5; i++) writer.end({ trace: i, span: i, end: now - i * 1000, attributes: i === 3 ? { 'error.type': 'ENOENT' } : {} });
  writer.start({ trace: 6, span: 6, end: now });
  const list = (limit: number, failedOnly: boolean): number[] => latestTraces(read(directory), { since: now - 60_000, limit, failedOnly }).traces.map(({ traceId }) => Number.parseInt(traceId, 16));
  expect(list(10, false)).toEqual([6, 1, 2, 3, 4, 5]);
  expect(list(2, false)).toEqual([6, 1]);
  expect(list(10, true)).toEqual([3]);
  expect(latestTraces(read(directory), { since: now - 60_000, limit: 2, failedOnly: false }).more).toBe(4);
});
