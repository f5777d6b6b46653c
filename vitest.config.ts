import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Need a real browser (`npm run test:browsers`) or real backends (`npm run test:backends`).
    exclude: [...configDefaults.exclude, 'tests/browsers/**', 'tests/backends/**'],
    // Most of these tests wait for children, and vitest has nothing to do meanwhile.
    maxWorkers: availableParallelism() + 1,
    globalSetup: ['tests/support/build.ts', 'tests/guest/install.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      // Of what the tests call in their own process: most of the rest runs in programs that they start.
      include: ['src/spawns/ledger*.ts', 'src/rollup/**', 'src/store/**'],
      reporter: ['text-summary'],
      // What must not lose anything: the suite fails when less than this is covered in-process.
      thresholds: {
        'src/spawns/ledger*.ts': { lines: 90 },
        'src/rollup/**': { lines: 90 },
        'src/store/**': { lines: 90 },
      },
    },
  },
});
