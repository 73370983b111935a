import { defineConfig } from 'vitest/config';

/** Crashes and faults at every call, in watches, and by somebody else's hand: all of them. `npm test` runs a selection. */
export default defineConfig({
  test: {
    include: ['test/faults/full/**/*.spec.ts'],
    globalSetup: ['./test/temporary-folder.setup.ts'],
    setupFiles: ['./test/setup.ts'],
    reporters: ['verbose', './test/support/summary-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 400_000,
    hookTimeout: 60_000,
  },
});
