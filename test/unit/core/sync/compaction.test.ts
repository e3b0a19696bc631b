import { describe, expect, it } from 'vitest';
import { hasHealthRule } from '../../../../core/health/rules.ts';
import { compactPlan, mayNeedTime } from '../../../../core/sync/compaction.ts';
import type { StoredApply, StoredHook, StoredPlan, StoredSegment } from '../../../../core/sync/stored-plan.ts';
import { applySteps, hookStep, isLastWave, storedWave } from '../../../../core/sync/stored-plan.ts';

function apply(kind: string, name: string, more: Partial<StoredApply> = {}): StoredApply {
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
  const base = { id: `Sync/${kind}/${name}`, phase: 'Sync', wave: 0, manifest: 0, action: 'apply' } as const;
  return { ...base, apiVersion, kind, namespace: 'shop', name, deadlineMs: 300_000, unchanged: false, ...more };
}

const hook: StoredHook = {
  ...apply('Job', 'migrate'),
  apiVersion: 'batch/v1',
  id: 'PreSync/migrate',
  phase: 'PreSync',
  action: 'hook',
  deletePolicies: ['BeforeHookCreation'],
  runsToCompletion: true,
  settlesAtOnce: false,
  guarantee: 'exactly-once',
  deadlineMs: 3_600_000,
};

const plan: StoredPlan = {
  version: 1,
  bundle: 'sha256:b',
  phases: [
    { phase: 'PreSync', waves: [{ wave: -1, segments: [{ kind: 'hooks', steps: [hook] }] }] },
    {
      phase: 'Sync',
      waves: [
        {
          wave: 0,
          segments: [
            { kind: 'apply', groups: [[apply('ConfigMap', 'a', { unchanged: true }), apply('ConfigMap', 'b')]] },
          ],
        },
        {
          wave: 5,
          segments: [
            { kind: 'apply', groups: [[apply('ConfigMap', 'c')], [apply('Deployment', 'd', { deadlineMs: 9 })]] },
          ],
        },
      ],
    },
    { phase: 'SyncFail', waves: [{ wave: 0, segments: [] }] },
  ],
  skipped: [],
  warnings: ['careful'],
};

