import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Lets commands that tests start find their code compiled: a third of their processor time goes without it. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

/** One project a kind of test, so that each can be run alone: `vitest run --project unit`. */
const project = (name: string, options: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], env: { NODE_COMPILE_CACHE }, ...options },
});

export default defineConfig({
  test: {
    globalSetup: 'test/support/shared-servers.ts',
    projects: [
      project('unit'),
      project('activity', { testTimeout: 30_000 }),
      project('simulation', { maxConcurrency: 2, testTimeout: 900_000 }),
      project('programs', { testTimeout: 120_000 }),
      project('sources', { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('kubernetes', { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('sandbox', { testTimeout: 120_000, hookTimeout: 120_000 }),
      project('workflow', { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('replay', { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('e2e', { testTimeout: 180_000, hookTimeout: 300_000 }),
      project('chaos', { testTimeout: 300_000 }),
      project('package', { testTimeout: 300_000, hookTimeout: 300_000 }),
    ],
  },
});
