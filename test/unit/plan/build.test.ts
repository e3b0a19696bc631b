import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/manifests/manifest.ts';
import { refKey, refOf } from '../../../core/objects.ts';
import { PHASES } from '../../../core/phases.ts';
import { buildPlan } from '../../../core/plan/build.ts';
import { KIND_ORDER, kindRank } from '../../../core/plan/kind-order.ts';
import type { PlanStep, SyncPlan } from '../../../core/plan/plan.ts';
import { aHook, aManifest } from '../annotations/builders.ts';
import type { ManifestTraits } from '../annotations/builders.ts';
import { outlineOf, planOf, stepsOf } from './plans.ts';

const wave = (value: number): Record<string, string> => ({ 'argocd.argoproj.io/sync-wave': String(value) });
const aConfigMap = (name: string, traits: ManifestTraits = {}): Manifest =>
  aManifest({ apiVersion: 'v1', kind: 'ConfigMap', name, ...traits });
const aNamespace = (name: string, traits: ManifestTraits = {}): Manifest =>
  aManifest({ apiVersion: 'v1', kind: 'Namespace', name, ...traits });
const aWidget = (traits: ManifestTraits = {}): Manifest =>
  aManifest({ apiVersion: 'shop.io/v1', kind: 'Widget', name: 'w', ...traits });
const aWidgetCrd = (traits: ManifestTraits = {}, scope = 'Namespaced'): Manifest =>
  aManifest({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    name: 'widgets.shop.io',
    spec: { group: 'shop.io', scope, names: { kind: 'Widget' } },
    ...traits,
  });

