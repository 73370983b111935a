import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'src/**/*.spec.ts',
      'simulator/**/*.spec.ts',
      'test/**/*.spec.ts',
      'demo/**/*.spec.ts',
      'bench/**/*.spec.ts',
    ],
    // The long crash and fault runs have commands of their own; `npm test` runs a selection of both.
    exclude: [
      '**/node_modules/**',
      'test/crash/**',
      'test/cluster/**',
      'test/utility/**',
      'test/faults/full/**',
    ],
    globalSetup: ['./test/temporary-folder.setup.ts'],
    setupFiles: ['./test/setup.ts'],
    reporters: ['default', './test/support/summary-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Specs share no state but modules; loading Nest anew for each of them took half of the whole run.
    isolate: false,
    // Patience is for defects alone: whatever waits ends as soon as it comes true, also on a machine that is busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
