import { describe, expect, it } from 'vitest';
import type { HealthStatus } from '../../../core/health/health.ts';
import { healthOf } from '../../../core/health/rules.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { aCondition, anObject } from './builders.ts';

type Row = readonly [name: string, object: KubernetesObject, status: HealthStatus];

function follows(rows: readonly Row[]): void {
  it.each(rows)('%s', (_name, object, status) => {
    expect(healthOf(object)?.status).toBe(status);
  });
}

describe('PersistentVolumeClaim [argo 4.PersistentVolumeClaim]', () => {
  const claim = (phase?: string, annotations: JsonObject = {}) =>
    anObject('v1', 'PersistentVolumeClaim', {
      metadata: { annotations },
      status: phase === undefined ? {} : { phase },
    });
  follows([
    ['Bound is Healthy', claim('Bound'), 'Healthy'],
    ['Pending is Progressing', claim('Pending'), 'Progressing'],
    ['Lost is Degraded', claim('Lost'), 'Degraded'],
    ['anything else is Unknown', claim(), 'Unknown'],
  ]);

  const facts = { volumeBindingMode: 'WaitForFirstConsumer' };
  it('differs from Argo CD: a pending one whose class waits for its first consumer holds nothing up [argo 4.PersistentVolumeClaim]', () => {
    expect(healthOf(claim('Pending'), facts)).toEqual({
      status: 'Healthy',
      message: 'not bound: its storage class waits for the first pod that uses it',
    });
  });

  it.each([
    ['there is a consumer', claim('Pending', { 'volume.kubernetes.io/selected-node': 'n1' }), facts],
    ['its class binds at once', claim('Pending'), { volumeBindingMode: 'Immediate' }],
    ['nothing is known of its class', claim('Pending'), {}],
  ])('is waited for where %s', (_, object, known) => {
    expect(healthOf(object, known)).toMatchObject({ status: 'Progressing' });
  });

  it('says who makes the volume once that has been asked for', () => {
    const asked = claim('Pending', { 'volume.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com' });
    expect(healthOf(asked)?.message).toBe('waiting for ebs.csi.aws.com to make a volume');
  });
});

describe('Service and Ingress [argo 4.Service] [argo 4.Ingress]', () => {
  const address = { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } };
  follows([
    ['a Service of type ClusterIP is Healthy', anObject('v1', 'Service', { spec: { type: 'ClusterIP' } }), 'Healthy'],
    ['a Service without a type is Healthy', anObject('v1', 'Service'), 'Healthy'],
    [
      'a LoadBalancer without an address is Progressing',
      anObject('v1', 'Service', { spec: { type: 'LoadBalancer' } }),
      'Progressing',
    ],
    [
      'a LoadBalancer with an address is Healthy',
      anObject('v1', 'Service', { spec: { type: 'LoadBalancer' }, status: address }),
      'Healthy',
    ],
    ['an Ingress without an address is Progressing', anObject('networking.k8s.io/v1', 'Ingress'), 'Progressing'],
    [
      'an Ingress with an address is Healthy',
      anObject('networking.k8s.io/v1', 'Ingress', { status: address }),
      'Healthy',
    ],
    [
      'an Ingress of the group extensions is judged too',
      anObject('extensions/v1beta1', 'Ingress', { status: address }),
      'Healthy',
    ],
  ]);
});

