/** Puppeteer by hand, where its module is out of reach: in a bundle, or an ES module before Node 22.15. */
import { patchPuppeteer, watchPuppeteer } from './puppeteer-patch.ts';
import { PuppeteerWatcher } from './puppeteer-watcher.ts';

let watching = false;

/**
 * Records the selector operations of a copy of Puppeteer.
 * @param puppeteer its module (`import * as puppeteer from 'puppeteer'`), its default export, or a browser or page of it
 * @returns whether it is a Puppeteer that spoor knows (24, 25); if not, nothing is changed
 */
export function instrumentPuppeteer(puppeteer: unknown): boolean {
  if (!watching) {
    watching = true;
    const watcher = new PuppeteerWatcher(() => undefined);
    watchPuppeteer(() => watcher);
  }
  return patchPuppeteer(puppeteer);
}