describe('the order of a plan', () => {
  it('is phase, then wave, then kind, then name [argo 2.1.sort]', () => {
    const { plan, failures } = planOf([
      aHook('SyncFail', { name: 'notify' }),
      aHook('PostSync', { name: 'smoke' }),
      aManifest({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', annotations: wave(1) }),
      aManifest({ apiVersion: 'v1', kind: 'Service', name: 'web' }),
      aConfigMap('b'),
      aConfigMap('a'),
      aHook('PreSync', { name: 'migrate' }),
      aHook('PreSync', { name: 'backup', annotations: wave(-5) }),
    ]);
    expect(failures).toEqual([]);
    expect(outlineOf(plan)).toEqual([
      'PreSync -5: hook Job/backup',
      'PreSync 0: hook Job/migrate',
      'Sync 0: apply ConfigMap/a, apply ConfigMap/b, apply Service/web',
      'Sync 1: apply Deployment/web',
      'PostSync 0: hook Job/smoke',
      'SyncFail 0: hook Job/notify',
    ]);
  });

  it("follows Argo CD's list of kinds, whatever the group, and puts other kinds last by name [argo 2.1.kind-order]", () => {
    const listed = KIND_ORDER.filter((kind) => !kind.endsWith('List')).map((kind) =>
      aManifest({ apiVersion: 'x.io/v1', kind, name: 'x' }),
    );
    const others = [
      aManifest({ apiVersion: 'b.io/v1', kind: 'Aaa', name: 'z' }),
      aManifest({ apiVersion: 'a.io/v1', kind: 'Zzz', name: 'a' }),
    ];
    const { plan } = planOf([...others, ...listed.toReversed()]);
    const kinds = stepsOf(plan).map(({ kind }) => kind);
    expect(kinds).toEqual([...KIND_ORDER.filter((kind) => !kind.endsWith('List')), 'Zzz', 'Aaa']);
  });

  it.each([
    ['Namespace', 0],
    ['Secret', 7],
    ['CustomResourceDefinition', 13],
    ['Job', 30],
    ['IngressClass', 32],
    ['APIService', 34],
    ['Rollout', 35],
    ['toString', 35],
  ])('%s has rank %i', (kind, rank) => {
    expect(kindRank(kind)).toBe(rank);
  });
});

describe('hoisting', () => {
  it('moves a Namespace before its first dependant, into its phase and wave [argo 2.1.hoisting] [argo 5.44]', () => {
    const { plan } = planOf([
      aHook('PreSync', { name: 'early', namespace: 'other', annotations: wave(-3) }),
      aHook('PreSync', { name: 'first', annotations: wave(-1) }),
      aConfigMap('config'),
      aNamespace('shop', { annotations: wave(2) }),
    ]);
    expect(outlineOf(plan)).toEqual([
      'PreSync -3: hook Job/early',
      'PreSync -1: apply Namespace/shop, hook Job/first',
      'Sync 0: apply ConfigMap/config',
    ]);
    expect(stepsOf(plan)[1]).toMatchObject({ id: 'PreSync//Namespace//shop', phase: 'PreSync', wave: -1 });
  });

  it('moves a CRD before the first object of its kind [argo 2.1.hoisting] [argo 5.45]', () => {
    const { plan } = planOf([aWidget({ annotations: wave(-2) }), aWidgetCrd(), aConfigMap('config')]);
    expect(outlineOf(plan)).toEqual([
      'Sync -2: apply CustomResourceDefinition/widgets.shop.io, apply Widget/w',
      'Sync 0: apply ConfigMap/config',
    ]);
  });

  it('moves several, each to its own dependant [argo 2.1.hoisting]', () => {
    const { plan } = planOf([
      aWidget({ namespace: 'a', annotations: wave(-2) }),
      aConfigMap('c', { namespace: 'b', annotations: wave(-1) }),
      aNamespace('a'),
      aNamespace('b'),
      aWidgetCrd({ annotations: wave(5) }),
    ]);
    expect(outlineOf(plan)).toEqual([
      'Sync -2: apply Namespace/a, apply CustomResourceDefinition/widgets.shop.io, apply Widget/w',
      'Sync -1: apply Namespace/b, apply ConfigMap/c',
    ]);
  });

  it('leaves what is early enough, and what has no dependant', () => {
    const { plan } = planOf([
      aConfigMap('c'),
      aNamespace('shop', { annotations: wave(-1) }),
      aNamespace('unused', { annotations: wave(3) }),
    ]);
    expect(outlineOf(plan)).toEqual([
      'Sync -1: apply Namespace/shop',
      'Sync 0: apply ConfigMap/c',
      'Sync 3: apply Namespace/unused',
    ]);
  });

  it('does not take a Namespace for a dependant of the destination namespace', () => {
    const { plan } = planOf([aNamespace('other', { annotations: wave(-3) }), aNamespace('shop')]);
    expect(outlineOf(plan)).toEqual(['Sync -3: apply Namespace/other', 'Sync 0: apply Namespace/shop']);
  });

  it('does not take a custom kind named Namespace for one', () => {
    const { plan } = planOf([
      aConfigMap('c', { annotations: wave(-1) }),
      aManifest({ apiVersion: 'x.io/v1', kind: 'Namespace', name: 'shop' }),
    ]);
    expect(outlineOf(plan)).toEqual(['Sync -1: apply ConfigMap/c', 'Sync 0: apply Namespace/shop']);
  });

  it('makes no second step in a phase for a Namespace that is a hook of two phases', () => {
    const hook = { 'argocd.argoproj.io/hook': 'PreSync,Sync' };
    const { plan } = planOf([
      aHook('PreSync', { name: 'j', annotations: wave(-1) }),
      aNamespace('shop', { annotations: hook }),
    ]);
    expect(outlineOf(plan)).toEqual(['PreSync -1: hook Namespace/shop, hook Job/j', 'Sync 0: hook Namespace/shop']);
  });
});

describe('a step', () => {
  it('carries what running it needs', () => {
    const annotations = { 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded', 'syncline.dev/timeout': '30m' };
    const { plan } = planOf([aConfigMap('c'), aHook('PreSync', { name: 'migrate', annotations })]);
    expect(stepsOf(plan)).toEqual([
      {
        id: 'PreSync/batch/Job/shop/migrate',
        action: 'hook',
        phase: 'PreSync',
        wave: 0,
        apiVersion: 'batch/v1',
        kind: 'Job',
        namespace: 'shop',
        name: 'migrate',
        manifest: 1,
        deadlineMs: 1_800_000,
        deletePolicies: ['HookSucceeded'],
        runsToCompletion: true,
        settlesAtOnce: false,
      },
      {
        id: 'Sync//ConfigMap/shop/c',
        action: 'apply',
        phase: 'Sync',
        wave: 0,
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: 'shop',
        name: 'c',
        manifest: 0,
        deadlineMs: 300_000,
      },
    ]);
  });

  it.each<[string, Manifest, object]>([
    ['a Pod', aHook('Sync', { apiVersion: 'v1', kind: 'Pod' }), { runsToCompletion: true, settlesAtOnce: false }],
    [
      'an Argo Workflow',
      aHook('Sync', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow' }),
      { runsToCompletion: true },
    ],
    [
      'a ConfigMap',
      aHook('Sync', { apiVersion: 'v1', kind: 'ConfigMap' }),
      { runsToCompletion: false, settlesAtOnce: true },
    ],
    [
      'a Deployment',
      aHook('Sync', { apiVersion: 'apps/v1', kind: 'Deployment' }),
      { runsToCompletion: false, settlesAtOnce: false },
    ],
    ['a Job of another group', aHook('Sync', { apiVersion: 'x.io/v1', kind: 'Job' }), { runsToCompletion: false }],
  ])('of %s as hook knows its nature', (_, manifest, expected) => {
    expect(stepsOf(planOf([manifest]).plan)[0]).toMatchObject(expected);
  });

  it.each<[string, Manifest, string | undefined]>([
    ['the namespace it names', aConfigMap('c', { namespace: 'other' }), 'other'],
    ['the destination namespace', aConfigMap('c'), 'shop'],
    ['none on a cluster-scoped kind', aNamespace('n'), undefined],
    [
      'none on a cluster-scoped kind that names one',
      aManifest({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', namespace: 'x' }),
      undefined,
    ],
    ['the destination namespace on an unknown kind', aWidget(), 'shop'],
  ])('has %s [argo 2.1.namespace]', (_, manifest, namespace) => {
    expect(stepsOf(planOf([manifest]).plan)[0]?.namespace).toBe(namespace);
  });

  it('has no namespace where neither the manifest nor the request names one', () => {
    const { plan } = buildPlan([aConfigMap('c')], { lenient: false, hasVerdict: () => true });
    expect(stepsOf(plan)[0]).toMatchObject({ id: 'Sync//ConfigMap//c' });
    expect(stepsOf(plan)[0]).not.toHaveProperty('namespace');
  });

  it('learns the scope of a custom kind from discovery, and from a CRD of the bundle [argo 2.1.pairing]', () => {
    const discovered = planOf([aWidget()], { isNamespaced: (_, kind) => (kind === 'Widget' ? false : undefined) });
    expect(stepsOf(discovered.plan)[0]).not.toHaveProperty('namespace');
    const declared = planOf([aWidgetCrd({}, 'Cluster'), aWidget()]);
    expect(stepsOf(declared.plan)[1]).toMatchObject({ kind: 'Widget', id: 'Sync/shop.io/Widget//w' });
  });

  it('is made for each phase of a hook, under its own id [argo 1.multi-phase] [argo 5.20]', () => {
    const { plan, failures } = planOf([aHook('PreSync,PostSync,SyncFail', { generateName: 'notify-' })]);
    expect(failures).toEqual([]);
    expect(stepsOf(plan).map(({ id, name, generateName }) => [id, name, generateName])).toEqual([
      ['PreSync/batch/Job/shop/notify-*', null, 'notify-'],
      ['PostSync/batch/Job/shop/notify-*', null, 'notify-'],
      ['SyncFail/batch/Job/shop/notify-*', null, 'notify-'],
    ]);
  });

  it('uses the name of a hook that has both a name and generateName [argo 1.generateName-name]', () => {
    const { plan } = planOf([aHook('Sync', { name: 'n', generateName: 'g-' })]);
    expect(stepsOf(plan)[0]).toMatchObject({ name: 'n' });
    expect(stepsOf(plan)[0]).not.toHaveProperty('generateName');
  });
});

describe('a plan', () => {
  it('lists what is skipped or left out, with the reason [argo 1.Skip] [argo 1.helm-dropped]', () => {
    const { plan, failures } = planOf([
      aHook('Skip', { apiVersion: 'v1', kind: 'ConfigMap', name: 'notes' }),
      aHook('PostDelete', { generateName: 'clean-' }),
      aManifest({ name: 'check', annotations: { 'helm.sh/hook': 'test' } }),
    ]);
    expect(failures).toEqual([]);
    expect(plan.phases).toEqual([]);
    expect(plan.skipped).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'notes', reason: 'hook: Skip' },
      expect.objectContaining({ name: null, generateName: 'clean-' }),
      expect.objectContaining({ name: 'check', reason: expect.stringContaining('Helm') as string }),
    ]);
  });

  it('warns of hooks that are at-least-once', () => {
    const { plan } = planOf([
      aHook('PreSync', { name: 'gated' }),
      aHook('PreSync', { name: 'queued', spec: { managedBy: 'kueue.x-k8s.io/multikueue' } }),
      aHook('PreSync', { apiVersion: 'v1', kind: 'Pod', name: 'gated' }),
      aHook('PreSync', { apiVersion: 'v1', kind: 'Pod', name: 'pinned', spec: { nodeName: 'n1' } }),
      aHook('PreSync', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', name: 'flow' }),
      aManifest({ apiVersion: 'v1', kind: 'Pod', name: 'resource', spec: { nodeName: 'n1' } }),
    ]);
    expect(plan.warnings).toEqual([
      expect.stringContaining('Pod shop/pinned in PreSync runs at least once'),
      expect.stringContaining('Job shop/queued'),
      expect.stringContaining('Workflow shop/flow'),
    ]);
  });

  it('carries the warnings of lenient reading', () => {
    const manifests = [aHook('PreSyncc')];
    expect(planOf(manifests).failures).toHaveLength(1);
    const lenient = planOf(manifests, { lenient: true });
    expect(lenient.failures).toEqual([]);
    expect(lenient.plan.warnings).toEqual([expect.stringContaining('"PreSyncc"')]);
    expect(lenient.plan.skipped).toHaveLength(1);
  });

  it('fails for a resource that has only generateName [argo 1.generateName-resource] [argo 5.21]', () => {
    expect(planOf([aManifest({ generateName: 'x-' })]).failures).toMatchObject([
      { type: 'InvalidManifest', object: 'Job x-*', location: 'app.yaml:7' },
    ]);
  });

  it('fails for duplicates that only discovery can know', () => {
    const manifests = [aWidget({ namespace: 'a' }), aWidget({ namespace: 'b' })];
    expect(planOf(manifests).failures).toEqual([]);
    expect(planOf(manifests, { isNamespaced: () => false }).failures).toMatchObject([
      { type: 'InvalidManifest', object: 'Widget w' },
    ]);
  });

  it('does not change the manifests [argo 5.23]', () => {
    const manifests = [aConfigMap('c'), aNamespace('shop'), aHook('PreSync,PostSync')];
    const before = structuredClone(manifests);
    planOf(manifests);
    expect(manifests).toEqual(before);
  });
});

describe('any plan', () => {
  const kinds = [
    ['v1', 'Namespace'],
    ['v1', 'ConfigMap'],
    ['v1', 'Pod'],
    ['batch/v1', 'Job'],
    ['apps/v1', 'Deployment'],
    ['shop.io/v1', 'Widget'],
    ['a.io/v1', 'Gadget'],
  ] as const;
  const hooks = [
    undefined,
    undefined,
    'PreSync',
    'Sync',
    'PreSync,PostSync',
    'SyncFail,Sync',
    'Skip',
    'PostDelete',
  ] as const;
  const anObject = fc
    .record({
      kind: fc.constantFrom(...kinds),
      name: fc.constantFrom('a', 'b', 'c', 'shop'),
      namespace: fc.constantFrom(undefined, 'a', 'b'),
      hook: fc.constantFrom(...hooks),
      wave: fc.integer({ min: -2, max: 2 }),
    })
    .map(({ kind: [apiVersion, kind], name, namespace, hook, wave: at }) => {
      const annotations = { ...wave(at), ...(hook === undefined ? {} : { 'argocd.argoproj.io/hook': hook }) };
      return aManifest({
        apiVersion,
        kind,
        name,
        annotations,
        ...(namespace === undefined || kind === 'Namespace' ? {} : { namespace }),
      });
    });
  const objects = fc
    .uniqueArray(anObject, {
      selector: ({ object }) => refKey({ ...refOf(object), namespace: refOf(object).namespace ?? 'shop' }),
      maxLength: 14,
    })
    .chain((manifests) =>
      fc.boolean().map((withCrd) => (withCrd ? [...manifests, aWidgetCrd({ annotations: wave(1) })] : manifests)),
    );

  /** A plan without what depends on the order of the input. */
  const canonical = ({ phases, skipped }: SyncPlan, manifests: readonly Manifest[]): unknown => ({
    phases: phases.map((phase) => ({
      ...phase,
      waves: phase.waves.map(({ wave: at, steps }) => ({
        at,
        steps: steps.map((step) => ({ ...step, manifest: objectOf(step, manifests) })),
      })),
    })),
    skipped: skipped.map((entry) => JSON.stringify(entry)).toSorted(),
  });
  const objectOf = (step: PlanStep, manifests: readonly Manifest[]): unknown =>
    step.action === 'prune' ? undefined : manifests[step.manifest]?.object;

  it('has its phases and waves in ascending order, none of them empty', () => {
    fc.assert(
      fc.property(objects, (manifests) => {
        const { plan } = planOf(manifests);
        const order = plan.phases.map(({ phase }) => PHASES.indexOf(phase));
        expect(order).toEqual([...new Set(order)].toSorted((one, other) => one - other));
        for (const { phase, waves } of plan.phases) {
          const numbers = waves.map((entry) => entry.wave);
          expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
          expect(numbers.length).toBeGreaterThan(0);
          for (const { wave: at, steps } of waves) {
            expect(steps.length).toBeGreaterThan(0);
            expect(steps.every((step) => step.phase === phase && step.wave === at)).toBe(true);
          }
        }
      }),
    );
  });

  it('has every object once in each of its phases, or among the skipped [argo 5.22]', () => {
    fc.assert(
      fc.property(objects, (manifests) => {
        const { plan, failures } = planOf(manifests);
        expect(failures).toEqual([]);
        const steps = stepsOf(plan);
        expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
        const expected = manifests.reduce((sum, { object }) => {
          const hook = (object.metadata as { annotations: Record<string, string> }).annotations[
            'argocd.argoproj.io/hook'
          ];
          return sum + (hook === 'Skip' || hook === 'PostDelete' ? 0 : (hook ?? 'Sync').split(',').length);
        }, 0);
        expect(steps).toHaveLength(expected);
        const mentioned = new Set(steps.map((step) => (step.action === 'prune' ? -1 : step.manifest)));
        expect(mentioned.size + plan.skipped.length).toBe(manifests.length);
      }),
    );
  });

  it('does not depend on the order of the input', () => {
    const shuffled = objects.chain((manifests) =>
      fc.tuple(fc.constant(manifests), fc.shuffledSubarray(manifests, { minLength: manifests.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(canonical(planOf(other).plan, other)).toEqual(canonical(planOf(one).plan, one));
      }),
    );
  });

  it('creates a Namespace no later than what is in it, and a CRD before its objects', () => {
    fc.assert(
      fc.property(objects, (manifests) => {
        const steps = stepsOf(planOf(manifests).plan);
        const first = (matches: (step: PlanStep) => boolean): number => steps.findIndex(matches);
        steps.forEach((step, index) => {
          const namespaceAt = first(({ kind, name }) => kind === 'Namespace' && name === step.namespace);
          if (step.kind !== 'Namespace' && namespaceAt >= 0) expect(namespaceAt).toBeLessThan(index);
          const crdAt = first(({ kind }) => kind === 'CustomResourceDefinition');
          if (step.kind === 'Widget' && crdAt >= 0) expect(crdAt).toBeLessThan(index);
        });
      }),
    );
  });
});
