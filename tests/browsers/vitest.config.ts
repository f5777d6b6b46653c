/** What needs a real browser: `npm run test:browsers`. Apart from `npm test`, because it installs drivers and Chromium. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['tests/browsers/**/*.test.ts'],
    globalSetup: ['tests/support/build.ts', 'tests/browsers/install.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each test already runs a browser of several processes.
    maxWorkers: 2,
  },
});
