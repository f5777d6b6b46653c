import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DRIFT, type Row, excesses, rowOf } from '../../bench/harness/row.js';
import { cells, keptRows, resultsPage } from '../../bench/harness/results.js';
import { ROOT, run } from '../support/program.ts';

const declared = { name: 'a-row', subject: 'ours', baseline: 'theirs', unit: 'ms' };

/** Pairs whose ratios are these. */
const pairs = (...ratios: number[]) => ratios.map((ratio) => ({ subject: ratio * 2, baseline: 2 }));

test('a row holds the median of the ratios, not the ratio of the medians', () => {
  const row = rowOf({ ...declared, limit: 2 }, [
    { subject: 1, baseline: 1 },
    { subject: 30, baseline: 10 },
    { subject: 20, baseline: 100 },
  ]);
  expect(row).toMatchObject({ value: 1, low: 0.2, high: 3, limit: 2, pairs: 3, subject: 'ours (20 ms)', baseline: 'theirs (10 ms)' });
});

test('a difference is a difference', () => {
  expect(rowOf({ ...declared, compare: 'difference' }, [{ subject: 57.5, baseline: 50 }])).toMatchObject({ value: 7.5, low: 7.5, high: 7.5 });
});

test('nothing measured, or nothing to divide by, is a fault of the bench and no result', () => {
  expect(() => rowOf(declared, [])).toThrow('a-row');
  expect(() => rowOf(declared, [{ subject: 1, baseline: 0 }])).toThrow('a-row');
});

test('the lower end of the interval counts against the limit', () => {
  const touching = rowOf({ ...declared, limit: 1.05 }, pairs(1.05, 1.2, 1.3));
  expect(excesses(touching)).toEqual([]);
  expect(cells(touching)).toContain('yes');
  const above = rowOf({ ...declared, limit: 1.05 }, pairs(1.06, 1.2, 1.3));
  expect(excesses(above)).toEqual([expect.stringContaining('1.05')]);
  expect(cells(above)).toContain('**no**');
});

test('where a row judges by the upper end, all of the interval has to be within the limit', () => {
  const across = rowOf({ ...declared, limit: 1.25, judge: 'high' }, pairs(1.06, 1.2, 1.3));
  expect(excesses(across)).toEqual([expect.stringContaining('1.25')]);
  expect(excesses({ ...across, limit: 1.3 })).toEqual([]);
});

test('what is surely more than was kept is an excess, under the limit too', () => {
  const row = rowOf({ ...declared, limit: 10 }, pairs(2, 2.1, 2.2));
  expect(excesses(row, { high: 2 / DRIFT })).toEqual([]);
  expect(excesses(row, { high: 1.9 / DRIFT })).toEqual([expect.stringContaining('kept')]);
  expect(excesses(rowOf({ ...declared, compare: 'difference', limit: 100 }, [{ subject: 9, baseline: 1 }]), { high: 1 })).toEqual([]);
});

test('a row without a limit is only shown, but may not grow either', () => {
  const row = rowOf(declared, pairs(50, 50, 50));
  expect(excesses(row)).toEqual([]);
  expect(excesses(row, { high: 10 })).toHaveLength(1);
});

test('the page that is kept reads back as it was written', () => {
  const rows: Row[] = [
    rowOf({ ...declared, limit: 1.4 }, pairs(1.21, 1.25, 1.31)),
    rowOf({ ...declared, name: 'memory', compare: 'difference', limit: 10 }, [
      { subject: 51, baseline: 50.5 },
      { subject: 50, baseline: 50.5 },
    ]),
    rowOf({ ...declared, name: 'slow' }, pairs(1_234.5)),
    rowOf({ ...declared, name: 'tiny' }, pairs(0.000_000_123)),
  ];
  const kept = keptRows(resultsPage({ machine: ['a machine'], rows }));
  expect(kept.map(({ name, low, high }) => ({ name, low, high }))).toEqual([
    { name: 'a-row', low: 1.21, high: 1.31 },
    { name: 'memory', low: -0.5, high: 0.5 },
    { name: 'slow', low: 1235, high: 1235 },
    { name: 'tiny', low: 1.23e-7, high: 1.23e-7 },
  ]);
});

test('a run of some rows keeps the others, in their order', () => {
  const first = resultsPage({ machine: [], rows: ['one', 'two', 'three'].map((name) => rowOf({ ...declared, name }, pairs(1))) });
  const second = resultsPage({ machine: [], rows: ['four', 'two'].map((name) => rowOf({ ...declared, name }, pairs(3))), kept: keptRows(first) });
  expect(keptRows(second).map(({ name, low }) => [name, low])).toEqual([
    ['one', 1],
    ['two', 3],
    ['three', 1],
    ['four', 3],
  ]);
});

test.each([['--chek'], ['--only'], ['--only', '--quick'], ['export']])('what was typed wrongly is one line, and nothing is measured: %s', async (...args) => {
  const { code, stdout, stderr } = await run(process.execPath, [join(ROOT, 'bench/main.js'), ...args]);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^bench: .*; --help names the options\n$/)]);
});
