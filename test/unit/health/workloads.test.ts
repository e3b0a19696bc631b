import { describe, expect, it } from 'vitest';
import type { Health } from '../../../core/health/health.ts';
import { healthOf } from '../../../core/health/rules.ts';
import type { KubernetesObject } from '../../../core/objects.ts';
import { aCondition, aDaemonSet, aDeployment, anObject, aReplicaSet, aStatefulSet } from './builders.ts';

type Row = readonly [name: string, object: KubernetesObject, status: Health['status'], message: string | RegExp];

function follows(rows: readonly Row[]): void {
  it.each(rows)('%s', (_name, object, status, message) => {
    const health = healthOf(object);
    expect(health?.status).toBe(status);
    expect(health?.message).toMatch(message);
  });
}

const UNSEEN = 'waiting for the new spec to be observed';

describe('Deployment [argo 4.Deployment]', () => {
  follows([
    ['a paused one is Suspended', aDeployment({ spec: { paused: true } }), 'Suspended', 'paused'],
    ['one that was just created is Progressing', anObject('apps/v1', 'Deployment'), 'Progressing', UNSEEN],
    [
      'a generation above the observed one is Progressing',
      aDeployment({ metadata: { generation: 2 } }),
      'Progressing',
      UNSEEN,
    ],
    [
      'a stale ProgressDeadlineExceeded of an older generation is not believed',
      aDeployment({
        metadata: { generation: 2 },
        status: { conditions: [aCondition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })] },
      }),
      'Progressing',
      UNSEEN,
    ],
    [
      'ProgressDeadlineExceeded is Degraded although replicas are missing',
      aDeployment({
        status: {
          updatedReplicas: 1,
          conditions: [
            aCondition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded', message: 'timed out' }),
          ],
        },
      }),
      'Degraded',
      'progress deadline exceeded: timed out',
    ],
    [
      'fewer updated than wanted is Progressing',
      aDeployment({ status: { updatedReplicas: 1 } }),
      'Progressing',
      /^1 of 3 replicas updated$/,
    ],
    [
      'more replicas than updated is Progressing',
      aDeployment({ status: { replicas: 5 } }),
      'Progressing',
      /^2 old replicas still to end$/,
    ],
    [
      'fewer available than updated is Progressing',
      aDeployment({ status: { availableReplicas: 1 } }),
      'Progressing',
      /^1 of 3 replicas available$/,
    ],
    ['all updated and available is Healthy', aDeployment(), 'Healthy', /^3 of 3 replicas available$/],
    [
      'one scaled to nothing is Healthy',
      anObject('apps/v1', 'Deployment', { spec: { replicas: 0 }, status: { observedGeneration: 1 } }),
      'Healthy',
      /^0 of 0 replicas available$/,
    ],
    [
      'one replica is wanted where the spec does not say',
      anObject('apps/v1', 'Deployment', { status: { observedGeneration: 1 } }),
      'Progressing',
      /^0 of 1 replicas updated$/,
    ],
    [
      'an API version that is no longer served is Unknown',
      anObject('extensions/v1beta1', 'Deployment'),
      'Unknown',
      /extensions\/v1beta1 Deployment can't be judged/,
    ],
  ]);
});

describe('StatefulSet [argo 4.StatefulSet]', () => {
  const strategy = (updateStrategy: { type: string; rollingUpdate?: { partition?: number } }) => ({
    replicas: 3,
    updateStrategy,
  });
  const rolling = { currentRevision: 'web-1', updateRevision: 'web-2', updatedReplicas: 1 };
  follows([
    [
      'one that was never observed is Progressing',
      anObject('apps/v1', 'StatefulSet', { metadata: { generation: 0 } }),
      'Progressing',
      UNSEEN,
    ],
    [
      'a generation above the observed one is Progressing',
      aStatefulSet({ metadata: { generation: 2 } }),
      'Progressing',
      UNSEEN,
    ],
    [
      'fewer ready than wanted is Progressing',
      aStatefulSet({ status: { readyReplicas: 2 } }),
      'Progressing',
      /^2 of 3 replicas ready$/,
    ],
    [
      'a rolling update that has not reached its partition is Progressing',
      aStatefulSet({ spec: strategy({ type: 'RollingUpdate', rollingUpdate: { partition: 1 } }), status: rolling }),
      'Progressing',
      /^1 of 2 replicas updated$/,
    ],
    [
      'a rolling update that has reached its partition is Healthy',
      aStatefulSet({ spec: strategy({ type: 'RollingUpdate', rollingUpdate: { partition: 2 } }), status: rolling }),
      'Healthy',
      /^3 of 3 replicas ready$/,
    ],
    [
      'one that updates on delete is Healthy whatever its revisions',
      aStatefulSet({ spec: strategy({ type: 'OnDelete' }), status: rolling }),
      'Healthy',
      '',
    ],
    [
      'one that updates on delete is Healthy although a rollingUpdate block is left over',
      aStatefulSet({ spec: strategy({ type: 'OnDelete', rollingUpdate: { partition: 0 } }), status: rolling }),
      'Healthy',
      '',
    ],
    [
      'one replica is wanted where the spec does not say',
      anObject('apps/v1', 'StatefulSet', { status: { observedGeneration: 1 } }),
      'Progressing',
      /^0 of 1 replicas ready$/,
    ],
    [
      'without a rollingUpdate block, two revisions are Progressing',
      aStatefulSet({ spec: strategy({ type: 'RollingUpdate' }), status: rolling }),
      'Progressing',
      /^1 of 3 replicas updated$/,
    ],
    [
      'without a rollingUpdate block, one revision is Healthy',
      aStatefulSet({ spec: strategy({ type: 'RollingUpdate' }) }),
      'Healthy',
      '',
    ],
  ]);
});