describe('the compact form of a plan', () => {
  const facts = { digest: 'sha256:p', destination: { server: 'https://cluster' }, hasRule: hasHealthRule };
  const compact = compactPlan(plan, facts);

  it('counts objects and what is unchanged, and passes warnings on', () => {
    expect(compact).toMatchObject({ digest: 'sha256:p', objects: 5, unchanged: 1, skipped: 0, warnings: ['careful'] });
  });

  it('names what changes before what does not', () => {
    expect(compact.phases[1]?.waves[0]?.segments).toEqual([
      { kind: 'apply', count: 2, changed: 1, titles: ['ConfigMap/b', 'ConfigMap/a'] },
    ]);
  });

  it('has a gate before a wave of which something asks for an approval, if that is done in it', () => {
    const approval = 'syncline.dev/approval';
    const prune = { ...apply('ConfigMap', 'old'), action: 'prune', uid: 'u', approval: 'Prune=confirm' } as const;
    const wave = (...segments: StoredSegment[]) => ({ wave: 0, segments });
    const gateOf = (...segments: StoredSegment[]) =>
      compactPlan({ ...plan, phases: [{ phase: 'Sync', waves: [wave(...segments)] }] }, facts).phases[0]?.waves[0]
        ?.approval;
    const applies = (...steps: StoredApply[]): StoredSegment => ({ kind: 'apply', groups: [steps] });
    expect(gateOf(applies(apply('ConfigMap', 'a')))).toBeUndefined();
    expect(gateOf(applies(apply('ConfigMap', 'a', { approval, unchanged: true })))).toBeUndefined();
    const maps = ['a', 'b', 'c', 'd'].map((name) => apply('ConfigMap', name, { approval }));
    expect(gateOf({ kind: 'prune', steps: [prune] }, applies(...maps), { kind: 'hooks', steps: [hook] })).toEqual({
      reasons: [
        'Prune=confirm on ConfigMap/old',
        'syncline.dev/approval on ConfigMap/a, ConfigMap/b, ConfigMap/c and 1 more',
      ],
    });
    expect(gateOf({ kind: 'hooks', steps: [{ ...hook, approval }] })?.reasons).toEqual([
      'syncline.dev/approval on Job/migrate',
    ]);
  });

  it('awaits a wave for as long as what it awaits may take, and no wave of objects that are healthy at once', () => {
    expect(compact.phases.map(({ waves }) => waves.map(({ awaits, deadlineMs }) => ({ awaits, deadlineMs })))).toEqual([
      [{ awaits: false, deadlineMs: 0 }],
      [
        { awaits: false, deadlineMs: 0 },
        { awaits: true, deadlineMs: 9 },
      ],
      [{ awaits: false, deadlineMs: 0 }],
    ]);
  });

  it('tells of a wait which hooks it is for and how many resources, for how long, but not which', () => {
    const deployments = ['d1', 'd2', 'd3', 'd4'].map((name, at) => apply('Deployment', name, { deadlineMs: at }));
    const steps = [...deployments, apply('ConfigMap', 'c')];
    const waiting: StoredPlan = {
      ...plan,
      phases: [
        {
          phase: 'Sync',
          waves: [
            {
              wave: 0,
              segments: [
                { kind: 'apply', groups: [steps] },
                { kind: 'hooks', steps: [hook] },
                { kind: 'await', steps: [...steps.map(({ id }) => id), hook.id] },
              ],
            },
          ],
        },
      ],
    };
    const [, , wait] = compactPlan(waiting, facts).phases[0]?.waves[0]?.segments ?? [];
    expect(wait).toEqual({
      kind: 'await',
      hooks: ['PreSync/migrate'],
      resources: 4,
      deadlineMs: 3,
      titles: ['Deployment/d1', 'Deployment/d2', 'Deployment/d3'],
    });
  });

  it('tells of a hook what its run needs', () => {
    expect(compact.phases[0]?.waves[0]?.segments).toEqual([
      {
        kind: 'hooks',
        hooks: [
          {
            id: 'PreSync/migrate',
            ref: { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name: 'migrate' },
            deadlineMs: 3_600_000,
            deletePolicies: ['BeforeHookCreation'],
            runsToCompletion: true,
            settlesAtOnce: false,
            guarantee: 'exactly-once',
          },
        ],
      },
    ]);
  });
});

describe('a stored plan', () => {
  it.each([
    ['PreSync', -1, false],
    ['Sync', 0, false],
    ['Sync', 5, true],
    ['SyncFail', 0, true],
  ] as const)('knows whether %s wave %i is its last: %s', (phase, wave, last) => {
    expect(isLastWave(plan, phase, wave)).toBe(last);
  });

  it('finds waves, hooks and apply steps', () => {
    expect(storedWave(plan, 'Sync', 5)?.segments).toHaveLength(1);
    expect(storedWave(plan, 'Sync', 1)).toBeUndefined();
    expect(hookStep(plan, 'PreSync/migrate')).toBe(hook);
    expect(hookStep(plan, 'Sync/none')).toBeUndefined();
    expect(applySteps(plan).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('whether an object of a kind may need time until it is healthy', () => {
  it.each([
    ['apps/v1', 'Deployment', true],
    ['example.com/v1', 'Widget', true],
    ['example.com/v1', 'ConfigMap', true],
    ['v1', 'ConfigMap', false],
    ['v1', 'Secret', false],
    ['rbac.authorization.k8s.io/v1', 'Role', false],
  ])('%s %s: %s', (apiVersion, kind, expected) => {
    expect(mayNeedTime({ apiVersion, kind }, hasHealthRule)).toBe(expected);
  });

  it('a ConfigMap may, where a check is configured for it', () => {
    expect(mayNeedTime({ apiVersion: 'v1', kind: 'ConfigMap' }, (_, kind) => kind === 'ConfigMap')).toBe(true);
  });
});
