import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pruneSteps } from '../../../core/plan/prunes.ts';
import type { PruneTarget } from '../../../core/plan/prunes.ts';
import { aManifest } from '../annotations/builders.ts';
import { outlineOf, planOf, stepsOf } from './plans.ts';

const aTarget = (name: string, wave: number, traits: Partial<PruneTarget> = {}): PruneTarget => ({
  ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
  uid: `uid-${name}`,
  wave,
  pruneLast: false,
  ...traits,
});

const wavesOf = (targets: readonly PruneTarget[], syncWaves: readonly number[] = []): Record<string, number> =>
  Object.fromEntries(pruneSteps(targets, syncWaves).map(({ name, wave }) => [name, wave]));

describe('the waves of prunes', () => {
  it.each<[string, number[], number[]]>([
    ['1, 3, 4 become 4, 3, 1', [1, 3, 4], [4, 3, 1]],
    ['0, 1, 2, 3 become 3, 2, 1, 0', [0, 1, 2, 3], [3, 2, 1, 0]],
    ['those of one wave stay together', [1, 1, 5, 5], [5, 5, 1, 1]],
    ['negative ones take part', [-5, 0, 2], [2, 0, -5]],
    ['a single wave stays', [7, 7], [7, 7]],
  ])('%s [argo 5.38] [argo 2.1.prune-waves]', (_, before, after) => {
    const targets = before.map((wave, index) => aTarget(`c${index}`, wave));
    expect(Object.values(wavesOf(targets)).length).toBe(before.length);
    expect(targets.map(({ ref }) => wavesOf(targets)[ref.name])).toEqual(after);
  });

  it('put PruneLast in one wave after all others of the phase [argo 5.36] [argo 3.PruneLast] [argo 2.1.PruneLast]', () => {
    const last = { pruneLast: true };
    expect(wavesOf([aTarget('a', 0, last), aTarget('b', 0, last)])).toEqual({ a: 1, b: 1 });
    expect(wavesOf([aTarget('a', 0), aTarget('b', 0, last)], [2, 7])).toEqual({ a: 0, b: 8 });
    expect(wavesOf([aTarget('a', 1), aTarget('b', 7), aTarget('c', 3, last)])).toEqual({ a: 7, b: 1, c: 8 });
    expect(wavesOf([aTarget('a', -5, last)], [-3])).toEqual({ a: 1 });
  });

  it('reverse among themselves and keep the same set, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }), (waves) => {
        const after = wavesOf(waves.map((wave, index) => aTarget(`c${index}`, wave)));
        waves.forEach((one, i) =>
          waves.forEach((other, j) =>
            expect(Math.sign((after[`c${i}`] ?? 0) - (after[`c${j}`] ?? 0))).toBe(Math.sign(other - one) || 0),
          ),
        );
        expect(new Set(Object.values(after))).toEqual(new Set(waves));
      }),
    );
  });
});

it('prunes come first in their wave of the Sync phase and leave the waves of applies alone [argo 2.4.prunes] [argo 5.38]', () => {
  const wave = { 'argocd.argoproj.io/sync-wave': '1' };
  const manifests = [
    aManifest({ apiVersion: 'v1', kind: 'Secret', name: 's' }),
    aManifest({ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', annotations: wave }),
  ];
  const prunes = [
    aTarget('old-b', 0),
    aTarget('old-a', 0),
    aTarget('old', 0, { ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'old' } }),
    aTarget('role', 1, { ref: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'role' } }),
    aTarget('late', 0, { pruneLast: true }),
  ];
  const { plan } = planOf(manifests, { prunes });
  expect(outlineOf(plan)).toEqual([
    'Sync 0: prune ClusterRole/role, apply Secret/s',
    'Sync 1: prune ConfigMap/old-a, prune ConfigMap/old-b, prune Deployment/old, apply ConfigMap/c',
    'Sync 2: prune ConfigMap/late',
  ]);
  expect(stepsOf(plan)[0]).toEqual({
    id: 'Sync/prune/rbac.authorization.k8s.io/ClusterRole//role',
    action: 'prune',
    phase: 'Sync',
    wave: 0,
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    name: 'role',
    uid: 'uid-role',
    deadlineMs: 300_000,
  });
});
