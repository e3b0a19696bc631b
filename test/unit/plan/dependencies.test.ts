import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/manifests/manifest.ts';
import { segmentsOf } from '../../../core/plan/segments.ts';
import type { PlanStep } from '../../../core/plan/plan.ts';
import type { ManifestTraits } from '../annotations/builders.ts';
import { aHook, aManifest } from '../annotations/builders.ts';
import { outlineOf, planOf, stepsOf } from './plans.ts';

const dependsOn = (on: string, wave = 0) => ({
  annotations: { 'syncline.dev/depends-on': on, 'argocd.argoproj.io/sync-wave': String(wave) },
});
const inWave = (wave: number) => ({ annotations: { 'argocd.argoproj.io/sync-wave': String(wave) } });
const aDeployment = (name: string, traits: ManifestTraits = {}): Manifest =>
  aManifest({ apiVersion: 'apps/v1', kind: 'Deployment', name, ...traits });
const aConfigMap = (name: string, traits: ManifestTraits = {}): Manifest =>
  aManifest({ apiVersion: 'v1', kind: 'ConfigMap', name, ...traits });
const aNamespace = (name: string, traits: ManifestTraits = {}): Manifest =>
  aManifest({ apiVersion: 'v1', kind: 'Namespace', name, ...traits });

const afterOf = (manifests: readonly Manifest[]): Readonly<Record<string, readonly string[]>> => {
  const { plan, failures } = planOf(manifests);
  expect(failures).toEqual([]);
  return Object.fromEntries(stepsOf(plan).flatMap(({ id, after }) => (after === undefined ? [] : [[id, after]])));
};

