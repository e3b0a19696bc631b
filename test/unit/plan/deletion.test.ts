import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/manifests/manifest.ts';
import { refKey, refOf } from '../../../core/objects.ts';
import { buildDeletion } from '../../../core/plan/deletion.ts';
import { KIND_ORDER } from '../../../core/plan/kind-order.ts';
import type { DeletionTarget } from '../../../core/plan/prunes.ts';
import { aHook, aManifest } from '../annotations/builders.ts';
import { outlineOf, planOf, stepsOf } from './plans.ts';

const OPTIONS = { namespace: 'shop', lenient: false, hasVerdict: () => true };
const wave = (number: number) => ({ 'argocd.argoproj.io/sync-wave': String(number) });

/** What an application of these resources owns. */
const owned = (manifests: readonly Manifest[]): readonly DeletionTarget[] =>
  manifests.map(({ object }) => ({
    ref: { ...refOf(object), namespace: 'shop' },
    uid: refOf(object).name,
    wave: Number(
      (object['metadata'] as { annotations: Record<string, string> }).annotations['argocd.argoproj.io/sync-wave'],
    ),
  }));

describe('the plan of a deletion', () => {
  it('is PreDelete hooks, what is owned in reverse, PostDelete hooks; other manifests take no part', () => {
    const manifests = [
      aManifest({ apiVersion: 'v1', kind: 'Service', name: 'web' }),
      aHook('PreSync', { name: 'migrate' }),
      aHook('PreDelete', { name: 'late', annotations: wave(2) }),
      aHook('PreDelete,PostDelete', { name: 'both' }),
      aHook('PostDelete', { apiVersion: 'v1', kind: 'ConfigMap', name: 'notes' }),
    ];
    const resources = [
      aManifest({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', annotations: wave(0) }),
      aManifest({ apiVersion: 'v1', kind: 'Service', name: 'a', annotations: wave(0) }),
      aManifest({ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', annotations: wave(-1) }),
      aManifest({ apiVersion: 'v1', kind: 'Secret', name: 's', annotations: wave(3) }),
    ];
    const { plan, failures } = buildDeletion(manifests, owned(resources), OPTIONS);
    expect(failures).toEqual([]);
    expect(outlineOf(plan)).toEqual([
      'PreDelete 0: hook Job/both',
      'PreDelete 2: hook Job/late',
      'Delete 3: prune Secret/s',
      'Delete 0: prune Deployment/web, prune Service/a',
      'Delete -1: prune ConfigMap/c',
      'PostDelete 0: hook ConfigMap/notes, hook Job/both',
    ]);
  });

  it('fails on a hook that is misspelled, and not on what is no hook of a deletion', () => {
    const misspelled = aHook('PreDelet', { name: 'a' });
    expect(buildDeletion([misspelled], [], OPTIONS).failures).toMatchObject([{ type: 'InvalidManifest' }]);
    expect(buildDeletion([misspelled], [], { ...OPTIONS, lenient: true }).failures).toEqual([]);
  });

  it('deletes in the reverse of the order in which a sync applies, whatever it applies', () => {
    const kind = fc.constantFrom(...KIND_ORDER, 'Widget');
    const resource = fc.record({ kind, wave: fc.integer({ min: -5, max: 5 }), name: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(fc.uniqueArray(resource, { selector: ({ kind: of, name }) => `${of}/${name}` }), (resources) => {
        const manifests = resources
          // A Namespace or a definition goes before its first dependant when it is applied; its deletion goes by its wave.
          .filter((each) => each.kind !== 'Namespace' && each.kind !== 'CustomResourceDefinition')
          .map((each) => aManifest({ apiVersion: 'v1', ...each, namespace: 'shop', annotations: wave(each.wave) }));
        const applied = stepsOf(planOf(manifests, { isNamespaced: () => true }).plan).map((step) =>
          refKey({ ...step, name: step.name ?? '' }),
        );
        const { plan } = buildDeletion([], owned(manifests), OPTIONS);
        expect(stepsOf(plan).map((step) => refKey({ ...step, name: step.name ?? '' }))).toEqual(applied.toReversed());
      }),
    );
  });
});