describe('DaemonSet [argo 4.DaemonSet]', () => {
  follows([
    [
      'a generation above the observed one is Progressing',
      aDaemonSet({ metadata: { generation: 2 } }),
      'Progressing',
      UNSEEN,
    ],
    [
      'one that updates on delete is Healthy before its pods are updated',
      aDaemonSet({ spec: { updateStrategy: { type: 'OnDelete' } }, status: { updatedNumberScheduled: 1 } }),
      'Healthy',
      /^1 of 3 pods updated/,
    ],
    [
      'fewer updated than scheduled is Progressing',
      aDaemonSet({ status: { updatedNumberScheduled: 1 } }),
      'Progressing',
      /^1 of 3 pods updated$/,
    ],
    [
      'fewer available than scheduled is Progressing',
      aDaemonSet({ status: { numberAvailable: 2 } }),
      'Progressing',
      /^2 of 3 pods available$/,
    ],
    ['all available is Healthy', aDaemonSet(), 'Healthy', /^3 of 3 pods available$/],
    [
      'one that no node takes is Healthy',
      anObject('apps/v1', 'DaemonSet', { status: { observedGeneration: 1 } }),
      'Healthy',
      /^0 of 0/,
    ],
  ]);
});

describe('ReplicaSet [argo 4.ReplicaSet]', () => {
  const failure = aCondition('ReplicaFailure', 'True', { reason: 'FailedCreate', message: 'exceeded quota' });
  follows([
    [
      'a generation above the observed one is Progressing',
      aReplicaSet({ metadata: { generation: 2 } }),
      'Progressing',
      UNSEEN,
    ],
    [
      'ReplicaFailure is Degraded',
      aReplicaSet({ status: { conditions: [failure] } }),
      'Degraded',
      /^FailedCreate: exceeded quota$/,
    ],
    [
      'ReplicaFailure that is False is nothing',
      aReplicaSet({ status: { conditions: [aCondition('ReplicaFailure', 'False')] } }),
      'Healthy',
      '',
    ],
    [
      'fewer available than wanted is Progressing',
      aReplicaSet({ status: { availableReplicas: 0 } }),
      'Progressing',
      /^0 of 3 replicas available$/,
    ],
    ['all available is Healthy', aReplicaSet(), 'Healthy', /^3 of 3 replicas available$/],
    [
      'a ReplicationController is judged the same way, where Argo CD has no rule',
      anObject('v1', 'ReplicationController', {
        spec: { replicas: 2 },
        status: { observedGeneration: 1, availableReplicas: 1 },
      }),
      'Progressing',
      /^1 of 2 replicas available$/,
    ],
  ]);
});

describe('a roll-out as it happens', () => {
  it('goes from Progressing to Healthy once, without a flash of Healthy before the controller has looked', () => {
    const seen = [
      aDeployment({ metadata: { generation: 2 } }),
      aDeployment({ metadata: { generation: 2 }, status: { observedGeneration: 2, updatedReplicas: 0, replicas: 3 } }),
      aDeployment({ metadata: { generation: 2 }, status: { observedGeneration: 2, updatedReplicas: 1, replicas: 4 } }),
      aDeployment({ metadata: { generation: 2 }, status: { observedGeneration: 2, updatedReplicas: 3, replicas: 4 } }),
      aDeployment({ metadata: { generation: 2 }, status: { observedGeneration: 2, availableReplicas: 2 } }),
      aDeployment({ metadata: { generation: 2 }, status: { observedGeneration: 2 } }),
    ];
    expect(seen.map((object) => healthOf(object)?.status)).toEqual([
      'Progressing',
      'Progressing',
      'Progressing',
      'Progressing',
      'Progressing',
      'Healthy',
    ]);
  });
});
