// @ts-check
import { browserDuels } from '../harness/browser-duels.js';

/**
 * By the clock, in a real browser. A click waits for the page to stand still, so there are fewer in a turn.
 * @type {import('../harness/case.js').Case}
 */
export default {
  rows: [
    { name: 'playwright-count', subject: 'Playwright `count()`, with register', baseline: 'without', limit: 1.02, unit: 'ms' },
    { name: 'playwright-click', subject: 'Playwright `click()`, with register', baseline: 'without', limit: 1.02, unit: 'ms' },
  ],
  needsPeers: true,
  measure: (bench) => browserDuels(bench, { count: 30, click: 6 }),
};
