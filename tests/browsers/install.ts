/** Before the first test: Chromium and the drivers are there, so that no test's time is spent on installing them. */
import { chromium } from './chromium.ts';
import { DRIVERS, driver } from './drivers.ts';

export default async function setup(): Promise<void> {
  await chromium();
  // One after the other: npm is busy enough with each.
  for (const name of Object.keys(DRIVERS) as (keyof typeof DRIVERS)[]) await driver(name);
}
