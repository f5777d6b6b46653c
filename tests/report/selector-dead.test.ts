/** When the report says of a selector that it is dead, and when it must not. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compact } from '../../exporters/compact.ts';
import { ATTR, SELECTOR_DURATION, SELECTOR_WAIT } from '../../src/conventions.ts';
import { selectorReport } from '../../src/report/selector-report.ts';
import { type SelectorRow, selectorRows } from '../../src/report/selector-rows.ts';
import { HOUR_MS, hourFiles } from '../../src/store/layout.ts';
import { program } from '../selectors/fixture.ts';
import { ROOT, temporaryDirectory } from '../support/program.ts';
import { SelectorWriter, times } from './selector-writer.ts';

const NOW = Date.parse('2026-11-21T14:30:00Z');

const rowsOf = (directory: string, now = NOW): Record<string, SelectorRow> =>
  Object.fromEntries(selectorRows(selectorReport({ directory, since: now - 24 * HOUR_MS, now, top: 5 })).filter(({ by }) => by === 'selector').map((row) => [row.name, row]));

/** What came of its operations, one after the other: how often, and the error; `+`: found, but the action on it failed so. */
type Course = readonly (readonly [count: number, error?: string])[];

const COURSES: readonly { readonly title: string; readonly course: Course; readonly dead: boolean }[] = [
  { title: 'found, then nothing', course: [[30], [15, 'not_found']], dead: true },
  { title: 'never found', course: [[5, 'not_found']], dead: true },
  { title: 'too few to tell', course: [[30], [4, 'not_found']], dead: false },
  { title: 'found again', course: [[15, 'not_found'], [1]], dead: false },
  { title: 'nothing that could be used', course: [[20], [1, 'not_found'], [1, 'invalid_selector'], [1, 'ambiguous'], [2, 'validation_failed']], dead: true },
  { title: 'the browser went away', course: [[6, 'target_closed']], dead: false },
  { title: 'there, and not as expected', course: [[6, 'assertion_failed']], dead: false },
  { title: 'there, and covered', course: [[6, 'not_actionable']], dead: false },
  { title: 'an error that says nothing of it', course: [[20, 'TypeError']], dead: false },
  { title: 'there once in between', course: [[4, 'not_found'], [1, 'not_actionable'], [4, 'not_found']], dead: false },
];
const OF_ACTIONS: typeof COURSES = [
  { title: 'the action failed', course: [[60, '+Error']], dead: false },
  { title: 'the action found nothing', course: [[60, '+not_found']], dead: false },
];

function eachOf(course: Course, each: (error: string | undefined, acted: boolean) => void): void {
  for (const [count, error] of course) times(count, () => each(error?.replace('+', ''), error === undefined || error.startsWith('+')));
}

it.each([...COURSES, ...OF_ACTIONS])('with a name, by its spans, within one line of numbers: $title', ({ course, dead }) => {
  const directory = temporaryDirectory();
  let now = NOW - HOUR_MS;
  const writer = new SelectorWriter(directory, 'one', { now: () => (now += 200) });
  eachOf(course, (error, acted) => writer.resolve('it', { ...(error !== undefined && { error }), acted }));
  writer.delta({ final: true });
  expect(rowsOf(directory)['it']!.findings.includes('dead')).toBe(dead);
  for (const { path } of hourFiles(directory, 'rollups')) compact(path);
  expect(rowsOf(directory)['it']!.findings.includes('dead')).toBe(dead);
});

it.each(COURSES)('without a name: $title', ({ course, dead }) => {
  const directory = temporaryDirectory();
  let now = NOW - HOUR_MS;
  const writer = new SelectorWriter(directory, 'one', { now: () => (now += 200) });
  eachOf(course, (error) => writer.click('#it', error === undefined ? {} : { error }));
  writer.delta({ final: true });
  const row = rowsOf(directory)['#it']!;
  expect([row.findings.includes('dead'), row.health === 0]).toEqual([dead, dead]);
});

it.each([...COURSES, ...OF_ACTIONS])('sampled out, by the lines of numbers: $title', ({ course, dead }) => {
  const directory = temporaryDirectory();
  let now = NOW - HOUR_MS;
  const writer = new SelectorWriter(directory, 'one', { now: () => (now += 200) });
  eachOf(course, (error, acted) => {
    const attributes = { [ATTR.SELECTOR_OPERATION]: 'resolve', [ATTR.SELECTOR_NAME]: 'it', [ATTR.SELECTOR_DRIVER]: 'engine', [ATTR.SELECTOR_OUTCOME]: error === undefined ? 'completed' : 'failed', ...(error !== undefined && { [ATTR.ERROR_TYPE]: error }) };
    writer.number(SELECTOR_DURATION, 0.01, attributes);
    if (acted) writer.number(SELECTOR_WAIT, 0.01, attributes);
    writer.delta();
  });
  expect(rowsOf(directory)['it']!.findings.includes('dead')).toBe(dead);
  // An hour that was folded tells of each outcome when it was first and last: it never says "dead" where it was not.
  for (const { path } of hourFiles(directory, 'rollups')) compact(path);
  if (!dead) expect(rowsOf(directory)['it']!.findings).not.toContain('dead');
});

