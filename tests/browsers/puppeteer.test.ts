import { describe, expect, test } from 'vitest';
import { node24 } from '../guest/fixture.ts';
import { totals } from '../support/program.ts';
import { chromiumEnvironment } from './chromium.ts';
import { type Subject, described, operations, unchanged } from './compared.ts';
import { driver } from './drivers.ts';
import { pages } from './pages.ts';
import { EVERYTHING, INSTRUMENT } from './puppeteer-programs.ts';

const cases = [
  { name: 'puppeteer-24', module: 'cjs', on: 'this Node', how: 'register' },
  { name: 'puppeteer-24', module: 'mjs', on: 'Node 24', how: 'register' },
  { name: 'puppeteer-25', module: 'cjs', on: 'Node 24', how: 'register' },
  { name: 'puppeteer-25', module: 'mjs', on: 'Node 24', how: 'register' },
  { name: 'puppeteer-24', module: 'mjs', on: 'this Node', how: 'module' },
  { name: 'puppeteer-25', module: 'mjs', on: 'this Node', how: 'module' },
] as const;

async function subject(one: { name: 'puppeteer-24' | 'puppeteer-25'; module: string; on: string; how: 'register' | 'module' | 'given' }, source: string, env: NodeJS.ProcessEnv): Promise<Subject> {
  return {
    folder: await driver(one.name),
    node: one.on === 'Node 24' ? await node24() : process.execPath,
    file: `app.${one.module}`,
    source,
    env: { ...(await chromiumEnvironment()), ...env },
    byHand: one.how === 'register' ? undefined : INSTRUMENT[one.how],
  };
}

/** What EVERYTHING does: operation, selector, error. */
const RECORDED = [
];

describe.each(cases)('$name, $module, $on, by $how', (one) => {
  test('everything is as without, and everything is recorded', async () => {
    const { origin } = await pages();
    const { directory } = await unchanged(await subject(one, EVERYTHING, { PAGES: origin, SPOOR_SELECTOR_SPANS: 'all' }));
    // Some are begun in one moment.
    expect(described(directory).toSorted()).toEqual(RECORDED.toSorted());
  });
});
