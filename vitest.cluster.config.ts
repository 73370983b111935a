import { defineConfig } from 'vitest/config';

/** The real control plane: one cluster for all specs, each in namespaces of its own. */
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.spec.ts'],
    // A real node is a cluster of its own: vitest.node.config.ts.
    exclude: ['test/cluster/node/**'],
    globalSetup: ['./test/temporary-folder.setup.ts', './test/cluster/support/shared-cluster.setup.ts'],
    setupFiles: ['./test/setup.ts'],
    reporters: ['verbose', './test/support/summary-reporter.ts', './test/cluster/support/rights-reporter.ts'],
    // A real control plane has caches and controllers of its own pace; a second failure is ours.
    retry: 1,
    pool: 'forks',
    maxWorkers: 2,
    // Patience is for defects alone: whatever waits ends as soon as it comes true, also on a machine that is busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
