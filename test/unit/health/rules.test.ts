import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEALTH_STATUSES } from '../../../core/health/health.ts';
import { hookVerdict } from '../../../core/health/hook-verdict.ts';
import { remedyFor } from '../../../core/health/remedy.ts';
import { hasHealthRule, healthOf } from '../../../core/health/rules.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { aCondition, aContainer, aDeployment, aJob, anObject, aPod } from './builders.ts';

const LEAVING = { deletionTimestamp: '2026-08-22T10:00:00Z' };
const HOOK_FINALIZER = { finalizers: ['argocd.argoproj.io/hook-finalizer'] };
const FAILED_JOB = { status: { conditions: [aCondition('Failed', 'True', { reason: 'BackoffLimitExceeded' })] } };

describe('healthOf', () => {
  it('calls an object that is being deleted Progressing before its rule is asked [argo 4.deleting]', () => {
    expect(healthOf(aDeployment({ metadata: LEAVING }))).toEqual({ status: 'Progressing', message: 'being deleted' });
  });

  it('calls an object without a rule that is being deleted Progressing, and names what it waits for', () => {
    const held = anObject('v1', 'ConfigMap', { metadata: { ...LEAVING, finalizers: ['example.io/backup'] } });
    expect(healthOf(held)?.message).toBe('being deleted, waiting for finalizers example.io/backup');
  });

  it("asks the rule of an object that Argo CD's hook finalizer holds for its verdict [argo 4.deleting]", () => {
    expect(healthOf(aJob({ ...FAILED_JOB, metadata: { ...LEAVING, ...HOOK_FINALIZER } }))?.status).toBe('Degraded');
  });

  it.each([
    ['v1', 'ConfigMap'],
    ['v1', 'Secret'],
    ['argoproj.io/v1alpha1', 'Application'],
    ['apps.example.io/v1', 'Deployment'],
    ['v1', 'constructor'],
  ])('has no rule for %s %s [argo 4.Application]', (apiVersion, kind) => {
    expect(hasHealthRule(apiVersion, kind)).toBe(false);
    expect(healthOf(anObject(apiVersion, kind))).toBeUndefined();
  });

  it.each([
    ['v1', 'Pod'],
    ['v1', 'Service'],
    ['v1', 'PersistentVolumeClaim'],
    ['v1', 'Namespace'],
    ['v1', 'ReplicationController'],
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['apps/v1', 'ReplicaSet'],
    ['batch/v1', 'Job'],
    ['batch/v1', 'CronJob'],
    ['networking.k8s.io/v1', 'Ingress'],
    ['autoscaling/v1', 'HorizontalPodAutoscaler'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ['apiregistration.k8s.io/v1', 'APIService'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ['policy/v1', 'PodDisruptionBudget'],
    ['argoproj.io/v1alpha1', 'Workflow'],
    ['argoproj.io/v1alpha1', 'Rollout'],
  ])('has a rule for %s %s, which has an answer even for an object without a status', (apiVersion, kind) => {
    expect(hasHealthRule(apiVersion, kind)).toBe(true);
    expect(healthOf({ apiVersion, kind, metadata: { name: 'bare', generation: 1 } })?.status).toBeDefined();
  });

  it('judges kinds of versions that are no longer served as Unknown, and a plan knows that they are judged [argo 4.old-versions]', () => {
    expect(hasHealthRule('apps/v1beta2', 'Deployment')).toBe(true);
    expect(healthOf(anObject('apps/v1beta2', 'Deployment'))?.status).toBe('Unknown');
  });

  it('answers anything that is JSON without an exception', () => {
    const kinds = fc.constantFrom(
      'apps/v1 Deployment',
      'batch/v1 Job',
      'v1 Pod',
      'autoscaling/v1 HorizontalPodAutoscaler',
      'argoproj.io/v1 Rollout',
      'x/v1 Y',
    );
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(kinds, json, json, json, (of, metadata, spec, status) => {
        const [apiVersion = '', kind = ''] = of.split(' ');
        const health = healthOf({ apiVersion, kind, metadata, spec, status });
        expect([undefined, ...HEALTH_STATUSES]).toContain(health?.status);
        expect(['running', 'succeeded', 'failed']).toContain(
          hookVerdict({ apiVersion, kind, metadata, spec, status }).kind,
        );
      }),
    );
  });
});

describe('health declared by conditions', () => {
  const custom = (status: JsonObject) => anObject('example.io/v1', 'Database', { metadata: { generation: 3 }, status });
  const of = (...conditions: readonly Json[]) => custom({ conditions });

  it.each([
    [
      'a stale observedGeneration is Progressing',
      custom({ observedGeneration: 2, conditions: [aCondition('Ready', 'True')] }),
      'Progressing',
    ],
    ['a stale observedGeneration counts without conditions', custom({ observedGeneration: 2 }), 'Progressing'],
    [
      'a current observedGeneration lets Ready decide',
      custom({ observedGeneration: 3, conditions: [aCondition('Ready', 'True')] }),
      'Healthy',
    ],
    [
      'a Ready that speaks of an older generation is Progressing',
      of(aCondition('Ready', 'True', { observedGeneration: 2 })),
      'Progressing',
    ],
    [
      'a Ready that speaks of the current generation decides',
      of(aCondition('Ready', 'True', { observedGeneration: 3 })),
      'Healthy',
    ],
    ['Available that is Unknown is Progressing', of(aCondition('Available', 'Unknown')), 'Progressing'],
    ['Ready is Healthy', of(aCondition('Ready', 'True')), 'Healthy'],
    ['not Ready is Progressing', of(aCondition('Ready', 'False')), 'Progressing'],
    ['Ready that is Unknown is Progressing', of(aCondition('Ready', 'Unknown')), 'Progressing'],
    [
      'Stalled is Degraded whatever Ready says',
      of(aCondition('Ready', 'True'), aCondition('Stalled', 'True')),
      'Degraded',
    ],
    [
      'Reconciling is Progressing whatever Ready says',
      of(aCondition('Ready', 'True'), aCondition('Reconciling', 'True')),
      'Progressing',
    ],
    [
      'Stalled counts before Reconciling',
      of(aCondition('Reconciling', 'True'), aCondition('Stalled', 'True')),
      'Degraded',
    ],
    [
      'Reconciling that is False says nothing',
      of(aCondition('Reconciling', 'False'), aCondition('Ready', 'True')),
      'Healthy',
    ],
    ['Failed is Degraded', of(aCondition('Failed', 'True')), 'Degraded'],
    ['Succeeded is Healthy', of(aCondition('Succeeded', 'True')), 'Healthy'],
    ['not Succeeded is Degraded', of(aCondition('Succeeded', 'False')), 'Degraded'],
    ['Succeeded that is Unknown is Progressing', of(aCondition('Succeeded', 'Unknown')), 'Progressing'],
    ['Available is Healthy', of(aCondition('Available', 'True')), 'Healthy'],
    ['not Available is Progressing', of(aCondition('Available', 'False')), 'Progressing'],
    ['Ready counts before Available', of(aCondition('Available', 'True'), aCondition('Ready', 'False')), 'Progressing'],
  ])('%s, where Argo CD has no rule [argo 4.no-rule]', (_name, object, status) => {
    expect(healthOf(object)?.status).toBe(status);
  });

  it('says nothing of conditions that are not known', () => {
    expect(healthOf(of(aCondition('Synced', 'False')))).toBeUndefined();
  });

  it('says why in the words of the condition', () => {
    expect(
      healthOf(of(aCondition('Ready', 'False', { reason: 'Creating', message: 'instance starts' })))?.message,
    ).toBe('Creating: instance starts');
  });
});

describe('hookVerdict [argo 2.3.hook-health]', () => {
  const suspendedJob = aJob({ spec: { suspend: true } });
  it.each([
    ['Healthy has succeeded', aPod({ status: { phase: 'Succeeded' } }), 'succeeded'],
    ['nothing to judge by has succeeded', anObject('v1', 'ConfigMap'), 'succeeded'],
    ['Degraded has failed', aJob(FAILED_JOB), 'failed'],
    ['Unknown has failed', aPod({ status: { phase: 'Unknown' } }), 'failed'],
    ['an API version that can not be judged has failed', anObject('apps/v1beta1', 'Deployment'), 'failed'],
    ['Progressing runs', aDeployment({ metadata: { generation: 2 } }), 'running'],
    ['Suspended runs', suspendedJob, 'running'],
    ['a paused Deployment runs', aDeployment({ spec: { paused: true } }), 'running'],
    [
      'a custom resource that is not Ready runs',
      anObject('example.io/v1', 'Backup', { status: { conditions: [aCondition('Ready', 'False')] } }),
      'running',
    ],
    ['an object that is being deleted runs', aDeployment({ metadata: LEAVING }), 'running'],
    ['a running Job that is being deleted runs', aJob({ metadata: LEAVING, status: { active: 1 } }), 'running'],
    [
      'differs from Argo CD: a Job that failed keeps its verdict while it is being deleted',
      aJob({ ...FAILED_JOB, metadata: LEAVING }),
      'failed',
    ],
    [
      'differs from Argo CD: a Pod that succeeded keeps its verdict while it is being deleted',
      aPod({ metadata: LEAVING, status: { phase: 'Succeeded' } }),
      'succeeded',
    ],
    [
      'a Workflow that failed has failed',
      anObject('argoproj.io/v1alpha1', 'Workflow', { status: { phase: 'Error' } }),
      'failed',
    ],
  ] as const)('%s', (_name, object, kind) => {
    expect(hookVerdict(object).kind).toBe(kind);
  });

  it('says that a running Job is being deleted', () => {
    expect(hookVerdict(aJob({ metadata: LEAVING })).message).toBe('being deleted');
  });

  it("passes on an Argo Workflow's phase and times", () => {
    const status = {
      phase: 'Failed',
      message: 'child failed',
      startedAt: '2026-08-22T10:00:00Z',
      finishedAt: '2026-08-22T10:05:00Z',
    };
    expect(hookVerdict(anObject('argoproj.io/v1alpha1', 'Workflow', { status }))).toEqual({
      kind: 'failed',
      reason: 'Failed',
      message: 'child failed',
      startedAt: '2026-08-22T10:00:00Z',
      finishedAt: '2026-08-22T10:05:00Z',
    });
  });

  it('passes on reason and times, of which a remedy is known', () => {
    const terminated = { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-08-22T10:05:00Z' };
    const verdict = hookVerdict(
      aPod({
        status: {
          phase: 'Failed',
          startTime: '2026-08-22T10:00:00Z',
          containerStatuses: [aContainer('migrate', { terminated })],
        },
      }),
    );
    expect(verdict).toMatchObject({
      reason: 'OOMKilled',
      startedAt: '2026-08-22T10:00:00Z',
      finishedAt: '2026-08-22T10:05:00Z',
    });
    expect(remedyFor({ reason: verdict.reason ?? '' })).toMatch(/^raise the container's resources.limits.memory/);
  });
});

describe('remedyFor', () => {
  it.each(['Unschedulable', 'ImagePullBackOff', 'ErrImagePull', 'CreateContainerConfigError'])(
    'tells of %s that the sync goes on by itself',
    (reason) => {
      expect(remedyFor({ reason })).toContain('the sync goes on by itself');
    },
  );

  it.each(['NobodyKnows', '', 'constructor'])('knows nothing against %j', (reason) => {
    expect(remedyFor({ reason })).toBeUndefined();
  });
});
