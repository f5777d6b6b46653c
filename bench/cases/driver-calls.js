// @ts-check
import { duel } from '../harness/duel.js';
import { contestantPath, inTemporaryDirectory } from '../harness/places.js';

const TURN = 5_000;

/**
 * What the hooks add to the CPU time of one operation of Puppeteer and Selenium, its trace line and numbers written,
 * against the same classes without them. The limit is for the upper end of the interval.
 * @type {import('../harness/case.js').Case}
 */
export default {
  rows: [
    { name: 'puppeteer-numbers', subject: 'a call of Puppeteer, numbers only', baseline: 'the same without spoor', compare: 'difference', limit: 10, unit: 'µs CPU', judge: 'high' },
    { name: 'puppeteer-span', subject: 'a call of Puppeteer, with a span', baseline: 'the same without spoor', compare: 'difference', limit: 30, unit: 'µs CPU', judge: 'high' },
    { name: 'selenium-numbers', subject: 'a command of Selenium, numbers only', baseline: 'the same without spoor', compare: 'difference', limit: 10, unit: 'µs CPU', judge: 'high' },
    { name: 'selenium-span', subject: 'a command of Selenium, with a span', baseline: 'the same without spoor', compare: 'difference', limit: 30, unit: 'µs CPU', judge: 'high' },
  ],
  async *measure({ quick, random }) {
    for (const driver of ['puppeteer', 'selenium']) {
      for (const operation of ['query', 'action']) {
        const pairs = [];
        for (let round = 0; round < (quick ? 2 : 8); round++) {
          const found = await inTemporaryDirectory((directory) =>
            duel({
              subject: { args: [contestantPath('driver-calls.js'), 'with', driver, operation], env: { SPOOR_DIR: directory } },
              baseline: { args: [contestantPath('driver-calls.js'), 'without', driver, operation] },
              count: TURN,
              warmUp: 20_000,
              pairs: 15,
              random,
            }),
          );
          for (const pair of found) pairs.push({ subject: pair.subject.cpu / TURN, baseline: pair.baseline.cpu / TURN });
        }
        yield pairs;
      }
    }
  },
};
