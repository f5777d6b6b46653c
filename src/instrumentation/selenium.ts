/** Selenium by hand, where its module is out of reach: in a bundle. */
import { patchSelenium, watchSelenium } from './selenium-patch.ts';
import { SeleniumWatcher } from './selenium-watcher.ts';

let watching = false;

/**
 * Records the selector operations of a copy of selenium-webdriver.
 * @param selenium its module (`import * as selenium from 'selenium-webdriver'`), or a driver of it
 * @returns whether it is a Selenium that spoor knows (4); if not, nothing is changed
 */
export function instrumentSelenium(selenium: unknown): boolean {
  if (!watching) {
    watching = true;
    const watcher = new SeleniumWatcher(() => undefined);
    watchSelenium(() => watcher);
  }
  return patchSelenium(selenium);
}
