/** What needs real backends: `npm run test:backends`. Apart from `npm test`, because it builds them (scripts/backends.js). */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['tests/backends/**/*.test.ts'],
    globalSetup: ['tests/support/build.ts', 'tests/backends/install.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Each test runs several servers already.
    maxWorkers: 2,
  },
});
