import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/manifests/manifest.ts';
import type { PlanStep, PlanWave } from '../../../core/plan/plan.ts';
import { segmentsOf } from '../../../core/plan/segments.ts';
import type { Segment } from '../../../core/plan/segments.ts';
import { aHook, aManifest } from '../annotations/builders.ts';
import { planOf } from './plans.ts';

const aTarget = {
  ref: { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'old' },
  uid: 'u',
  wave: 0,
  pruneLast: false,
};

const syncWaveOf = (manifests: readonly Manifest[], prunes = [aTarget]): PlanWave => {
  const wave = planOf(manifests, { prunes }).plan.phases[0]?.waves[0];
  if (wave === undefined) throw new Error('the plan has no wave');
  return wave;
};

const stepsIn = (segment: Segment): readonly PlanStep[] =>
  segment.kind === 'apply' ? segment.groups.flat() : segment.steps;

const outlineOf = (segments: readonly Segment[]): readonly string[] =>
  segments.map((segment) => {
    const names = (steps: readonly PlanStep[]): string =>
      steps.map(({ kind, name }) => `${kind}/${name ?? ''}`).join(' ');
    return `${segment.kind}: ${segment.kind === 'apply' ? segment.groups.map(names).join(' | ') : names(segment.steps)}`;
  });

describe('segmentsOf', () => {
  it('joins applies kind by kind, with hooks at the place of their kind', () => {
    const wave = syncWaveOf([
      aManifest({ apiVersion: 'v1', kind: 'ConfigMap', name: 'b' }),
      aManifest({ apiVersion: 'v1', kind: 'ConfigMap', name: 'c' }),
      aHook('Sync', { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' }),
      aManifest({ apiVersion: 'v1', kind: 'Secret', name: 's' }),
      aManifest({ apiVersion: 'v1', kind: 'Service', name: 'web' }),
      aManifest({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }),
      aHook('Sync', { name: 'one' }),
      aHook('Sync', { name: 'two' }),
      aManifest({ name: 'job' }),
      aManifest({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'web' }),
    ]);
    expect(outlineOf(segmentsOf(wave))).toEqual([
      'prune: Secret/old',
      'apply: Secret/s | ConfigMap/b ConfigMap/c',
      'hooks: ConfigMap/a',
      'apply: Service/web | Deployment/web | Job/job',
      'hooks: Job/one Job/two',
      'apply: Ingress/web',
    ]);
  });

  it('tells kinds of one name in two groups apart', () => {
    const wave = syncWaveOf(
      [
        aManifest({ apiVersion: 'a.io/v1', kind: 'X', name: 'x' }),
        aManifest({ apiVersion: 'b.io/v1', kind: 'X', name: 'y' }),
      ],
      [],
    );
    expect(outlineOf(segmentsOf(wave))).toEqual(['apply: X/x | X/y']);
  });

  it('flattens to the steps of its wave: all of them, once, prunes first, kinds in order', () => {
    const kinds = [
      ['v1', 'ConfigMap'],
      ['v1', 'Pod'],
      ['batch/v1', 'Job'],
      ['x.io/v1', 'Widget'],
      ['y.io/v1', 'Gadget'],
    ] as const;
    const anObject = fc
      .record({ kind: fc.constantFrom(...kinds), name: fc.constantFrom('a', 'b', 'c', 'd'), hook: fc.boolean() })
      .map(({ kind: [apiVersion, kind], name, hook }) =>
        hook ? aHook('Sync', { apiVersion, kind, name }) : aManifest({ apiVersion, kind, name }),
      );
    const objects = fc.uniqueArray(anObject, {
      selector: ({ object }) =>
        JSON.stringify([object.kind, object.metadata && (object.metadata as { name: string }).name]),
      minLength: 1,
    });
    fc.assert(
      fc.property(objects, fc.boolean(), (manifests, prune) => {
        const wave = syncWaveOf(manifests, prune ? [aTarget] : []);
        const segments = segmentsOf(wave);
        const flat = segments.flatMap(stepsIn);
        expect(flat.map(({ id }) => id).toSorted()).toEqual(wave.steps.map(({ id }) => id).toSorted());
        expect(flat.map(({ action, kind }) => (action === 'prune' ? 'prune' : kind))).toEqual(
          wave.steps.map(({ action, kind }) => (action === 'prune' ? 'prune' : kind)),
        );
        expect(segments.every((segment) => stepsIn(segment).length > 0)).toBe(true);
        segments.slice(1).forEach((segment, index) => {
          if (segment.kind === 'apply') expect(segments[index]?.kind).not.toBe('apply');
        });
      }),
    );
  });
});
