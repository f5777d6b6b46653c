// @ts-check
/** What the rows about a real browser share. */
import { browsers } from './browsers.js';
import { duel } from './duel.js';
import { REGISTER, contestantPath, inTemporaryDirectory } from './places.js';

/**
 * @param {import('./case.js').Bench} bench
 * @param {Readonly<Record<string, number>>} operations of `contestants/browser.cjs`, and how many there are in a turn
 * @returns {AsyncGenerator<import('./row.js').Pair[]>} in milliseconds an operation, with the preload and without
 */
export async function* browserDuels({ quick, random, say }, operations) {
  const { env, close } = await browsers(say);
  try {
    for (const [name, count] of Object.entries(operations)) {
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
            count,
            warmUp: 4 * count,
            pairs: quick ? 20 : 40,
            random,
          }),
        );
        for (const pair of found) pairs.push({ subject: pair.subject.wall / count / 1e3, baseline: pair.baseline.wall / count / 1e3 });
      }
      yield pairs;
    }
  } finally {
    close();
  }
}
