import { defineConfig } from 'vitest/config';

/** The long crash run: the real built process, killed at fifty moments, eight at a time. */
export default defineConfig({
  test: {
    include: ['test/crash/**/*.spec.ts'],
    globalSetup: ['./test/temporary-folder.setup.ts'],
    setupFiles: ['./test/setup.ts'],
    reporters: ['verbose', './test/support/summary-reporter.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
