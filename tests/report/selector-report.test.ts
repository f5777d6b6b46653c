/** What `spoor report --kind selector` makes of the files: health, findings, what is exact and what is sampled. */
import { appendFileSync, statSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { ATTR, SELECTOR_DURATION } from '../../src/conventions.ts';
import type { PlainAttributes } from '../../src/report/otlp.ts';
import { MIN_OPERATIONS } from '../../src/report/selector-health.ts';
import { type SelectorReport, selectorReport } from '../../src/report/selector-report.ts';
import { type SelectorRow, selectorJson, selectorRows } from '../../src/report/selector-rows.ts';
import { type SpanLimits, readRollups, readSpans } from '../../src/report/window.ts';
import { HOUR_MS, hourFiles } from '../../src/store/layout.ts';
import { Aside } from '../../src/store/set-aside.ts';
import { CLI, run, temporaryDirectory } from '../support/program.ts';
import { SelectorWriter, times } from './selector-writer.ts';

const NOW = Date.parse('2026-11-21T14:30:00Z');
const DAY = 24 * HOUR_MS;

const report = (directory: string, since = NOW - DAY): SelectorReport => selectorReport({ directory, since, now: NOW, top: 5 });
const rowsOf = (found: SelectorReport): Record<string, SelectorRow> => Object.fromEntries(selectorRows(found).map((row) => [`${row.by} ${row.name}`, row]));

it('each finding is found, and nothing is counted twice', () => {
  const directory = temporaryDirectory();
  let now = NOW - 1_000;
  const writer = new SelectorWriter(directory, 'one', { now: () => now });
  times(40, (i) => {
    writer.attempt('falls', 'testid', i < 20 ? 'not_found' : undefined);
    if (i < 20) writer.attempt('falls', 'css');
    writer.resolve('falls', { strategy: i < 20 ? 'css' : 'testid', fallback: i < 20 });
    writer.resolve('drifts', { drift: i < 10 ? 0.9 : 0 });
    writer.resolve('vague', i % 4 === 0 ? { error: 'ambiguous' } : {});
    writer.resolve('flaky', i % 3 === 0 ? { error: 'timeout' } : {});
    writer.resolve('fine', { seconds: 0.001 * (i + 1), page: i < 30 ? 'cart' : 'home' });
  });
  times(3, () => writer.resolve('rare'));
  times(20, () => writer.resolve('dies'));
  writer.delta();
  now = NOW;
  times(6, () => writer.resolve('dies', { error: 'not_found' }));
  writer.delta({ final: true });
  const found = report(directory);
  expect(found).toMatchObject({ operations: 229, failed: 30, folded: 0, fromTraces: 0, setAside: [] });
  const rows = rowsOf(found);
  expect(Object.fromEntries(Object.values(rows).filter(({ by }) => by === 'selector').map(({ name, findings }) => [name, findings]))).toEqual({
    dies: ['dead'], flaky: ['failing'], vague: ['failing', 'ambiguous'], falls: ['falling back'], drifts: ['found, but something else'], fine: [], rare: ['too few'],
  });
  expect(selectorRows(found).map(({ name }) => name).slice(0, 7)).toEqual(['dies', 'flaky', 'vague', 'falls', 'drifts', 'fine', 'rare']);
  expect(rows['selector dies']).toMatchObject({ health: 0, count: 26, completed: 20, failed: 6, errors: { not_found: 6 } });
  expect(rows['selector rare']).toMatchObject({ health: null, success_rate: 1 });
  expect(rows['selector falls']).toMatchObject({ count: 40, fallbacks: 20, health_fallback: 0.5, health_success: expect.closeTo(0.912, 2) });
  expect(rows['selector drifts']).toMatchObject({ found_something_else: 10, drift_mean: 0.225, health_drift: 0.775 });
  expect(rows['selector vague']).toMatchObject({ ambiguous: 10, health_uniqueness: 0.75 });
  // Until it was found: not the action.
  expect(rows['selector fine']).toMatchObject({ p95_seconds: expect.closeTo(0.038, 3), max_seconds: 0.04 });
  expect(rows['strategy testid']).toMatchObject({ count: 40, completed: 20, health: null });
  expect(rows['strategy css']).toMatchObject({ count: 20, completed: 20 });
  expect(rows['driver engine']).toMatchObject({ count: 229 });
  expect([rows['page cart']!.count, rows['page home']!.count, rows['page cart']!.from]).toEqual([30, 10, 'numbers']);
  expect(found.mostAmbiguous.map(({ name }) => name)).toEqual(['vague']);
  expect(found.slowest[0]).toMatchObject({ name: 'fine', operation: 'resolve', seconds: expect.closeTo(0.4) });
});

it('what nobody named is from spans, and says so; ids in addresses are one page', () => {
  const directory = temporaryDirectory();
  const writer = new SelectorWriter(directory, 'one', { now: () => NOW });
  times(30, (i) => writer.click('button "…é"', { url: `https://shop.example/order/${i}/pay?x=`, ...(i < 3 && { error: 'not_actionable' }) }));
  times(2, () => writer.click('[data-testid="a\\"b"]'));
  writer.delta({ final: true });
  const rows = rowsOf(report(directory));
  expect(rows['selector button "…é"']).toMatchObject({ from: 'traces', count: 30, failed: 3, errors: { not_actionable: 3 } });
  expect(rows['selector [data-testid="a\\"b"]']).toMatchObject({ count: 2 });
  expect(rows['page https://shop.example/order/:id/pay']).toMatchObject({ from: 'traces', count: 30 });
  expect(rows['driver playwright']).toMatchObject({ from: 'numbers', count: 32 });
});

it('a process that was killed counts from its spans, exactly once', () => {
  const directory = temporaryDirectory();
  let now = NOW - 1_000;
  const writer = new SelectorWriter(directory, 'killed', { now: () => now });
  times(5, () => writer.resolve('pay', { fallback: true, drift: 0.9 }));
  writer.delta();
  now = NOW;
  times(7, () => writer.resolve('pay', { error: 'not_found' }));
  times(2, () => writer.attempt('pay', 'css'));
  times(1, () => writer.click('button'));
  const found = report(directory);
  expect(found).toMatchObject({ operations: 13, failed: 7, fromTraces: 10 });
  const rows = rowsOf(found);
  expect(rows['selector pay']).toMatchObject({ count: 12, completed: 5, failed: 7, fallbacks: 5, found_something_else: 5, findings: ['dead', 'found, but something else', 'falling back'] });
  expect(rows['strategy css']).toMatchObject({ count: 2 });
  expect(rows['driver playwright']).toMatchObject({ count: 1 });
});

it('slower than before, and not used again', () => {
  const directory = temporaryDirectory();
  let now = NOW - 3 * DAY;
  const writer = new SelectorWriter(directory, 'one', { now: () => now });
  times(30, () => writer.resolve('slow', { seconds: 0.01 }));
  times(30, () => writer.resolve('same', { seconds: 0.01 }));
  times(30, () => writer.click('#slow', { seconds: 0.01 }));
  times(30, () => writer.click('#same', { seconds: 0.01 }));
  // Neither what failed nor what has the text and a name.
  times(30, () => writer.click('#slow', { seconds: 1, error: 'timeout' }));
  times(30, () => writer.click('#slow', { seconds: 1, name: 'other' }));
  writer.delta();
  now = NOW - 23 * HOUR_MS;
  writer.resolve('forgotten');
  writer.delta();
  now = NOW - HOUR_MS;
  times(30, () => writer.resolve('slow', { seconds: 0.03 }));
  times(30, () => writer.resolve('same', { seconds: 0.011 }));
  times(30, () => writer.click('#slow', { seconds: 0.03 }));
  times(30, () => writer.click('#same', { seconds: 0.011 }));
  writer.delta({ final: true });
  const found = report(directory);
  const rows = rowsOf(found);
  expect(rows['selector slow']).toMatchObject({ findings: ['slower'], count: 30, p95_before_seconds: expect.closeTo(0.01), health_speed: expect.closeTo(1.25 / 3, 2) });
  expect(rows['selector same']).toMatchObject({ findings: [], health_speed: 1 });
  expect(rows['selector #slow']).toMatchObject({ from: 'traces', findings: ['slower'], count: 30, p95_before_seconds: expect.closeTo(0.01), health_speed: expect.closeTo(1.25 / 3, 2) });
  expect(rows['selector #same']).toMatchObject({ from: 'traces', findings: [], health_speed: 1 });
  expect(found.notUsedAgain.map(({ name }) => name)).toEqual(['forgotten']);
});

it('of spans before a window the newest files are read, as few as hold what is asked for', () => {
  const directory = temporaryDirectory();
  let now = 0;
  const writer = new SelectorWriter(directory, 'one', { now: () => now });
  for (const hour of [5, 4, 3, 2, 1]) {
    now = NOW - hour * HOUR_MS;
    writer.click(`hours ago: ${hour}`);
  }
  const read = (limits: SpanLimits): string[] => {
    const found: string[] = [];
    const visitor = { attribute: ATTR.SELECTOR_TEXT, quick: () => {}, full: (_: unknown, attributes: PlainAttributes) => void found.push(String(attributes[ATTR.SELECTOR_TEXT]).slice(-1)) };
    const options = { directory, aside: new Aside() };
    readSpans(options, NOW - DAY, readRollups(options, { since: 0 }), visitor, limits);
    return found;
  };
  const { size } = statSync(hourFiles(directory, 'traces')[0]!.path);
  expect(read({})).toEqual(['5', '4', '3', '2', '1']);
  expect(read({ until: NOW - 2 * HOUR_MS })).toEqual(['5', '4', '3']);
  expect(read({ until: NOW - 1.5 * HOUR_MS, newest: 1 })).toEqual(['2']);
  expect(read({ newest: size + 1 })).toEqual(['2', '1']);
});

it('more selectors than are told apart: what was folded is counted and said', () => {
  const directory = temporaryDirectory();
  const writer = new SelectorWriter(directory, 'many', { now: () => NOW });
  times(2_500, (i) => writer.number(SELECTOR_DURATION, 0.01, { [ATTR.SELECTOR_OPERATION]: 'resolve', [ATTR.SELECTOR_NAME]: `row ${i}`, [ATTR.SELECTOR_DRIVER]: 'engine', [ATTR.SELECTOR_OUTCOME]: 'completed' }));
  writer.delta({ final: true });
  const found = report(directory);
  expect([found.operations, found.folded, found.selectors.length]).toEqual([1_999, 501, 1_999]);
});

it('abstains below the minimum, and few perfect operations are not above many', () => {
  const directory = temporaryDirectory();
  const writer = new SelectorWriter(directory, 'one', { now: () => NOW });
  times(MIN_OPERATIONS - 1, () => writer.resolve('few'));
  times(MIN_OPERATIONS, () => writer.resolve('enough'));
  times(50 * MIN_OPERATIONS, () => writer.resolve('many'));
  writer.delta({ final: true });
  const rows = rowsOf(report(directory));
  expect(rows['selector few']!.health).toBeNull();
  expect(rows['selector enough']!.health).toBeGreaterThan(80);
  expect(rows['selector many']!.health).toBeGreaterThan(rows['selector enough']!.health!);
});

it('the command in all its forms, and what a name may hold', async () => {
  const directory = temporaryDirectory();
  const call = (...args: string[]) => run(process.execPath, [CLI, 'report', '--kind', 'selector', '--dir', directory, ...args], { env: { NO_COLOR: '1' } });
  expect((await call()).stdout).toContain('Nothing has been recorded');
  const writer = new SelectorWriter(directory, 'one');
  times(25, () => writer.resolve('=HYPERLINK("x")|\u001b[31m', { page: 'a|b' }));
  writer.delta({ final: true });
  appendFileSync(hourFiles(directory, 'rollups')[0]!.path, '{"torn');
  const [text, json, csv, markdown, since] = await Promise.all([call(), call('--json'), call('--format', 'csv'), call('--format', 'markdown'), call('--since', '2100-01-01')]);
  expect([text, json, csv, markdown, since].map(({ code, stderr }) => [code, stderr])).toEqual([text, json, csv, markdown, since].map(() => [0, '']));
  expect(text!.stdout).toContain('25 selector operations');
  expect(text!.stdout).toContain('Set aside: rollups/');
  expect(text!.stdout).not.toContain('\u001b');
  const parsed = JSON.parse(json!.stdout);
  expect(parsed).toMatchObject({ operations: 25, folded: 0, drivers: [{ name: 'engine' }], pages: [{ name: 'a|b' }] });
  expect(Object.keys(parsed)).toEqual(Object.keys(selectorJson(report(directory), { directory, since: 0, now: 0 })));
  const rows = parse(csv!.stdout, { columns: true, relax_quotes: false }) as Record<string, string>[];
  expect(rows[0]).toMatchObject({ by: 'selector', name: `'=HYPERLINK("x")|\u001b[31m`, count: '25', findings: '' });
  expect(markdown!.stdout.split('\n')[2]!.match(/(?<!\\)\|/g)).toHaveLength(15);
});