describe('a dependency', () => {
  it('within a wave puts the dependant behind a wait, and the kinds of each layer in their order', () => {
    const { plan } = planOf([
      aConfigMap('late', dependsOn('Deployment/web')),
      aDeployment('web', dependsOn('apps:Deployment:db')),
      aDeployment('db'),
      aManifest({ apiVersion: 'v1', kind: 'Service', name: 'db' }),
      aConfigMap('settings', dependsOn('Deployment/db')),
    ]);
    expect(outlineOf(plan)).toEqual([
      'Sync 0: apply Service/db, apply Deployment/db, apply ConfigMap/settings, apply Deployment/web, apply ConfigMap/late',
    ]);
    expect(segmentsOf(plan.phases[0]!.waves[0]!)).toMatchObject([
      { kind: 'apply', groups: [[{ name: 'db' }], [{ name: 'db' }]] },
      { kind: 'await', steps: [{ id: 'Sync/apps/Deployment/shop/db' }] },
      { kind: 'apply', groups: [[{ name: 'settings' }], [{ name: 'web' }]] },
      { kind: 'await', steps: [{ id: 'Sync/apps/Deployment/shop/web' }] },
      { kind: 'apply', groups: [[{ name: 'late' }]] },
    ]);
  });

  it('in a later wave takes the dependant there, and what depends on that', () => {
    const { plan } = planOf([
      aConfigMap('top', dependsOn('Deployment/web')),
      aDeployment('web', dependsOn('Deployment/db', 1)),
      aDeployment('db', inWave(3)),
      aConfigMap('beside', inWave(3)),
      aConfigMap('free'),
    ]);
    expect(outlineOf(plan)).toEqual([
      'Sync 0: apply ConfigMap/free',
      'Sync 3: apply ConfigMap/beside, apply Deployment/db, apply Deployment/web, apply ConfigMap/top',
    ]);
  });

  it('in an earlier wave is met by the order of waves, and shown', () => {
    const manifests = [aDeployment('db', inWave(-1)), aDeployment('web', dependsOn('Deployment/db'))];
    expect(afterOf(manifests)).toEqual({ 'Sync/apps/Deployment/shop/web': ['Sync/apps/Deployment/shop/db'] });
    const { plan } = planOf(manifests);
    expect(plan.phases[0]?.waves.flatMap(segmentsOf).some(({ kind }) => kind === 'await')).toBe(false);
  });

  it('in an earlier phase is met by the order of phases', () => {
    expect(afterOf([aHook('PreSync', { name: 'migrate' }), aDeployment('web', dependsOn('Job/migrate'))])).toEqual({});
  });

  it('may be a hook of the same phase, and a hook may have some', () => {
    const hook = (name: string, traits: ManifestTraits = {}) =>
      aHook('Sync', { name, annotations: { 'argocd.argoproj.io/hook': 'Sync', ...traits.annotations } });
    expect(
      afterOf([hook('seed', dependsOn('Deployment/db')), aDeployment('db'), aConfigMap('c', dependsOn('Job/seed'))]),
    ).toEqual({
      'Sync/batch/Job/shop/seed': ['Sync/apps/Deployment/shop/db'],
      'Sync//ConfigMap/shop/c': ['Sync/batch/Job/shop/seed'],
    });
  });

  it('is looked for in the namespace of the dependant, and in none', () => {
    const manifests = (on: string): readonly Manifest[] => [
      aDeployment('db', { namespace: 'a' }),
      aDeployment('db', { namespace: 'b' }),
      aDeployment('web', { namespace: 'b', ...dependsOn(on) }),
      aManifest({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'role' }),
    ];
    const web = 'Sync/apps/Deployment/b/web';
    expect(afterOf(manifests('Deployment/db'))).toEqual({ [web]: ['Sync/apps/Deployment/b/db'] });
    expect(afterOf(manifests('apps:Deployment:a/db'))).toEqual({ [web]: ['Sync/apps/Deployment/a/db'] });
    expect(afterOf(manifests('ClusterRole/role'))).toEqual({
      [web]: ['Sync/rbac.authorization.k8s.io/ClusterRole//role'],
    });
  });

  it('of a Namespace holds for everything that goes there', () => {
    const { plan, failures } = planOf([
      aConfigMap('inside', { namespace: 'team' }),
      aNamespace('team', dependsOn('apps:Deployment:shop/operator')),
      aDeployment('operator', inWave(2)),
    ]);
    expect(failures).toEqual([]);
    expect(outlineOf(plan)).toEqual([
      'Sync 2: apply Deployment/operator, apply Namespace/team, apply ConfigMap/inside',
    ]);
    expect(segmentsOf(plan.phases[0]!.waves[0]!).map(({ kind }) => kind)).toEqual([
      'apply',
      'await',
      'apply',
      'await',
      'apply',
    ]);
  });

  it('that is not selected is taken to be there, and said so', () => {
    const manifests = [aDeployment('web', dependsOn('Deployment/db')), aDeployment('db')];
    const selection = { resources: ['apps:Deployment:web'] };
    const { plan, failures } = planOf(manifests, { selection: { selection, others: [] } });
    expect(failures).toEqual([]);
    expect(stepsOf(plan)[0]).not.toHaveProperty('after');
    expect(plan.warnings.at(-1)).toBe(
      'Deployment shop/web depends on Deployment/db, which is no part of this sync and taken to be there.',
    );
  });

  it('that is skipped is taken to be there too', () => {
    const { plan, failures } = planOf([
      aDeployment('web', dependsOn('ConfigMap/notes')),
      aHook('Skip', { apiVersion: 'v1', kind: 'ConfigMap', name: 'notes' }),
    ]);
    expect([failures, plan.warnings.length]).toEqual([[], 1]);
  });

  it.each<[string, readonly Manifest[], RegExp]>([
    [
      'on what there is not',
      [aDeployment('web', dependsOn('Deployment/dv')), aDeployment('db')],
      /^Deployment web: it depends on Deployment\/dv, which is not among the manifests\.$/,
    ],
    ['on itself', [aDeployment('web', dependsOn('Deployment/web'))], /it depends on itself \(Deployment\/web\)/],
    [
      'on a name of two groups',
      [
        aDeployment('web', dependsOn('Widget/w')),
        aManifest({ apiVersion: 'a.io/v1', kind: 'Widget', name: 'w' }),
        aManifest({ apiVersion: 'b.io/v1', kind: 'Widget', name: 'w' }),
      ],
      /Widget\/w, which fits several objects/,
    ],
    [
      'on a later phase',
      [aDeployment('web', dependsOn('Job/smoke')), aHook('PostSync', { name: 'smoke' })],
      /it depends in Sync on Job\/smoke, which comes only in PostSync/,
    ],
    [
      'in one of its phases on a later one',
      [
        aHook('PreSync,PostSync', { name: 'check', annotations: { 'syncline.dev/depends-on': 'ConfigMap/c' } }),
        aConfigMap('c'),
      ],
      /it depends in PreSync on ConfigMap\/c, which comes only in Sync/,
    ],
  ])('%s is refused', (_, manifests, message) => {
    const { failures } = planOf(manifests);
    expect(failures).toMatchObject([
      { type: 'InvalidManifest', location: 'app.yaml:7', message: expect.stringMatching(message) as string },
    ]);
  });

  it('names the way out where a reference is wrong', () => {
    const remedyOf = (manifests: readonly Manifest[]) => planOf(manifests).failures[0]?.remedy;
    expect(remedyOf([aDeployment('web', dependsOn('Deployment/dv')), aDeployment('dv2')])).toContain(
      'apps:Deployment:dv2',
    );
    const widgets = ['a.io/v1', 'b.io/v1'].map((apiVersion) => aManifest({ apiVersion, kind: 'Widget', name: 'w' }));
    expect(remedyOf([aDeployment('web', dependsOn('Widget/w')), ...widgets])).toBe(
      'write one of a.io:Widget:w, b.io:Widget:w',
    );
  });
});