it('sampled out, within one line: nobody knows the order', () => {
  const directory = temporaryDirectory();
  let now = NOW - HOUR_MS;
  const writer = new SelectorWriter(directory, 'one', { now: () => (now += 200) });
  const attributes = { [ATTR.SELECTOR_OPERATION]: 'resolve', [ATTR.SELECTOR_NAME]: 'it', [ATTR.SELECTOR_OUTCOME]: 'completed' };
  const found = (): void => writer.number(SELECTOR_DURATION, 0.01, attributes);
  const nothing = (): void => writer.number(SELECTOR_DURATION, 0.01, { ...attributes, [ATTR.SELECTOR_OUTCOME]: 'failed', [ATTR.ERROR_TYPE]: 'not_found' });
  times(30, found);
  times(200, nothing);
  writer.delta();
  expect(rowsOf(directory)['it']!.findings).toEqual(['failing']);
  times(5, nothing);
  writer.delta();
  expect(rowsOf(directory)['it']!.findings).toEqual(['dead']);
});

it('reads that have a span only when they fail make nothing dead or failing, nor hide what is', async () => {
  const { directory } = await program(`
    const { beginSelector } = await import(${JSON.stringify(join(ROOT, 'dist/src/selectors/selector-operation.js'))});
    const call = (operation, kind, selector, type) => beginSelector({ name: 'puppeteer' }, operation, kind).end(type && { type }, { selector });
    for (let i = 0; i < 30; i++) {
      for (const type of [undefined, 'not_found']) for (const selector of ['#polled', '#both']) call('$eval', 'query', selector, type);
      call('click', 'action', '#both', 'not_found');
    }`);
  const rows = rowsOf(directory, Date.now());
  expect(rows['#polled']).toMatchObject({ count: 30, failed: 30, success_rate: null, health: null, findings: ['too few'] });
  expect(rows['#both']).toMatchObject({ count: 60, failed: 60, success_rate: 0, health: 0, findings: ['dead'] });
});

it('a process that was killed does not say the last word, if others went on', () => {
  const directory = temporaryDirectory();
  let now = NOW - 2 * HOUR_MS;
  const clock = { now: () => (now += 200) };
  const killed = new SelectorWriter(directory, 'killed', clock);
  times(6, () => killed.resolve('it', { error: 'not_found' }));
  expect(rowsOf(directory)['it']!.findings).toEqual(['dead']);
  const later = new SelectorWriter(directory, 'later', clock);
  later.resolve('it');
  later.delta({ final: true });
  expect(rowsOf(directory)['it']!.findings).toEqual(['failing']);
});

it('a whole program: what was found sixty times is not dead, what went away is; several found by the first strategy are said', async () => {
  const { directory } = await program(`
    const one = (name, strategies, action) => selectors.resolve(name, { strategies }, action).catch(() => {});
    let gone = false;
    for (let i = 0; i < 260; i++) {
      gone = i >= 60;
      await one('went.away', [{ name: 'css', find: () => (gone ? null : 1) }]);
      if (i < 60) await one('act.fails', [{ name: 'css', find: () => 1 }], () => { throw new Error('payment refused'); });
      if (i < 60) await one('vague', [{ name: 'testid', find: () => [1, 2, 3] }, { name: 'css', find: () => (i % 2 ? 1 : [1, 2]) }]);
    }`);
  const rows = rowsOf(directory, Date.now());
  expect(rows['went.away']).toMatchObject({ findings: ['dead'], health: 0, count: 260 });
  expect(rows['act.fails']).toMatchObject({ findings: ['action failing'], failed: 60, action_failed: 60, success_rate: 0, errors: { Error: 60 } });
  expect(rows['act.fails']!.health).toBeGreaterThan(90);
  expect(rows['vague']).toMatchObject({ count: 60, failed: 30, ambiguous: 60, health_uniqueness: 0, findings: ['failing', 'falling back', 'ambiguous'] });
  expect(selectorReport({ directory, since: 0, now: Date.now(), top: 5 }).mostAmbiguous.map(({ name }) => name)).toEqual(['vague']);
});
