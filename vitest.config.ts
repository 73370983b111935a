import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts', 'simulator/**/*.spec.ts', 'test/**/*.spec.ts', 'demo/**/*.spec.ts', 'bench/**/*.spec.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '.build/**', 'test/crash/**', 'test/cluster/**'],
    setupFiles: ['./test/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
