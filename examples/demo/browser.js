/**
 * Drives a real page in a real browser, first in one version and then in the next, as a test suite would before
 * and after a release. Selectors have names, and several strategies each.
 */
import { chromium } from 'playwright-core';
import { selectors } from 'spoor';
import { say } from './say.js';
import { shop } from './shop.js';

const ROUNDS = 20;
const FLAGS = ['--disable-gpu', '--disable-background-networking', '--no-first-run', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];

/** Each tries its strategies in this order. `$` looks once and does not wait. */
const SELECTORS = {
  'search.query': { testid: '[data-testid=query]' },
  'nav.cart': { position: 'nav > :nth-child(2)' },
  'order.submit': { testid: '[data-testid=submit]', css: 'main button.primary' },
  'coupon.apply': { css: 'button.coupon', text: 'text=Apply coupon' },
};

function resolve(page, name) {
  const strategies = Object.entries(SELECTORS[name]).map(([strategy, selector]) => ({ name: strategy, selector, find: () => page.$(selector) }));
  // `evaluate` looks at the element once, so that it is noticed when a selector begins to find another one.
  return selectors.resolve(name, { driver: 'playwright', page: 'shop', strategies, fingerprint: 'evaluate' }, (element) => element.dispatchEvent('click'));
}

const site = await shop();
const browser = await chromium.launch({ executablePath: process.argv[2], args: FLAGS });
try {
  const page = await browser.newPage();
  for (const version of [1, 2]) {
    let missing = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await page.goto(`${site.url}/${version}`);
      for (const name of Object.keys(SELECTORS)) await resolve(page, name).catch(() => missing++);
    }
    say('browser', `version ${version}: ${ROUNDS * Object.keys(SELECTORS).length} selectors resolved, ${missing} found nothing`);
  }
} finally {
  await browser.close();
  site.close();
}