describe('HorizontalPodAutoscaler [argo 4.HorizontalPodAutoscaler]', () => {
  const v2 = (...conditions: readonly Json[]) =>
    anObject('autoscaling/v2', 'HorizontalPodAutoscaler', { status: { conditions } });
  const v1 = (annotation?: string) =>
    anObject('autoscaling/v1', 'HorizontalPodAutoscaler', {
      metadata: {
        annotations: annotation === undefined ? {} : { 'autoscaling.alpha.kubernetes.io/conditions': annotation },
      },
    });
  const able = aCondition('AbleToScale', 'True', { reason: 'ReadyForNewScale' });
  follows([
    ['without conditions is Progressing', v2(), 'Progressing'],
    ['able to scale is Healthy', v2(able), 'Healthy'],
    ['limited is Healthy', v2(aCondition('ScalingLimited', 'True', { reason: 'TooFewReplicas' })), 'Healthy'],
    ['not limited alone is Progressing', v2(aCondition('ScalingLimited', 'False')), 'Progressing'],
    [
      'a failure counts before being able to scale',
      v2(able, aCondition('ScalingActive', 'False', { reason: 'FailedGetResourceMetric' })),
      'Degraded',
    ],
    [
      'a failure reason of another condition does not count',
      v2(able, aCondition('ScalingLimited', 'False', { reason: 'FailedGetResourceMetric' })),
      'Healthy',
    ],
    ['v1 without the annotation is Progressing', v1(), 'Progressing'],
    ['v1 with an empty list is Progressing', v1('[]'), 'Progressing'],
    ['v1 that is able to scale is Healthy', v1(JSON.stringify([able])), 'Healthy'],
    [
      'v1 that can not read its metrics is Degraded',
      v1(JSON.stringify([aCondition('ScalingActive', 'False', { reason: 'FailedGetPodsMetric' })])),
      'Degraded',
    ],
    ['v1 with an unreadable annotation is Unknown', v1('{'), 'Unknown'],
    ['v1 with an annotation that is no list is Unknown', v1('{}'), 'Unknown'],
    [
      'a version that we do not know is Unknown',
      anObject('autoscaling/v3', 'HorizontalPodAutoscaler', { status: { conditions: [able] } }),
      'Unknown',
    ],
  ]);

  it.each([
    ['AbleToScale', 'FailedGetScale'],
    ['AbleToScale', 'FailedUpdateScale'],
    ['ScalingActive', 'FailedGetResourceMetric'],
    ['ScalingActive', 'FailedGetObjectMetric'],
    ['ScalingActive', 'FailedGetPodsMetric'],
    ['ScalingActive', 'FailedGetExternalMetric'],
    ['ScalingActive', 'FailedComputeMetricsReplicas'],
    ['ScalingActive', 'InvalidSelector'],
  ])('%s with reason %s is Degraded', (type, reason) => {
    expect(healthOf(v2(aCondition(type, 'False', { reason, message: 'no metrics' })))).toEqual({
      status: 'Degraded',
      message: `${reason}: no metrics`,
    });
  });
});

describe('APIService [argo 4.APIService]', () => {
  const api = (...conditions: readonly Json[]) =>
    anObject('apiregistration.k8s.io/v1', 'APIService', { status: { conditions } });
  follows([
    ['Available is Healthy', api(aCondition('Available', 'True')), 'Healthy'],
    [
      'not Available is Progressing',
      api(aCondition('Available', 'False', { reason: 'MissingEndpoints' })),
      'Progressing',
    ],
    ['without conditions is Progressing', api(), 'Progressing'],
  ]);
});

