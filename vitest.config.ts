import { defineConfig } from 'vitest/config';

/** One project a kind of test, so that each can be run alone: `vitest run --project unit`. */
const project = (name: string, options: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('activity', { testTimeout: 30_000 }),
      project('kubernetes', { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 }),
      project('sandbox', { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }),
      project('workflow', { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 }),
      project('replay', { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 }),
      project('e2e', { fileParallelism: false, testTimeout: 180_000, hookTimeout: 300_000 }),
      project('package', { fileParallelism: false, testTimeout: 300_000, hookTimeout: 300_000 }),
    ],
  },
});
