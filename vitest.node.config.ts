import { defineConfig } from 'vitest/config';

/** The real node: a cluster of its own, because its one node is stopped and filled by the specs. */
export default defineConfig({
  test: {
    include: ['test/cluster/node/**/*.spec.ts'],
    globalSetup: ['./test/temporary-folder.setup.ts', './test/cluster/support/node-cluster.setup.ts'],
    setupFiles: ['./test/setup.ts'],
    reporters: [
      'verbose',
      './test/support/summary-reporter.ts',
      './test/cluster/support/node-reporter.ts',
      './test/cluster/support/rights-reporter.ts',
    ],
    // A real kubelet has a pace of its own; a second failure is ours.
    retry: 1,
    pool: 'forks',
    teardownTimeout: 60_000,
    // One file after the other: a spec may freeze the node.
    maxWorkers: 1,
    maxConcurrency: 16,
    // Patience is for defects alone: whatever waits ends as soon as it comes true, also on a machine that is busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
