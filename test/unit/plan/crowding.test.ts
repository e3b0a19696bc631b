import { expect, it } from 'vitest';
import { HOOKS_PER_WAVE } from '../../../core/plan/crowding.ts';
import { aHook } from '../annotations/builders.ts';
import { planOf } from './plans.ts';

const hooks = (count: number, wave: string) =>
  Array.from({ length: count }, (_, index) =>
    aHook('PreSync', {
      ...{ apiVersion: 'batch/v1', kind: 'Job', name: `hook-${wave}-${String(index)}` },
      annotations: { 'argocd.argoproj.io/sync-wave': wave },
    }),
  );

it('a wave with more hooks than can run side by side is refused, and one with as many as can is not', () => {
  const full = hooks(HOOKS_PER_WAVE, '0');
  expect(planOf([...full, ...hooks(1, '1')]).failures).toEqual([]);
  expect(planOf(hooks(HOOKS_PER_WAVE + 1, '2')).failures).toMatchObject([
    {
      type: 'InvalidManifest',
      message: 'PreSync wave 2 has 1901 hooks, and 1900 can run side by side at most',
      remedy: expect.stringContaining('sync-wave') as string,
    },
  ]);
});