describe('CustomResourceDefinition [argo 4.CustomResourceDefinition]', () => {
  const crd = (...conditions: readonly Json[]) =>
    anObject('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions } });
  const accepted = aCondition('NamesAccepted', 'True', { reason: 'NoConflicts' });
  const established = aCondition('Established', 'True', { reason: 'InitialNamesAccepted' });
  const installing = aCondition('Established', 'False', { reason: 'Installing' });
  follows([
    ['terminating is Progressing', crd(accepted, established, aCondition('Terminating', 'True')), 'Progressing'],
    [
      'names not accepted is Degraded',
      crd(aCondition('NamesAccepted', 'False', { reason: 'ListKindConflict' }), installing),
      'Degraded',
    ],
    [
      'a schema that is not structural is Degraded',
      crd(accepted, established, aCondition('NonStructuralSchema', 'True')),
      'Degraded',
    ],
    ['established is Healthy', crd(accepted, established), 'Healthy'],
    ['installing is Progressing', crd(accepted, installing), 'Progressing'],
    [
      'not established for another reason is Degraded',
      crd(accepted, aCondition('Established', 'False', { reason: 'NotAccepted' })),
      'Degraded',
    ],
    ['without conditions is Progressing', crd(), 'Progressing'],
    [
      'differs from Argo CD: conditions without Established are Progressing, not Degraded',
      crd(aCondition('KubernetesAPIApprovalPolicyConformant', 'True')),
      'Progressing',
    ],
  ]);
});

describe('PodDisruptionBudget [argo 4.PodDisruptionBudget]', () => {
  const budget = (status: JsonObject) =>
    anObject('policy/v1', 'PodDisruptionBudget', { metadata: { generation: 2 }, status });
  const allowed = aCondition('DisruptionAllowed', 'True', { reason: 'SufficientPods' });
  follows([
    ['without conditions is Progressing', budget({}), 'Progressing'],
    ['enough pods is Healthy', budget({ observedGeneration: 2, conditions: [allowed] }), 'Healthy'],
    [
      'too few pods is Healthy',
      budget({ conditions: [aCondition('DisruptionAllowed', 'False', { reason: 'InsufficientPods' })] }),
      'Healthy',
    ],
    [
      'another False condition is Degraded',
      budget({ conditions: [aCondition('DisruptionAllowed', 'False', { reason: 'SyncFailed' })] }),
      'Degraded',
    ],
    [
      'differs from Argo CD: a status of the older spec is Progressing',
      budget({ observedGeneration: 1, conditions: [allowed] }),
      'Progressing',
    ],
  ]);
});

describe('Namespace', () => {
  follows([
    ['Active is Healthy', anObject('v1', 'Namespace', { status: { phase: 'Active' } }), 'Healthy'],
    [
      'Terminating is Progressing, where Argo CD has no rule',
      anObject('v1', 'Namespace', { status: { phase: 'Terminating' } }),
      'Progressing',
    ],
  ]);
});

describe('Argo Workflow [argo 4.Workflow]', () => {
  const workflow = (phase?: string) =>
    anObject('argoproj.io/v1alpha1', 'Workflow', { status: phase === undefined ? {} : { phase } });
  follows([
    ['without a phase is Progressing', workflow(), 'Progressing'],
    ['Pending is Progressing', workflow('Pending'), 'Progressing'],
    ['Running is Progressing', workflow('Running'), 'Progressing'],
    ['Succeeded is Healthy', workflow('Succeeded'), 'Healthy'],
    ['Failed is Degraded', workflow('Failed'), 'Degraded'],
    ['Error is Degraded', workflow('Error'), 'Degraded'],
    ['anything else is Unknown', workflow('Confused'), 'Unknown'],
  ]);
});

describe('Argo Rollout', () => {
  const rollout = (status: JsonObject, spec: JsonObject = {}, annotations: JsonObject = {}) =>
    anObject('argoproj.io/v1alpha1', 'Rollout', {
      metadata: { generation: 2, annotations },
      spec: { replicas: 2, ...spec },
      status: { observedGeneration: '2', ...status },
    });
  const counts = { currentPodHash: 'new', replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  const canary = { strategy: { canary: {} } };
  const blueGreen = { strategy: { blueGreen: {} } };
  const workload = { workloadRef: { kind: 'Deployment', name: 'web' } };
  const generation = { 'rollout.argoproj.io/workload-generation': '5' };
  follows([
    [
      'without a status is Progressing',
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { name: 'web', generation: 1 } },
      'Progressing',
    ],
    [
      'an unseen generation is Progressing whatever the phase says',
      rollout({ observedGeneration: '1', phase: 'Healthy' }),
      'Progressing',
    ],
    [
      'the hash that was the observed generation before v0.10 is not compared',
      rollout({ observedGeneration: '7d4c8b9f6', phase: 'Healthy' }),
      'Healthy',
    ],
    [
      'an unseen generation of its workload is Progressing',
      rollout({ phase: 'Healthy', workloadObservedGeneration: '4' }, workload, generation),
      'Progressing',
    ],
    [
      'a seen generation of its workload lets the phase decide',
      rollout({ phase: 'Healthy', workloadObservedGeneration: '5' }, workload, generation),
      'Healthy',
    ],
    [
      'an unseen generation that is a number is Progressing',
      rollout({ observedGeneration: 1, phase: 'Healthy' }),
      'Progressing',
    ],
    ['an empty observed generation is not compared', rollout({ observedGeneration: '', phase: 'Healthy' }), 'Healthy'],
    [
      'without a phase, progress for another reason is not Degraded',
      rollout(
        {
          ...counts,
          stableRS: 'new',
          conditions: [aCondition('Progressing', 'True', { reason: 'ReplicaSetUpdated' })],
        },
        canary,
      ),
      'Healthy',
    ],
    [
      'without a phase, one replica is wanted where the spec does not say',
      rollout({ currentPodHash: 'new' }, { replicas: null }),
      'Progressing',
    ],
    ['the phase Paused is Suspended', rollout({ phase: 'Paused' }), 'Suspended'],
    ['the phase Degraded is Degraded', rollout({ phase: 'Degraded', message: 'aborted' }), 'Degraded'],
    ['the phase Progressing is Progressing', rollout({ phase: 'Progressing' }), 'Progressing'],
    ['a phase that we do not know is Unknown', rollout({ phase: 'Dancing' }), 'Unknown'],
    [
      'without a phase, an invalid spec is Degraded',
      rollout({ ...counts, conditions: [aCondition('InvalidSpec', 'True')] }),
      'Degraded',
    ],
    [
      'without a phase, an aborted one is Degraded',
      rollout({ ...counts, conditions: [aCondition('Progressing', 'False', { reason: 'RolloutAborted' })] }),
      'Degraded',
    ],
    [
      'without a phase, one past its deadline is Degraded',
      rollout({ ...counts, conditions: [aCondition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })] }),
      'Degraded',
    ],
    [
      'without a phase, a pause condition is Suspended',
      rollout({ ...counts, pauseConditions: [{ reason: 'CanaryPauseStep' }] }),
      'Suspended',
    ],
    ['without a phase, one paused by its spec is Suspended', rollout(counts, { paused: true }), 'Suspended'],
    [
      'without a phase, fewer updated is Progressing',
      rollout({ ...counts, updatedReplicas: 1 }, canary),
      'Progressing',
    ],
    [
      'without a phase, fewer available is Progressing',
      rollout({ ...counts, availableReplicas: 1 }, canary),
      'Progressing',
    ],
    [
      'without a phase, old replicas of a canary are Progressing',
      rollout({ ...counts, replicas: 3, stableRS: 'new' }, canary),
      'Progressing',
    ],
    [
      'without a phase, a canary with steps to go is Progressing',
      rollout({ ...counts, stableRS: 'old' }, canary),
      'Progressing',
    ],
    [
      'without a phase, a canary that is through is Healthy',
      rollout({ ...counts, stableRS: 'new' }, canary),
      'Healthy',
    ],
    [
      'without a phase, blue-green before the cut-over is Progressing',
      rollout({ ...counts, blueGreen: { activeSelector: 'old' } }, blueGreen),
      'Progressing',
    ],
    [
      'without a phase, blue-green under analysis is Progressing',
      rollout({ ...counts, stableRS: 'old', blueGreen: { activeSelector: 'new' } }, blueGreen),
      'Progressing',
    ],
    [
      'without a phase, blue-green after the cut-over is Healthy',
      rollout({ ...counts, stableRS: 'new', blueGreen: { activeSelector: 'new' } }, blueGreen),
      'Healthy',
    ],
    ['without a phase and a pod hash it is Progressing', rollout({}, canary), 'Progressing'],
  ]);
});