describe('a cycle of dependencies', () => {
  it('is one failure that names all its objects and where they stand', () => {
    const { failures } = planOf([
      aDeployment('a', { line: 3, ...dependsOn('Deployment/b') }),
      aDeployment('b', { line: 13, ...dependsOn('ConfigMap/c', 4) }),
      aConfigMap('c', { line: 23, ...dependsOn('Deployment/a') }),
      aDeployment('outside', { line: 33, ...dependsOn('Deployment/a') }),
    ]);
    expect(failures).toMatchObject([
      {
        type: 'InvalidManifest',
        message: expect.stringContaining('Deployment a (app.yaml:3) → Deployment b (app.yaml:13)') as string,
      },
    ]);
    expect(failures[0]?.message).toContain('ConfigMap c (app.yaml:23)');
    expect(failures[0]?.message).not.toContain('outside');
  });

  it('may close through the Namespace that an object needs', () => {
    const { failures } = planOf([
      aNamespace('team', { line: 1, ...dependsOn('apps:Deployment:team/operator') }),
      aDeployment('operator', { line: 9, namespace: 'team' }),
    ]);
    expect(failures.map(({ message }) => message)).toEqual([
      'These wait for each other, so none could ever begin: Namespace team (app.yaml:1) → Deployment team/operator (app.yaml:9) → Namespace team (app.yaml:1).',
    ]);
  });

  it('of a hook of two phases is told once', () => {
    const hook = (name: string, on: string) =>
      aHook('PreSync,PostSync', { name, annotations: { 'syncline.dev/depends-on': on } });
    expect(planOf([hook('a', 'Job/b'), hook('b', 'Job/a')]).failures).toHaveLength(1);
  });
});

describe('any plan with dependencies', () => {
  const kinds = [
    ['v1', 'ConfigMap'],
    ['v1', 'Service'],
    ['apps/v1', 'Deployment'],
    ['batch/v1', 'Job'],
    ['x.io/v1', 'Widget'],
  ] as const;
  const phases = ['PreSync', 'Sync', 'PostSync'] as const;
  const anObject = fc.record({
    kind: fc.constantFrom(...kinds),
    hook: fc.constantFrom(undefined, ...phases),
    wave: fc.integer({ min: -2, max: 2 }),
    // Only on objects before it, so that there is no cycle.
    on: fc.array(fc.nat({ max: 11 }), { maxLength: 3 }),
  });
  type Piece = typeof anObject extends fc.Arbitrary<infer P> ? P : never;
  const rank = ({ hook = 'Sync' }: Piece): number => phases.indexOf(hook);
  const manifestsOf = (pieces: readonly Piece[], withDependencies = true): readonly Manifest[] =>
    pieces.map((piece, index) => {
      const {
        kind: [apiVersion, kind],
        hook,
        wave,
        on,
      } = piece;
      const targets = on.filter((at) => at < index && rank(pieces[at]!) <= rank(piece));
      const names = targets.map((at) => `${pieces[at]!.kind[1]}/o${String(at)}`);
      const annotations = {
        'argocd.argoproj.io/sync-wave': String(wave),
        ...(hook === undefined ? {} : { 'argocd.argoproj.io/hook': hook }),
        ...(names.length === 0 || !withDependencies ? {} : { 'syncline.dev/depends-on': names.join(',') }),
      };
      return aManifest({ apiVersion, kind, name: `o${String(index)}`, annotations });
    });
  const anyPieces = fc.array(anObject, { minLength: 1, maxLength: 12 });

  it('has every step once, each after those it depends on, with a wait in between where they share a wave', () => {
    fc.assert(
      fc.property(anyPieces, (pieces) => {
        const { plan, failures } = planOf(manifestsOf(pieces));
        expect(failures).toEqual([]);
        const steps = stepsOf(plan);
        expect(steps.map(({ name }) => name).toSorted()).toEqual(
          pieces.map((_, index) => `o${String(index)}`).toSorted(),
        );
        const places = new Map(steps.map((step, at) => [step.id, { step, at }]));
        for (const { waves } of plan.phases) {
          for (const wave of waves) {
            const begun = new Set<string>();
            const awaited = new Set<string>();
            const begin = (step: PlanStep): void => {
              for (const id of step.after ?? []) {
                const before = places.get(id)!.step;
                expect([before.phase, before.wave <= step.wave]).toEqual([step.phase, true]);
                if (before.wave === step.wave) expect(awaited.has(id)).toBe(true);
              }
              begun.add(step.id);
            };
            for (const segment of segmentsOf(wave)) {
              if (segment.kind === 'await') {
                for (const { id } of segment.steps) expect(begun.has(id)).toBe(true);
                for (const { id } of segment.steps) awaited.add(id);
              } else (segment.kind === 'apply' ? segment.groups.flat() : segment.steps).forEach(begin);
            }
            expect(begun.size).toBe(wave.steps.length);
          }
        }
      }),
    );
  });

  it('moves a step no further than its dependencies take it', () => {
    fc.assert(
      fc.property(anyPieces, (pieces) => {
        const steps = new Map(stepsOf(planOf(manifestsOf(pieces)).plan).map((step) => [step.id, step]));
        const own = new Map(stepsOf(planOf(manifestsOf(pieces, false)).plan).map((step) => [step.id, step.wave]));
        for (const { id, wave, after = [] } of steps.values()) {
          expect(wave).toBe(Math.max(own.get(id)!, ...after.map((other) => steps.get(other)!.wave)));
        }
      }),
    );
  });
});
