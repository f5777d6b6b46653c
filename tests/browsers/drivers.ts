/** Apps that have one driver each, as people have them. Pinned, so that a run today and one next year test the same thing. */
import { installed } from '../guest/fixture.ts';

export const DRIVERS = {
  'playwright-1.65': ['playwright-core@1.65.1'],
  'playwright-1.58': ['playwright-core@1.58.2'],
  'playwright-1.53': ['playwright-core@1.53.2'],
  'playwright-1.52': ['playwright-core@1.52.0'],
  'playwright-1.49': ['playwright-core@1.49.1'],
  'playwright-1.44': ['playwright-core@1.44.1'],
  'playwright-1.40': ['playwright-core@1.40.1'],
  'playwright-test': ['@playwright/test@1.65.1'],
  'puppeteer-24': ['puppeteer-core@24.43.1'],
  /** Declares Node >= 22.12; runs on 20 too. */
  'puppeteer-25': ['puppeteer-core@25.16.0'],
  /** The newest that declares Node 20. */
  'selenium-4.46': ['selenium-webdriver@4.46.0'],
  'selenium-4.49': ['selenium-webdriver@4.49.0'],
} as const;

export type DriverName = keyof typeof DRIVERS;

/** The folder of an app that has this driver and, where asked, more packages. */
export function driver(name: DriverName, more: readonly string[] = []): Promise<string> {
  return installed(name, [...DRIVERS[name], ...more]);
}
