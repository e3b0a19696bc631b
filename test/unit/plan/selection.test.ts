import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Selectable, Selection } from '../../../core/selection/selection.ts';
import { aHook, aManifest } from '../annotations/builders.ts';
import { outlineOf, planOf, stepsOf } from './plans.ts';

const wave = (value: number) => ({ 'argocd.argoproj.io/sync-wave': String(value) });
const manifests = [
  aManifest({ apiVersion: 'v1', kind: 'Namespace', name: 'shop', annotations: wave(2) }),
  aManifest({ apiVersion: 'v1', kind: 'ConfigMap', name: 'config', labels: { tier: 'back' } }),
  aManifest({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', labels: { tier: 'front' } }),
  aHook('PreSync', { name: 'migrate' }),
  aHook('Skip', { apiVersion: 'v1', kind: 'ConfigMap', name: 'notes' }),
];
const partial = (selection: Selection, others: readonly Selectable[] = []) =>
  planOf(manifests, { selection: { selection, others } });

describe('the plan of a partial sync', () => {
  it('has what is selected, and hooks unlike in Argo CD, which drops them in silence [argo 2.1.hooks-omitted]', () => {
    const { plan, failures } = partial({ resources: ['apps:Deployment:web'] });
    expect(failures).toEqual([]);
    expect(outlineOf(plan)).toEqual(['PreSync 0: hook Job/migrate', 'Sync 0: apply Deployment/web']);
    expect(plan.warnings).toEqual([
      'Partial sync, --resource apps:Deployment:web: 1 of 3 resources and 1 of 1 hook (--skip-hooks leaves hooks out).',
    ]);
  });

  it('has no hook when hooks are skipped [argo 5.14]', () => {
    const { plan } = partial({ hooks: 'skip' });
    expect(stepsOf(plan).some(({ action }) => action === 'hook')).toBe(false);
    expect(plan.skipped).toContainEqual(
      expect.objectContaining({ name: 'migrate', unselected: 'hook', reason: 'hooks are skipped (--skip-hooks)' }),
    );
    expect(plan.warnings).toEqual(['Partial sync, --skip-hooks: 3 of 3 resources and 0 of 1 hook.']);
  });

  it('lists what is left out, told from what the manifests leave out themselves', () => {
    const { plan } = partial({ hooks: 'only' });
    expect(outlineOf(plan)).toEqual(['PreSync 0: hook Job/migrate']);
    expect(plan.skipped.map(({ name, unselected }) => [name, unselected])).toEqual([
      ['notes', undefined],
      ['shop', 'resource'],
      ['config', 'resource'],
      ['web', 'resource'],
    ]);
  });

  it('hoists a Namespace before the first that needs it of what is selected, and none that is not selected', () => {
    const selected = partial({ resources: [':Namespace:shop', ':ConfigMap:config'], hooks: 'skip' });
    expect(outlineOf(selected.plan)).toEqual(['Sync 0: apply Namespace/shop, apply ConfigMap/config']);
    const { plan } = partial({ selector: 'tier=back', hooks: 'skip' });
    expect(outlineOf(plan)).toEqual(['Sync 0: apply ConfigMap/config']);
  });

  it('is refused when a part of the selection fits nothing, unless what may be pruned is not known yet', () => {
    const selection = { resources: [':ConfigMap:old'] };
    expect(partial(selection).failures).toMatchObject([{ type: 'InvalidRequest' }]);
    expect(planOf(manifests, { selection: { selection } }).failures).toEqual([]);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'old' };
    expect(partial(selection, [{ ref, labels: {}, role: 'resource' }]).failures).toEqual([]);
  });

  it('is refused when the selection can not be read', () => {
    expect(partial({ resources: ['web'] }).failures).toMatchObject([{ type: 'InvalidRequest' }]);
  });

  it('has every object once, planned or skipped, whatever is selected', () => {
    const texts = ['*:*:*', ':ConfigMap:*', '!:ConfigMap:config', 'apps:Deployment:web', '!*:Namespace:*'];
    const aSelection = fc.record<Selection>(
      {
        resources: fc.subarray(texts, { minLength: 1 }),
        selector: fc.constantFrom('tier', '!tier', 'tier!=back'),
        hooks: fc.constant('skip'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(aSelection, (selection) => {
        const { plan } = planOf(manifests, { selection: { selection } });
        const names = [...stepsOf(plan), ...plan.skipped].map(({ kind, name }) => `${kind}/${name ?? ''}`);
        expect(names.toSorted()).toEqual([
          'ConfigMap/config',
          'ConfigMap/notes',
          'Deployment/web',
          'Job/migrate',
          'Namespace/shop',
        ]);
      }),
    );
  });
});
