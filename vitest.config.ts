import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Lets commands that tests start find their code compiled: a third of their processor time goes without it. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

/** A test that waits passes as soon as it can, and fails only where a machine is not merely slow. */
const PATIENT = { testTimeout: 180_000, hookTimeout: 180_000, expect: { poll: { interval: 50, timeout: 60_000 } } };

/** One project a kind of test, so that each can be run alone: `vitest run --project unit`. */
const project = (name: string, options: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], env: { NODE_COMPILE_CACHE }, ...PATIENT, ...options },
});

export default defineConfig({
  test: {
    globalSetup: 'test/support/shared-servers.ts',
    projects: [
      project('unit'),
      project('activity'),
      project('simulation', { maxConcurrency: 2, testTimeout: 900_000 }),
      project('programs'),
      project('sources'),
      project('kubernetes'),
      project('sandbox'),
      project('workflow'),
      project('replay'),
      project('e2e', { testTimeout: 300_000, hookTimeout: 300_000 }),
      project('chaos', { testTimeout: 900_000 }),
      project('package', { testTimeout: 300_000, hookTimeout: 300_000 }),
    ],
  },
});
