// @ts-check
import { browsers } from '../harness/browsers.js';
import { duel } from '../harness/duel.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from '../harness/places.js';

const TURN = 30;

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
  async *measure({ quick, random, say }) {
    const { env, close } = await browsers(say);
    try {
      for (const name of ['puppeteer', 'selenium']) {
        if (name === 'selenium' && env.CHROMEDRIVER === undefined) {
          say('no chromedriver here: .ci/install-browser installs it');
          return;
        }
        const pairs = [];
        // Anew several times: what a browser is like differs from one to the next.
        for (let round = 0; round < (quick ? 2 : 6); round++) {
          const found = await inTemporaryDirectory((directory) =>
            duel({
              subject: { args: ['--require', REGISTER, contestantPath('browser.cjs'), name], env: { ...env, SPOOR_DIR: directory } },
              baseline: { args: [contestantPath('browser.cjs'), name], env },
              count: TURN,
              warmUp: 100,
              pairs: quick ? 20 : 40,
              random,
            }),
          );
          for (const pair of found) pairs.push({ subject: pair.subject.wall / TURN / 1e3, baseline: pair.baseline.wall / TURN / 1e3 });
        }
        yield pairs;
      }
    } finally {
      close();
    }
  },
};
