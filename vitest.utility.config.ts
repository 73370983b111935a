import { defineConfig } from 'vitest/config';

/** The utility image: the program's own specs, real clients, and the built image as a container. */
export default defineConfig({
  test: {
    include: ['test/utility/**/*.spec.ts'],
    globalSetup: ['./test/utility/support/program.setup.ts'],
    setupFiles: ['./test/setup.ts'],
    reporters: ['verbose', './test/support/summary-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 600_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 240_000,
  },
});
