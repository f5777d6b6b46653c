/** What a preloaded process waits for: the modules at which its work begins. */
import { PLAYWRIGHT_FILE, PLAYWRIGHT_REQUEST } from '../instrumentation/playwright-loads.ts';
import { PUPPETEER_FILE, PUPPETEER_REQUEST } from '../instrumentation/puppeteer-loads.ts';
import { SELENIUM_FILE, SELENIUM_REQUEST } from '../instrumentation/selenium-loads.ts';
import type { ApiCopy } from './slot.ts';

export interface Interests {
  childProcess(): void;
  workerThreads(): void;
  /** A browser driver: its exports, or it is about to be loaded. */
  driver(file: string, exports?: unknown): void;
  api(copy: ApiCopy): void;
}

export const API = '@opentelemetry/api';
export const API_FILE = /[\\/]@opentelemetry[\\/]api[\\/](?:build[\\/]src[\\/]index\.js|dist[\\/]index\.[cm]js)$/;

/** `cluster` and `test` start processes with what they take from `child_process` when they load. */
export const BUILTINS: Readonly<Record<string, 'childProcess' | 'workerThreads'>> = {
  child_process: 'childProcess',
  cluster: 'childProcess',
  test: 'childProcess',
  worker_threads: 'workerThreads',
};

const either = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => source).join('|'));
export const DRIVER_FILE = either(PLAYWRIGHT_FILE, PUPPETEER_FILE, SELENIUM_FILE);
export const DRIVER_REQUEST = either(PLAYWRIGHT_REQUEST, PUPPETEER_REQUEST, SELENIUM_REQUEST);
