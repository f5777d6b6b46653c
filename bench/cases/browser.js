// @ts-check
import { browserDuels } from '../harness/browser-duels.js';

/**
 * By the clock, in a real browser.
 * @type {import('../harness/case.js').Case}
 */
export default {
  rows: [
    { name: 'puppeteer-find', subject: 'Puppeteer `$()`, with register', baseline: 'without', limit: 1.02, unit: 'ms' },
    { name: 'selenium-find', subject: 'Selenium `findElement`, with register', baseline: 'without', limit: 1.02, unit: 'ms' },
  ],
  needsPeers: true,
  measure: (bench) => browserDuels(bench, { puppeteer: 30, selenium: 30 }),
};
